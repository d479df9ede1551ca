/** What a person is told of the benchmark of the application cache: which runs there are, and what its figures are worth. */
import type { BenchRecord, Run } from "@warden/lab/bench/bench";
import { planOf, type Scope } from "@warden/lab/bench/plan";
import { describe, expect, it } from "vitest";
import { fakeWorld, runWarden } from "./fake-world.ts";

/** The shared file system takes ten times as long as the others. */
const runsOf = (scope: Scope): Run[] =>
  planOf(scope).map(({ repeat, delay, arrangement }) => ({
    ...{ repeat, delay, arrangement, users: 1, seconds: 10, busy: 0.5 },
    samples: (["login", "sign-in", "home", "course", "views"] as const).map((of) => ({
      ...{ of, at: 0, ms: arrangement === "shared" ? 1_000 : 100 },
    })),
  }));

async function bench(atRest: number, ...words: string[]) {
  const world = fakeWorld();
  const scopes: Scope[] = [];
  world.lab.benchLab = async ({ scope }): Promise<BenchRecord> => {
    scopes.push(scope);
    const machine = { processors: 2, workers: 6 };
    return { date: new Date(0), moodle: "4.5.6", machine, atRest, scope, runs: runsOf(scope) };
  };
  const said = await runWarden(world, "lab", "bench", "cache", "--moodle", "moodle", "--short", ...words);
  return { ...said, scope: scopes[0] };
}

describe("warden lab bench cache", () => {
  it("measures as often as it is asked to, and exits well when its bar is met", async () => {
    const { status, out, scope } = await bench(0.05, "--repeats", "2");
    expect([status, scope?.repeats, scope?.delays]).toEqual([0, 2, [0.1, 1, 5]]);
    expect(out).toMatch(/met: .* at least 8: 10/);
    expect(out).not.toContain("busy");
  });

  it("says so when something else takes the processors", async () => {
    const { out, scope } = await bench(0.886);
    expect(scope?.repeats).toBe(1);
    expect(out).toContain("! They were 89 % busy before anybody came");
  });
});
