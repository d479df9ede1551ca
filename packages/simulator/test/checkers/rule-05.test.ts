import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rule05 } from "../../src/checkers/rule-05.ts";
import type { FactDetail } from "../../src/facts/fact.ts";
import { at, fleetOf, moved, phase, quietRun, taken, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) => verdict(rule05(quietRun), facts).map(({ detail }) => detail);

const ten = fleetOf(10);
const capacity = (desired: number): FactDetail => ({ kind: "capacity", desired });
const serving = (nodes: readonly string[]) => nodes.map((node) => at(0, moved(node, "InService")));

describe("rule 5 lets pass", () => {
  it("as many as the budget holds: two of ten", () => {
    expect(check(at(100, taken("i-1", ten)), at(101, taken("i-2", ten)))).toEqual([]);
  });

  it("both calls for one node, deregistration and termination", () => {
    const calls = ["i-1", "i-2"].flatMap((node) => [
      at(100, taken(node, ten)),
      at(160, taken(node, ten, { how: "terminate" })),
    ]);
    expect(check(...calls)).toEqual([]);
  });

  it("one more once one is replaced", () => {
    const replaced = [...ten.slice(2), "i-11", "i-12"];
    const gone = ["i-1", "i-2"].flatMap((node) => [
      at(160, moved(node, "Terminating")),
      at(200, moved(node, "Terminated")),
    ]);
    expect(
      check(at(100, taken("i-1", ten)), at(101, taken("i-2", ten)), ...gone, at(300, taken("i-3", replaced))),
    ).toEqual([]);
  });

  it("one whose replacement serves already, at the floor", () => {
    expect(check(at(100, taken("i-1", fleetOf(3))))).toEqual([]);
  });

  it("what AWS announced, whatever it costs", () => {
    const announced = { announced: true };
    expect(check(...ten.map((node) => at(100, taken(node, ten, announced))))).toEqual([]);
  });

  it("what somebody else takes", () => {
    expect(check(...ten.map((node) => at(100, taken(node, ten, { by: "somebody else" }))))).toEqual([]);
  });

  it("a loss that nobody could know of when the node was taken", () => {
    const left = ten.slice(2);
    const losses = ["i-1", "i-2"].map((node) => at(95, moved(node, "Terminating")));
    expect(
      check(
        ...serving(ten),
        ...losses,
        at(100, taken("i-3", left, { group: { desired: 10, min: 2, inService: left } })),
      ),
    ).toEqual([]);
  });

  it("a loss after the decision, when a crash kept the call waiting", () => {
    const left = ten.slice(2);
    const late = taken("i-3", left, { group: { desired: 10, min: 2, inService: left } });
    const losses = ["i-1", "i-2"].map((node) => at(60, moved(node, "Terminating")));
    expect(check(...serving(ten), at(50, phase("i-3", "leaving")), ...losses, at(120, late))).toEqual([]);
  });

  it("a group that was made bigger a moment ago", () => {
    const grown = taken("i-1", ten, { group: { desired: 20, min: 2, inService: ten } });
    expect(check(at(0, capacity(10)), at(95, capacity(20)), at(100, grown))).toEqual([]);
  });
});

describe("rule 5 catches", () => {
  it("one more than the budget", () => {
    const three = ["i-1", "i-2", "i-3"].map((node, index) => at(100 + index, taken(node, ten)));
    expect(check(...three)).toEqual([expect.stringMatching(/3 of 10 nodes would be out of service, the budget is 2/)]);
  });

  it("an involuntary loss that was not counted", () => {
    const left = ten.slice(2);
    const one = taken("i-3", left, { group: { desired: 10, min: 2, inService: left } });
    const losses = ["i-1", "i-2"].map((node) => at(20, moved(node, "Terminating")));
    expect(check(...serving(ten), ...losses, at(100, one))).toHaveLength(1);
  });

  it("a node that AWS takes at the same time and that was not counted", () => {
    const others = ["i-1", "i-2"].map((node) => at(50, taken(node, ten, { announced: true })));
    expect(check(...others, at(100, taken("i-3", ten)))).toHaveLength(1);
  });

  it("the floor crossed", () => {
    expect(check(at(100, taken("i-1", fleetOf(2))))).toEqual([
      expect.stringMatching(/1 would stay in service, the floor is 2/),
    ]);
  });

  it("a group that was made bigger long ago and has not grown", () => {
    const grown = taken("i-1", ten, { group: { desired: 20, min: 2, inService: ten } });
    expect(check(at(0, capacity(20)), at(100, grown))).toHaveLength(1);
  });

  it("two decisions at once with one slot left", () => {
    const five = fleetOf(5);
    expect(check(at(100, taken("i-1", five)), at(100, taken("i-2", five)))).toHaveLength(1);
  });

  it("exactly those beyond the budget, however many are taken at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 60 }), fc.nat(60), (size, many) => {
        const fleet = fleetOf(size);
        const count = Math.min(many, size);
        const allowed = Math.min(Math.max(1, Math.ceil(size * 0.2)), size - 2);
        const facts = fleet.slice(0, count).map((node) => at(100, taken(node, fleet)));
        expect(check(...facts)).toHaveLength(Math.max(0, count - allowed));
      }),
    );
  });
});
