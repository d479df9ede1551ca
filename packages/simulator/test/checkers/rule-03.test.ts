import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLosses } from "../../src/checkers/losses.ts";
import { rule03 } from "../../src/checkers/rule-03.ts";
import type { Fact } from "../../src/facts/fact.ts";
import { answered, at, lost, phase, powerOff, quietRun, ran, verdict } from "./story.ts";

const check = (facts: readonly Fact[]) => {
  const ordered = facts.toSorted((a, b) => a.at - b.at);
  return verdict(rule03(quietRun), ordered).map(({ node }) => node);
};

const launch = "EC2 Instance-launch Lifecycle Action";
const terminate = "EC2 Instance-terminate Lifecycle Action";
const spot = "EC2 Spot Instance Interruption Warning";

/** One sweep a minute, each of one second. */
const sweeps = (from: number, to: number): Fact[] => {
  const minutes = Array.from({ length: Math.floor((to - from) / 60) + 1 }, (_, index) => from + 60 * index);
  return minutes.flatMap((each) => [at(each, ran("sweep", "began")), at(each + 1, ran("sweep", "ended", 1_000))]);
};

describe("rule 3 lets pass", () => {
  it("a loss that the next sweep makes good", () => {
    expect(
      check([at(100, lost("i-1", launch)), ...sweeps(0, 600), at(185, phase("i-1", "waiting-for-agent"))]),
    ).toEqual([]);
  });

  it("a loss that tells nothing new", () => {
    expect(check([at(50, phase("i-1", "bootstrapping")), at(100, lost("i-1", launch)), ...sweeps(0, 600)])).toEqual([]);
    expect(check([at(50, phase("i-1", "leaving")), at(100, lost("i-1", terminate)), ...sweeps(0, 600)])).toEqual([]);
  });

  it("a loss of an event that nothing must follow from", () => {
    const others = ["EC2 Instance State-change Notification", "EC2 Instance Rebalance Recommendation"];
    expect(check([...others.map((each) => at(100, lost("i-1", each))), ...sweeps(0, 600)])).toEqual([]);
  });

  it("a loss whose node is gone before anybody could act", () => {
    expect(check([at(100, lost("i-1", spot)), at(150, powerOff("i-1")), ...sweeps(0, 600)])).toEqual([]);
  });

  it("60 s more for each missed sweep", () => {
    const without = [...sweeps(0, 60), ...sweeps(720, 1_200)];
    expect(check([at(100, lost("i-1", launch)), ...without, at(730, phase("i-1", "bootstrapping"))])).toEqual([]);
  });

  it("60 s more for a function that died on it", () => {
    const died = [at(125, ran("reconcile-normal", "began")), at(185, phase("i-2", "gone"))];
    expect(
      check([at(100, lost("i-1", launch)), ...sweeps(0, 600), ...died, at(240, answered("i-1", "launch", "CONTINUE"))]),
    ).toEqual([]);
  });

  it("any loss at all while no sweep runs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (later) => {
        expect(check([at(0, lost("i-1", launch)), at(later, phase("i-2", "gone"))])).toEqual([]);
      }),
    );
  });
});

describe("rule 3 catches", () => {
  it.each([launch, terminate, spot])("%s lost, and nobody acts", (detailType) => {
    expect(check([at(100, lost("i-1", detailType)), ...sweeps(0, 600)])).toEqual(["i-1"]);
  });

  it("a repair that comes after 90 s", () => {
    expect(check([at(100, lost("i-1", launch)), ...sweeps(0, 600), at(195, phase("i-1", "bootstrapping"))])).toEqual([
      "i-1",
    ]);
  });

  it("a phase that knows of the launch but not of the termination", () => {
    const launched = at(50, phase("i-1", "in-service"));
    expect(check([launched, at(100, lost("i-1", terminate)), ...sweeps(0, 600)])).toEqual(["i-1"]);
  });

  it("a repair that waits for more than the sweeps that were missed", () => {
    const without = [...sweeps(0, 60), ...sweeps(720, 1_200)];
    expect(check([at(100, lost("i-1", launch)), ...without, at(900, phase("i-1", "bootstrapping"))])).toEqual(["i-1"]);
  });

  it("each lost node once, at the end too", () => {
    const two = [at(100, lost("i-1", launch)), at(100, lost("i-2", launch))];
    expect(check([...two, ...sweeps(0, 600)])).toEqual(["i-1", "i-2"]);
  });

  it("a lateness that functions which ended in good order cannot excuse", () => {
    const runs = [1, 2, 3].flatMap((index) => [
      at(100 + 20 * index, ran("reconcile-urgent", "began")),
      at(105 + 20 * index, ran("reconcile-urgent", "ended", 5_000)),
    ]);
    expect(check([at(100, lost("i-1", launch)), ...sweeps(0, 600), ...runs])).toEqual(["i-1"]);
  });
});

describe("a repair", () => {
  it("is told with its time, once", () => {
    const losses = createLosses();
    const repairs = [
      at(100, lost("i-1", launch)),
      at(110, phase("i-1", "arriving")),
      at(150, phase("i-1", "waiting-for-agent")),
      at(160, phase("i-1", "bootstrapping")),
    ].flatMap((fact) => losses.see(fact));
    expect(repairs).toEqual([{ loss: { node: "i-1", detailType: launch, at: 100_000 }, milliseconds: 50_000 }]);
    expect(losses.open()).toEqual([]);
  });
});
