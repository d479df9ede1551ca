/** The same calls, through the JavaScript SDK, to moto and to the local world: do both answer with the same members? */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { deviationsOf } from "./moto/deviations.ts";
import { shapeOf } from "./moto/shape.ts";
import { clientsAt, Found } from "./moto/step.ts";
import { steps } from "./moto/steps.ts";
import { eventually } from "./support/eventually.ts";
import { judgedBy, moto } from "./support/judges.ts";
import { freePort, startWorld, type World } from "./support/world.ts";

judgedBy(moto, `the same answers as ${moto.name}`, () => {
  let world: World;
  let server: ChildProcess;
  const outcomes = new Map<string, { readonly theirs: string[]; readonly ours: string[] }>();

  beforeAll(async () => {
    vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    const port = await freePort();
    server = spawn(moto.program, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    world = await startWorld({ flags: ["--desired", "0"] });
    const endpoint = `http://127.0.0.1:${port}`;
    await eventually("moto answers", 60_000, async () => (await fetch(endpoint)).status > 0);
    const [theirs, ours] = await Promise.all([answersOf(endpoint), answersOf(world.endpoint)]);
    for (const { name } of steps) outcomes.set(name, { theirs: theirs.get(name) ?? [], ours: ours.get(name) ?? [] });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    server?.kill();
    await world?.stop();
  });

  it.each(steps.map(({ name }) => name))("%s", (name) => {
    const { theirs, ours } = outcomes.get(name) ?? { theirs: [], ours: [] };
    const known = deviationsOf(name);
    const differences = [
      ...theirs.filter((line) => !ours.includes(line)).map((line) => `only theirs  ${line}`),
      ...ours.filter((line) => !theirs.includes(line)).map((line) => `only ours  ${line}`),
    ];
    expect(differences.filter((line) => !known.some(({ difference }) => difference.test(line)))).toEqual([]);
    const gone = known.filter(({ difference }) => !differences.some((line) => difference.test(line)));
    expect(
      gone.map(({ why }) => why),
      "deviations that are none any more",
    ).toEqual([]);
  });
});

/** What each step answered: its members, or the name of its error. */
async function answersOf(endpoint: string): Promise<Map<string, string[]>> {
  const [clients, found] = [clientsAt(endpoint), new Found()];
  const answers = new Map<string, string[]>();
  for (const { name, run } of steps) {
    const answer = await run(clients, found).then(shapeOf, (error: unknown) => [
      `error ${error instanceof Error ? error.name : String(error)}`,
    ]);
    answers.set(name, [...new Set(answer)]);
    // AWS gives some calls a small bucket, which a sequence of them must respect.
    await sleep(20);
  }
  return answers;
}
