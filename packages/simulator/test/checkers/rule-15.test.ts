import { describe, expect, it } from "vitest";
import { rule15 } from "../../src/checkers/rule-15.ts";
import { answered, at, fleetOf, quietRun, taken, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) => verdict(rule15(quietRun), facts).map(({ detail }) => detail);

const stopped = at(100, { kind: "switch", stopped: true });
const resumed = at(500, { kind: "switch", stopped: false });
const take = taken("i-1", fleetOf(3));

describe("rule 15 lets pass", () => {
  it("what is done before, within 5 s, and after", () => {
    expect(check(at(99, take), stopped, at(105, take), resumed, at(501, take))).toEqual([]);
  });

  it("what AWS announced, what others do, and answers", () => {
    const announced = taken("i-1", fleetOf(3), { announced: true });
    const byHand = taken("i-2", fleetOf(3), { by: "somebody else" });
    expect(check(stopped, at(200, announced), at(200, byHand), at(200, answered("i-3", "launch", "CONTINUE")))).toEqual(
      [],
    );
  });
});

describe("rule 15 catches", () => {
  it("whatever Warden takes more than 5 s later, termination included", () => {
    const ends = taken("i-2", fleetOf(3), { how: "terminate" });
    expect(check(stopped, at(105.1, take), at(400, ends), resumed)).toEqual([
      "deregister was called 5.1 s after Warden was stopped",
      "terminate was called 300 s after Warden was stopped",
    ]);
  });

  it("as counted from the first of two stops", () => {
    expect(check(stopped, at(199, { kind: "switch", stopped: true }), at(200, take))).toHaveLength(1);
  });
});
