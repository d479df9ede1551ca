import { readScenario } from "@warden/simulator";
import { expect, it } from "vitest";
import { simulate } from "../../src/simulate/simulate.ts";

it("comes to the same report however many threads share the runs", { timeout: 60_000 }, async () => {
  const read = readScenario("for: 2m\nfleet: { min: 1, max: 3, desired: 2 }", { name: "threads" });
  if (!read.ok) throw new Error("the scenario cannot be read");
  const usual = { scenario: read.value, source: "threads", seed: 1, transport: "typed", now: 0 } as const;
  const progress: number[] = [];
  const alone = await simulate({ ...usual, runs: 3, shrink: false });
  const shared = await simulate({
    ...usual,
    runs: 3,
    shrink: false,
    workers: 2,
    progress: (done) => progress.push(done),
  });
  expect(shared).toEqual(alone);
  expect(progress).toEqual([1, 2, 3]);
});
