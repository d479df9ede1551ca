/** The functions are child processes here, and one key kills each that turns to it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { clientConfig } from "@warden/aws-local";
import { connect } from "@warden/worlds/connect";
import { startLocal } from "@warden/worlds/local";
import { expect, it } from "vitest";
import { desire, inService, phaseOf, seconds, states } from "./site.ts";

it("brings four nodes in at most 60 s later beside one that kills every process that looks at it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "warden-poison-"));
  const file = join(folder, "key");
  writeFileSync(file, "");
  const printed: string[] = [];
  const world = await startLocal(
    {
      port: 0,
      desired: 0,
      speed: 1,
      timing: "quick",
      fleet: { min: 0 },
      functionModule: `${new URL("./poison.mjs", import.meta.url).href}?file=${encodeURIComponent(pathToFileURL(file).href)}`,
      log: (_, line) => printed.push(line),
    },
    () => {},
  );
  try {
    const watched = await connect({
      stage: world.deployment.stage,
      client: clientConfig(world.aws.router),
      log: { info() {}, warn() {}, error() {} },
      now: Date.now,
      id: () => "test",
    });
    const askedFirst = Date.now();
    await desire(watched, 4);
    await eventually(async () => (await inService(watched)).length === 4);
    const normal = Date.now() - askedFirst;
    const first = new Set(await inService(watched));

    const asked = Date.now();
    await desire(watched, 9);
    const isNew = (instance: string): boolean => !first.has(instance);
    const arriving = async (): Promise<string[]> => [...(await states(watched)).keys()].filter(isNew);
    await eventually(async () => (await arriving()).length > 0);
    const [poison = ""] = await arriving();
    writeFileSync(file, poison);

    await eventually(async () => (await inService(watched)).filter((each) => each !== poison).length === 8);
    const took = Date.now() - asked;
    const deaths = printed.filter((line) => /signal: killed/.test(line)).length;
    console.log(`the four others join in ${took / 1000} s rather than ${normal / 1000} s; ${deaths} processes died`);
    expect(deaths).toBeGreaterThan(0);
    expect(took).toBeLessThan(normal + seconds(60));
    expect(await phaseOf(watched, poison)).toBe("unknown");
    expect(world.defects).toEqual([]);
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true });
  }
}, 150_000);

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + seconds(90);
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error("not done after 90 s");
    await sleep(400);
  }
}
