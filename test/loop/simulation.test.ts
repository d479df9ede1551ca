/** A simulation can be trusted: the seed alone decides, rules hold under faults, and what is wrong is told and replayed. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtinNames, builtinScenario, type Fact, readScenario, type Scenario } from "@warden/simulator";
import { type Simulated, type SimulateOptions, simulate } from "@warden/worlds/simulate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { warden } from "../../packages/cli/src/run.ts";

const today = Date.UTC(2026, 10, 21);

function tried(scenario: Scenario, options: Partial<SimulateOptions> = {}): Promise<Simulated> {
  const usual = { source: scenario.name, seed: 1, runs: 1, transport: "typed", now: today, shrink: false } as const;
  return simulate({ scenario, ...usual, ...options });
}

function builtin(name: string): Scenario {
  const scenario = builtinScenario(name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return scenario;
}

const factsOf = ({ sample }: Simulated): readonly Fact[] => sample?.facts ?? [];

describe("the seed", () => {
  it("decides everything: same seed, same run; another seed, another run", async () => {
    const first = await tried(builtin("default"));
    const again = await tried(builtin("default"));
    const other = await tried(builtin("default"), { seed: 2 });
    expect(factsOf(first).length).toBeGreaterThan(500);
    expect(factsOf(again)).toEqual(factsOf(first));
    expect(again.report).toEqual(first.report);
    expect(factsOf(other)).not.toEqual(factsOf(first));
  });
});

describe("the wire", () => {
  it("ends as the typed path does, with the SDK's own bytes", async () => {
    const scenario = builtin("default");
    const typed = [await tried(scenario, { seed: 5 }), await tried(scenario, { seed: 6 })];
    const wire = [
      await tried(scenario, { seed: 5, transport: "wire" }),
      await tried(scenario, { seed: 6, transport: "wire" }),
    ];
    for (const { report } of wire) expect(report.violations).toEqual([]);
    expect(kindsIn(wire)).toEqual(kindsIn(typed));
  });
});

/** What kinds of things happened, without who and when. */
function kindsIn(simulated: readonly Simulated[]): string[] {
  const kinds = simulated.flatMap(factsOf).flatMap((fact): string[] => {
    switch (fact.kind) {
      case "answer":
        return fact.accepted ? [`answered ${fact.hook} ${fact.result}`] : [];
      case "action-ended":
        return [`ended ${fact.action.hook} by ${fact.by}`];
      case "taken":
        return [`taken by ${fact.by}: ${fact.how}`];
      default:
        return [fact.kind];
    }
  });
  return [...new Set(kinds)].sort();
}

describe("without violation", () => {
  it("default, from several seeds", async () => {
    const { report } = await tried(builtin("default"), { seed: 11, runs: 4 });
    expect(report.violations).toEqual([]);
    expect(report).toMatchObject({ ok: true, runs: 4 });
    expect(report.nodes.launched).toBeGreaterThan(20);
  });

  it.for([
    "agent-silent",
    "answer-unknown",
    "controller-outage",
    "events-replayed",
    "exam",
    "hooks-changed",
    "races",
    "remediation-loop",
    "terminated-while-launching",
    "throttled",
    "zone-impaired",
  ])("%s", async (name) => {
    const { report } = await tried(builtin(name), { seed: 3 });
    expect(report.violations).toEqual([]);
  });
});

describe("when all events are lost", () => {
  it("rule 3 holds: each costs at most its time", async () => {
    const scenario = builtin("default");
    const lost = await tried({ ...scenario, events: { ...scenario.events, lose: 1 } });
    expect(factsOf(lost).filter(({ kind }) => kind === "event-lost").length).toBeGreaterThan(50);
    expect(lost.report.violations).toEqual([]);
    const always = await tried(builtin("lifecycle-event-lost"), { runs: 2 });
    expect(always.report.violations).toEqual([]);
  });
});

// ---- The command ----------------------------------------------------------------------------------------------------

/** Nobody asks for more than two. */
const impossible = `
name: impossible
for: 8m
fleet: { min: 1, max: 6, desired: 1 }
events: { duplicate: 5% }
timeline:
  - { at: 1m, scale: 2 }
  - { at: 2m, rebalance: { nodes: 1 } }
expect:
  - { by: 5m, inService: 6 }
`;

