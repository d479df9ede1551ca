import { describe, expect, it } from "vitest";
import { expectationCheckers, judgeFigures } from "../../src/checkers/expect.ts";
import { readScenario } from "../../src/scenario/read.ts";
import { at, fleetOf, moved, powerOff, quietRun, taken, verdict } from "./story.ts";

function expectations(...lines: readonly string[]) {
  const read = readScenario(["name: x", "for: 1h", "expect:", ...lines.map((line) => `  - ${line}`)].join("\n"));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value.expect;
}

const check = (line: string, ...facts: Parameters<typeof verdict>[1]) => {
  const run = { ...quietRun, startedAt: 60_000 };
  return expectationCheckers(run, expectations(line)).flatMap((each) =>
    verdict(each, facts).map(({ detail }) => detail),
  );
};

const serve = (seconds: number, count: number) => fleetOf(count).map((node) => at(seconds, moved(node, "InService")));
const story = (seconds: number) => at(seconds, { kind: "story", text: "" });

describe("by", () => {
  const line = "{ by: 10m, inService: 3 }";

  it("is met when so many are in service then, counted from the start of the story", () => {
    expect(check(line, ...serve(650, 3), story(700))).toEqual([]);
    expect(check(line, ...serve(650, 4), story(660))).toEqual([]);
  });

  it("is missed by a node that comes later, or leaves before", () => {
    expect(check(line, ...serve(650, 2), ...serve(661, 3), story(700))).toEqual(["2 in service, expected were 3"]);
    expect(check(line, ...serve(100, 3), at(600, moved("i-1", "Terminating")), story(700))).toHaveLength(1);
  });
});

describe("never below", () => {
  const line = "{ never: capacityBelow, value: 2 }";

  it("begins to count when the fleet first is that big", () => {
    expect(check(line, ...serve(100, 3), at(200, moved("i-1", "Terminating")))).toEqual([]);
  });

  it.each([
    ["leaves", moved("i-1", "Terminating")],
    ["is deregistered", taken("i-1", fleetOf(2))],
    ["loses its power", powerOff("i-1")],
  ])("is missed when a node %s", (_, fact) => {
    expect(check(line, ...serve(100, 2), at(200, fact))).toEqual([
      "1 nodes can serve, expected were never fewer than 2",
    ]);
  });

  it("tells each dip once", () => {
    const dip = (seconds: number) => [
      at(seconds, moved("i-1", "Terminating")),
      at(seconds + 1, moved("i-2", "Terminating")),
      ...serve(seconds + 2, 2),
    ];
    expect(check(line, ...serve(100, 2), ...dip(200), ...dip(300))).toHaveLength(2);
  });
});

describe("figures of the report", () => {
  const report = {
    timeToService: { p50: 100, p95: 200, p99: 241 },
    nodes: { launched: 5, inService: 3, abandoned: 0, terminated: 2, lost: 0 },
    calls: { total: 10, perLaunchedNode: 2, byOperation: { "ssm:SendCommand": 4 } },
    repairAfterLoss: { max: Number.NaN },
    cost: { aMonth: { computeUSD: 49.5 } },
  };
  const judge = (...lines: readonly string[]) => judgeFigures(report, expectations(...lines), 7);

  it("are kept", () => {
    const lines = [
      "{ max: timeToService.p99, value: 241s }",
      "{ min: nodes.launched, value: 5 }",
      "{ max: calls.byOperation.ssm:SendCommand, value: 4 }",
      "{ max: calls.byOperation.autoscaling:EnterStandby, value: 0 }",
      "{ max: cost.aMonth.computeUSD, value: 50 }",
    ];
    expect(judge(...lines)).toEqual([]);
  });

  it("are missed, each under the number of its expectation", () => {
    const lines = [
      "{ by: 5m, inService: 1 }",
      "{ max: timeToService.p99, value: 4m }",
      "{ min: nodes.inService, value: 4 }",
    ];
    expect(judge(...lines)).toEqual([
      { rule: "expect-2", at: 7, node: undefined, detail: "timeToService.p99 is 241 s, expected is at most 240 s" },
      { rule: "expect-3", at: 7, node: undefined, detail: "nodes.inService is 3, expected is at least 4" },
    ]);
  });

  it("are missed when there is none", () => {
    expect(judge("{ max: repairAfterLoss.max, value: 5m }")).toMatchObject([
      { detail: "the report has no number for repairAfterLoss.max" },
    ]);
  });
});
