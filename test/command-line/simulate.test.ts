/** `warden simulate` as a user types it: one process that says what it found, and ends. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ledgerOf, writeLedger } from "@warden/worlds/ledger";
import { virtualWorld } from "@warden/worlds/virtual";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodesInService } from "./support/fleet.ts";
import { awsJudge, judgedBy } from "./support/judges.ts";
import { run } from "./support/run.ts";
import { startWorld, type World } from "./support/world.ts";

const warden = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "test-simulate-"));
});
afterAll(() => rm(folder, { recursive: true }));

const environment = { PATH: process.env["PATH"] ?? "" };
const simulate = (...words: string[]) =>
  run(process.execPath, [warden, "simulate", ...words], { environment, directory: folder });

/** Of the process, from its last word to its end. */
async function lingersFor(words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [warden, "simulate", ...words], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let spokeAt = Number.NaN;
  child.stdout.on("data", () => {
    spokeAt = Date.now();
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect(status).toBe(0);
  return Date.now() - spokeAt;
}

describe("warden simulate", () => {
  it("ends when it has said what it found, though functions died in the middle of their work", async () => {
    const { stdout } = await simulate("default", "--seed", "77", "--json");
    const { functions } = JSON.parse(stdout);
    expect(functions.byName["reconcile-normal"].crashes).toBeGreaterThan(0);
    expect(await lingersFor(["default", "--seed", "77"])).toBeLessThan(3000);
  });

  it("finds the same in every process, on one thread or two", async () => {
    const [first, again, spread] = await Promise.all([
      simulate("default", "--seed", "5", "--runs", "2", "--json", "--workers", "1"),
      simulate("default", "--seed", "5", "--runs", "2", "--json", "--workers", "1"),
      simulate("default", "--seed", "5", "--runs", "2", "--json", "--workers", "2"),
    ]);
    expect(JSON.parse(first.stdout)).toMatchObject({ ok: true, runs: 2, seed: 5 });
    expect(again.stdout).toBe(first.stdout);
    expect(spread.stdout).toBe(first.stdout);
  });

  it("writes a page that needs nothing from anywhere", async () => {
    const { status, stderr } = await simulate("default", "--seed", "5", "--html", "report.html");
    expect(status, stderr).toBe(0);
    const page = await readFile(join(folder, "report.html"), "utf8");
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page).not.toMatch(/https?:/);
  });

  it("exits with 1, the seed and the command that shows it again, when a rule is broken", async () => {
    await writeFile(
      join(folder, "too-much.yaml"),
      "name: too-much\nfor: 20m\nfleet: { min: 2, max: 4, desired: 2 }\ntimeline:\n  - { at: 1m, scale: 4 }\nexpect:\n  - { by: 2m, inService: 4 }\n",
    );
    const { status, stdout } = await simulate("too-much.yaml", "--seed", "9");
    expect(status).toBe(1);
    expect(stdout).toMatch(/npx warden simulate too-much\.yaml --seed 9/);
  });

  it("names the path, what was found and what is allowed in a scenario that it cannot read", async () => {
    await writeFile(join(folder, "wrong.yaml"), "name: wrong\nfor: 20m\nfleet: { min: many }\n");
    const { status, stderr } = await simulate("wrong.yaml");
    expect(status).toBe(2);
    expect(stderr).toContain("fleet.min");
    expect(stderr).toContain("many");
  });
});

judgedBy(awsJudge, "warden ledger", () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await nodesInService(world, 2);
  });
  afterAll(() => world?.stop());

  it("writes what simulate reads: with the site's own policy nothing would have been otherwise", async () => {
    const { status, stdout, stderr } = await world.warden("ledger");
    expect(status, stderr).toBe(0);
    await writeFile(join(folder, "now.jsonl"), stdout);
    await writeFile(join(folder, "same.yaml"), "breakerThreshold: 5\n");
    const simulated = await simulate("--from-ledger", "now.jsonl", "--policy", "same.yaml");
    expect(simulated.status, simulated.stderr).toBe(0);
    expect(simulated.stdout).toContain("decisions about 2 nodes");
    expect(simulated.stdout).toContain("No decision would have been another.");
    expect(simulated.stdout).not.toContain("SIMULATED");
  });
});

describe("warden simulate --from-ledger", () => {
  // In virtual time: machines take as long as on AWS, and always the same.
  beforeAll(async () => {
    const world = await virtualWorld({ desired: 2, timing: "aws", fleet: { min: 1 } });
    await world.clock.advance(5 * 60_000);
    const [site] = await world.deps.settings.sites();
    if (site === undefined) throw new Error("there is no site");
    const entries = await ledgerOf(site, world.deps.ports.store);
    world.stop();
    await writeFile(join(folder, "night.jsonl"), writeLedger(site, entries));
    await writeFile(join(folder, "hasty.yaml"), "launchBudget: 1s\n");
  });

  it("shows each difference, and labels what it simulates from there", async () => {
    const { status, stdout } = await simulate("--from-ledger", "night.jsonl", "--policy", "hasty.yaml");
    expect(status).toBe(0);
    expect(stdout).toContain("launchBudget 1 s instead of 15 min");
    expect(stdout.match(/^ {2}would {4}released: ABANDON/gm)).toHaveLength(2);
    expect(stdout).toContain("SIMULATED, not what happened");
    expect(stdout).toMatch(/^rules broken +0 +\d/m);
  });

  it("says the same in JSON", async () => {
    const { stdout } = await simulate("--from-ledger", "night.jsonl", "--policy", "hasty.yaml", "--json");
    const said = JSON.parse(stdout);
    expect(said).toMatchObject({ v: 1, site: "moodle", nodes: 2, drifted: [] });
    expect(said.differences).toHaveLength(2);
    expect(said.simulated.own.runs).toBe(said.simulated.runs);
  });

  it.each([
    [["--from-ledger", "nowhere.jsonl"], "There is no file nowhere.jsonl"],
    [["--from-ledger", "wrong.yaml"], "Line 1 of wrong.yaml is name: wrong; allowed: the line of a site"],
    [["--from-ledger", "night.jsonl", "--policy", "bad.yaml"], "did you mean drainBudget?"],
    [["--policy", "bad.yaml"], "--policy says nothing without a ledger"],
  ])("refuses %j with one sentence", async (words, sentence) => {
    await writeFile(join(folder, "wrong.yaml"), "name: wrong\n");
    await writeFile(join(folder, "bad.yaml"), "drainBudgt: 5m\n");
    const { status, stderr } = await simulate(...words);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
  });
});