describe("warden simulate", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "warden-simulation-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function file(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  it("ends with 0 when all is well, and prints the whole report, and nothing else, as one line of JSON", async () => {
    const { status, out, err } = await command(
      "simulate",
      "lifecycle-event-lost",
      "--seed",
      "4",
      "--runs",
      "2",
      "--json",
    );
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out.trimEnd().split("\n")).toHaveLength(1);
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({ ok: true, runs: 2, seed: 4, violations: [] });
    expect(membersOf(report)).toEqual(membersOfReport);
  });

  it("ends with 1 for an expectation that cannot hold, with seed, replay and a smaller scenario that shows it", async () => {
    const path = await file("impossible.yaml", impossible);
    const { status, out } = await command("simulate", path, "--seed", "7", "--json");
    expect(status).toBe(1);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ ok: false, runs: 1, seed: 7 });
    const [violation] = report.violations;
    expect(violation).toMatchObject({
      rule: "expect-1",
      run: 1,
      at: 300,
      detail: expect.stringMatching(/^\d in service, expected were 6$/),
      replay: `npx warden simulate ${path} --seed 7 --runs 1`,
      onWire: true,
    });

    const shrunk = readScenario(String(violation.shrunk));
    if (!shrunk.ok) throw new Error(`the smaller scenario cannot be read: ${violation.shrunk}`);
    expect(shrunk.value.timeline).toEqual([]);
    expect(shrunk.value.events.duplicate).toBe(0);
    const { report: shown } = await tried(shrunk.value, { seed: 7 });
    expect(shown.violations.map(({ rule }) => rule)).toEqual(["expect-1"]);

    // The command that it names shows it again, now for people and as a page.
    const page = join(folder, "report.html");
    const words = String(violation.replay).split(" ").slice(2);
    const again = await command(...words, "--html", page);
    expect(again.status).toBe(1);
    expect(again.out).toContain("expect-1");
    expect(again.out).toContain(violation.replay);
    expect(again.out).toContain(page);
    const text = await readFile(page, "utf8");
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain("expect-1");
    expect(text).not.toMatch(/https?:\/\/|<link|<iframe|@import|\ssrc=|url\((?!#)|import\(|fetch\(/);
  });

  it("ends with 2 for a file that cannot be read, and names the line and what is allowed", async () => {
    const path = await file(
      "wrong.yaml",
      impossible.replace("{ at: 1m, scale: 2 }", "{ at: 1m, break: { what: databse, for: 2m } }"),
    );
    const { status, out, err } = await command("simulate", path);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain("line 7: timeline[0].break.what");
    expect(err).toContain('"databse"');
    expect(err).toContain("database, sessions, cache, files, zone, agent, events, functions and sweep");
  });

  it("ends with 2 for what is neither a scenario nor a file, and names those there are", async () => {
    const { status, err } = await command("simulate", "defalt");
    expect(status).toBe(2);
    for (const name of builtinNames()) expect(err).toContain(name);
  });

  it("lists the scenarios that come with Warden", async () => {
    const { status, out } = await command("simulate", "--list");
    expect(status).toBe(0);
    const listed = out.trimEnd().split("\n");
    expect(listed.map((line) => line.split(" ")[0])).toEqual(builtinNames());
    for (const line of listed) expect(line).toMatch(/^[a-z-]+ +[A-Z].{20,}/);
  });
});

/** Runs `warden` as the command does, in this process. */
async function command(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const nobody = (): never => {
    throw new Error("a simulation reaches for nothing outside");
  };
  const status = await warden(words, {
    out: {
      write(text) {
        printed.out += text;
      },
    },
    err: {
      write(text) {
        printed.err += text;
      },
    },
    env: {},
    now: () => today,
    sleep: nobody,
    user: nobody,
    interruption: nobody,
    reach: nobody,
    startLocal: nobody,
    lab: nobody,
  });
  return { status, ...printed };
}

/** Names of members, two levels deep; lists and maps by operation, function or service are leaves. */
function membersOf(value: unknown): Record<string, readonly string[]> {
  const part = (each: unknown): readonly string[] =>
    typeof each === "object" && each !== null && !Array.isArray(each) ? Object.keys(each).sort() : [];
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, each]) => [name, part(each)]));
}

const membersOfReport: Record<string, readonly string[]> = {
  ok: [],
  runs: [],
  seed: [],
  scenario: [],
  violations: [],
  nodes: ["abandoned", "inService", "launched", "lost", "terminated"],
  timeToService: ["count", "p50", "p95", "p99"],
  ownShare: ["count", "lowerBound", "p50", "p95", "p99"],
  repairAfterLoss: ["count", "max", "unrepaired"],
  rollouts: ["begun", "concluded", "returned", "spoiled"],
  upgrades: ["begun", "done", "returned", "stuck"],
  drain: ["count", "dropped", "max", "p50", "p95", "tasksAbandoned"],
  calls: ["byOperation", "perLaunchedNode", "total"],
  functions: ["byName", "gbSeconds", "invocations"],
  requests: ["failed", "served"],
  cost: ["aMonth", "byService", "computeUSD", "controlPlaneUSD", "pricesFrom", "pricesTo", "region", "warnings"],
};
