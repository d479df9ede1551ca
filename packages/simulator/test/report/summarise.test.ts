import { describe, expect, it } from "vitest";
import type { Report } from "../../src/report/report.ts";
import type { RunRecord } from "../../src/report/run-record.ts";
import { createSummary } from "../../src/report/summarise.ts";
import {
  action,
  answer,
  drain,
  type Facts,
  factsFrom,
  instance,
  launch,
  lifecycle,
  phase,
  recordOf,
  startedAt,
  violation,
} from "./plausible-run.ts";

function summed(...runs: readonly RunRecord[]): Report {
  const summary = createSummary({ scenario: "by-hand", seed: 7, now: Date.UTC(2026, 10, 1) });
  for (const run of runs) summary.add(run);
  return summary.result();
}

function told(tell: (facts: Facts) => void, more: Partial<RunRecord> = {}): Report {
  const facts = factsFrom();
  tell(facts);
  return summed(recordOf(facts.list, more));
}

describe("time to service", () => {
  it("lasts from pending to in service", () => {
    const report = told((facts) => launch(facts, "i-1", 100, [40, 60, 5, 15]));
    expect(report.timeToService).toEqual({ count: 1, p50: 120, p95: 120, p99: 120 });
  });

  it("lasts until the node is proven, when Auto Scaling has it in service before", () => {
    const report = told((facts) => {
      facts.add(0, instance("i-1", "pending"));
      facts.add(30, lifecycle("i-1", "InService"));
      facts.add(90, phase("i-1", "in-service", "verified"));
    });
    expect(report.timeToService.p50).toBe(90);
  });

  it("does not end with an answer for a node that was not what it had to be", () => {
    const report = told((facts) => {
      facts.add(0, instance("i-1", "pending"));
      facts.add(20, answer("i-1", "warden-launch", "CONTINUE", false));
      facts.add(30, lifecycle("i-1", "InService"));
    });
    expect(report.timeToService.count).toBe(0);
    expect(report.nodes.inService).toBe(1);
  });

  it("leaves out nodes that were launched before the run began", () => {
    const report = told((facts) => launch(facts, "i-1", -500, [40, 60, 5, 15]));
    expect(report.timeToService.count).toBe(0);
    expect(report.nodes).toMatchObject({ launched: 0, inService: 1 });
  });

  it("counts a pooled instance from its second start", () => {
    const report = told((facts) => {
      facts.add(0, instance("i-1", "pending"), lifecycle("i-1", "Warmed:Pending"));
      facts.add(60, lifecycle("i-1", "Warmed:Stopped"), instance("i-1", "stopped"));
      facts.add(60, { kind: "power-off", node: "i-1", requestsCut: 0, tasksCut: 0, announced: false });
      facts.add(600, instance("i-1", "pending"), lifecycle("i-1", "Pending"));
      facts.add(640, answer("i-1", "warden-launch", "CONTINUE"), lifecycle("i-1", "InService"));
    });
    expect(report.timeToService.p50).toBe(40);
    expect(report.nodes).toMatchObject({ launched: 1, lost: 0 });
  });
});

describe("drain", () => {
  it("lasts from the opened hook to its end", () => {
    const report = told((facts) => {
      facts.add(0, lifecycle("i-1", "InService"));
      drain(facts, "i-1", 100, 45, { requestsCut: 2, tasksCut: 1 });
    });
    expect(report.drain).toEqual({ count: 1, p50: 45, p95: 45, max: 45, dropped: 2, tasksAbandoned: 1 });
  });

  it("begins with the deregistration where Warden starts it", () => {
    const report = told((facts) => {
      facts.add(0, lifecycle("i-1", "InService"));
      const group = { desired: 2, min: 2, inService: ["i-1", "i-2"] };
      facts.add(70, { kind: "taken", node: "i-1", how: "deregister", by: "warden", announced: false, group });
      drain(facts, "i-1", 100, 5);
    });
    expect(report.drain.max).toBe(35);
  });

  it("is none where a node never served", () => {
    const report = told((facts) => {
      facts.add(0, instance("i-1", "pending"));
      facts.add(50, { kind: "action-began", node: "i-1", action: action("i-1", "terminating") });
      facts.add(60, {
        kind: "action-ended",
        node: "i-1",
        action: action("i-1", "terminating"),
        result: "CONTINUE",
        by: "answer",
      });
    });
    expect(report.drain.count).toBe(0);
  });

  it("does not count requests of a node that died without a word", () => {
    const report = told((facts) => {
      facts.add(0, lifecycle("i-1", "InService"));
      facts.add(9, { kind: "power-off", node: "i-1", requestsCut: 5, tasksCut: 3, announced: false });
    });
    expect(report.drain).toMatchObject({ count: 0, dropped: 0, tasksAbandoned: 0 });
    expect(report.nodes.lost).toBe(1);
  });
});

