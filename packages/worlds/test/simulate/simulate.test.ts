import { readScenario } from "@warden/simulator";
import { describe, expect, it } from "vitest";
import { simulate } from "../../src/simulate/simulate.ts";

async function reportOf(lines: string) {
  const read = readScenario(`name: a-test\n${lines}`);
  if (!read.ok) throw new Error("the scenario of this test cannot be read");
  const { value: scenario } = read;
  const now = Date.UTC(2026, 10, 21);
  const { report, sample } = await simulate({
    scenario,
    ...{ source: "a-test", seed: 1, runs: 1, transport: "typed", now, shrink: false },
  });
  return { report, facts: sample?.facts ?? [], startedAt: sample?.startedAt ?? 0 };
}

describe("a simulated fleet", () => {
  it("loses a node in the moment that it dies, not when EC2 notices, and repairs the loss", async () => {
    const { report, facts, startedAt } = await reportOf("for: 30m\ntimeline: [{ at: 5m, kill: { nodes: 1 } }]");
    expect(report).toMatchObject({ ok: true, nodes: { lost: 1 }, repairAfterLoss: { count: 1, unrepaired: 0 } });
    expect(facts.flatMap((fact) => (fact.kind === "power-off" ? [(fact.at - startedAt) / 60_000] : []))).toEqual([5]);
  });

  it("runs Moodle's tasks, which a drain waits for", async () => {
    const { report, facts } = await reportOf("for: 30m\nfleet: { desired: 8 }\ntimeline: [{ at: 5m, scale: 2 }]");
    expect(report).toMatchObject({ ok: true, drain: { count: 6, tasksAbandoned: 0 } });
    const waits = facts.filter((fact) => fact.kind === "phase" && fact.why.includes("still busy: tasks a long task"));
    expect(waits.length).toBeGreaterThan(0);
  });

  it("is billed for the instances that its scenario names", async () => {
    const of = (type: string) => reportOf(`for: 10m\nfleet: { instanceType: ${type} }`);
    const [small, large] = [await of("t4g.small"), await of("c7g.2xlarge")];
    expect(large.report.cost.computeUSD).toBeGreaterThan(10 * small.report.cost.computeUSD);
  });
});
