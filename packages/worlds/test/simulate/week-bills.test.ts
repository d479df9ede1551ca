import { createSummary, type RunRecord, type Scenario } from "@warden/simulator";
import { describe, expect, it } from "vitest";
import { billsOfTheWeek } from "../../src/simulate/week-bills.ts";

const hour = 3_600_000;
const week = 168 * hour;

/** A week with one node in service for some of its hours. */
function weekWith(nodeHours: number): RunRecord {
  return {
    run: 1,
    seed: 1,
    startedAt: 0,
    endedAt: week,
    facts: [
      { at: 0, kind: "instance", node: "i-1", state: "pending" },
      { at: nodeHours * hour, kind: "instance", node: "i-1", state: "shutting-down" },
    ],
    violations: [],
    calls: {},
    functions: {},
    requests: { served: 0, failed: 0 },
    units: { tableWrites: 0, tableReads: 0, queueRequests: 0, events: 0, scheduleInvocations: 0, logBytes: 0 },
    ownShare: { seconds: [], lowerBound: 0 },
  };
}

function summaryOf(...runs: readonly RunRecord[]) {
  const summary = createSummary({ scenario: "a week", seed: 1, now: 0, instanceType: "t4g.medium" });
  for (const each of runs) summary.add(each);
  return summary;
}

const noOtherRun = () => Promise.reject(new Error("the other scenario is not needed"));

/** A node and its address, and the disk of 20 GB, for so many hours of a month of 730. */
const nodeFor = (hours: number): number => hours * (0.0336 + 0.005) + (hours / 730) * 20 * 0.08;

describe("the bills of the tutoring site's week", () => {
  it("are made of the node hours of the scaled week, on the average of its runs", async () => {
    const summary = summaryOf(weekWith(84), weekWith(42));
    const bills = await billsOfTheWeek("tutoring-week-scaled", summary, noOtherRun);
    expect(bills?.scalable).toBeCloseTo(nodeFor(((84 + 42) / 2) * (730 / 168)), 6);
    expect(bills?.floor).toBeGreaterThan(50);
  });

  it("are the same after the week on one big instance, for which the scaled one is run once", async () => {
    const asked: Scenario[] = [];
    const bills = await billsOfTheWeek("tutoring-week-big", summaryOf(weekWith(168)), async (other) => {
      asked.push(other);
      return weekWith(84);
    });
    expect(asked.map(({ name }) => name)).toEqual(["tutoring-week-scaled"]);
    expect(bills?.scalable).toBeCloseTo(nodeFor(84 * (730 / 168)), 6);
  });

  it("are none for any other scenario", async () => {
    expect(await billsOfTheWeek("default", summaryOf(weekWith(84)), noOtherRun)).toBeUndefined();
  });
});