describe("repair after a loss", () => {
  const loss = (facts: Facts, node: string, at: number): void => {
    facts.add(0, lifecycle(node, "InService"));
    facts.add(at, { kind: "power-off", node, requestsCut: 0, tasksCut: 0, announced: false });
    facts.add(at + 30, instance(node, "terminated"));
  };

  it("lasts until a node serves that was launched after it", () => {
    const report = told((facts) => {
      loss(facts, "i-1", 200);
      launch(facts, "i-2", 150, [40, 20, 5, 5]);
      launch(facts, "i-3", 260, [40, 60, 5, 15]);
    });
    expect(report.repairAfterLoss).toEqual({ max: 180, count: 1, unrepaired: 0 });
  });

  it("needs a replacement of its own for each loss", () => {
    const report = told((facts) => {
      loss(facts, "i-1", 200);
      loss(facts, "i-2", 210);
      launch(facts, "i-3", 260, [40, 60, 5, 15]);
    });
    expect(report.repairAfterLoss).toEqual({ max: 180, count: 1, unrepaired: 1 });
    expect(report.nodes).toMatchObject({ lost: 2, terminated: 0 });
  });
});

describe("nodes", () => {
  it("are launched, in service, abandoned, terminated or lost", () => {
    const report = told((facts) => {
      launch(facts, "i-1", 0, [40, 60, 5, 15]);
      drain(facts, "i-1", 500, 45);
      facts.add(10, instance("i-2", "pending"));
      facts.add(90, {
        kind: "action-ended",
        node: "i-2",
        action: action("i-2", "launching"),
        result: "ABANDON",
        by: "timeout",
      });
      facts.add(
        95,
        { kind: "power-off", node: "i-2", requestsCut: 0, tasksCut: 0, announced: false },
        instance("i-2", "terminated"),
      );
    });
    expect(report.nodes).toEqual({ launched: 2, inService: 1, abandoned: 1, terminated: 1, lost: 0 });
  });

  it("cost from pending until they shut down, within the run", () => {
    const report = told(
      (facts) => {
        facts.add(0, lifecycle("i-1", "InService"));
        facts.add(1_800, instance("i-2", "pending"));
        facts.add(3_600, instance("i-2", "shutting-down"));
        facts.add(3_700, instance("i-2", "terminated"));
      },
      { endedAt: startedAt + 2 * 3_600_000 },
    );
    const hours = 2 + 0.5;
    expect(report.cost.computeUSD).toBeCloseTo(hours * 0.0336 + (hours / 730) * 20 * 0.08, 6);
  });
});

describe("many runs", () => {
  it("add up; money is that of an average run", () => {
    const facts = factsFrom();
    launch(facts, "i-1", 0, [40, 60, 5, 15]);
    const one = summed(recordOf(facts.list));
    const two = summed(recordOf(facts.list), recordOf(facts.list, { run: 2, violations: [violation] }));
    expect(two.runs).toBe(2);
    expect(two.nodes.launched).toBe(2);
    expect(two.calls.total).toBe(2 * one.calls.total);
    expect(two.calls.perLaunchedNode).toBe(one.calls.perLaunchedNode);
    expect(two.functions.byName["sweep"]).toEqual({ invocations: 300, gbSeconds: 82, crashes: 2 });
    expect(two.requests).toEqual({ served: 256_800, failed: 12 });
    expect(two.cost.controlPlaneUSD).toBeCloseTo(one.cost.controlPlaneUSD, 9);
    expect(two.cost.aMonth.computeUSD).toBeCloseTo(one.cost.aMonth.computeUSD, 9);
    expect([one.ok, two.ok]).toEqual([true, false]);
  });

  it("leave no facts behind: what happens to them after a run was added changes nothing", () => {
    const facts = factsFrom();
    launch(facts, "i-1", 0, [40, 60, 5, 15]);
    const kept = [...facts.list];
    const summary = createSummary({ scenario: "by-hand", seed: 7, now: Date.UTC(2026, 10, 1) });
    summary.add(recordOf(kept));
    const before = summary.result();
    kept.length = 0;
    expect(summary.result()).toEqual(before);
  });

  it("are none: a report all the same", () => {
    const report = summed();
    expect(report).toMatchObject({ ok: true, runs: 0, calls: { total: 0, perLaunchedNode: 0 } });
    expect(report.cost.computeUSD).toBe(0);
    expect(JSON.stringify(report)).not.toContain("null");
  });
});

describe("cost in a report", () => {
  it("scales the run's hour to a month of 730", () => {
    const { cost } = told((facts) => launch(facts, "i-1", 0, [40, 60, 5, 15]));
    expect(cost.aMonth.controlPlaneUSD).toBeCloseTo(cost.controlPlaneUSD * 730, 6);
  });

  it("names calls that have no price here", () => {
    const { cost } = told(() => {}, { calls: { "states:StartExecution": 3, "ssm:SendCommand": 1 } });
    expect(cost.warnings).toContain("states:StartExecution has no price here and is not in the sum");
    expect(cost.warnings.join()).not.toContain("ssm:SendCommand");
  });
});
