import { describe, expect, it } from "vitest";
import { rule01 } from "../../src/checkers/rule-01.ts";
import { answered, assigned, at, began, other, powerOff, quietRun, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) => verdict(rule01(quietRun), facts).map(({ node }) => node);

describe("rule 1 lets pass", () => {
  it("CONTINUE to a launch that is proven", () => {
    expect(check(at(0, began("i-1", "launch")), at(60, answered("i-1", "launch", "CONTINUE")))).toEqual([]);
  });

  it("ABANDON, and CONTINUE to a termination, of a node that is proven to be nothing", () => {
    const nothing = { proven: undefined };
    expect(check(at(0, began("i-1", "launch")), at(60, answered("i-1", "launch", "ABANDON", nothing)))).toEqual([]);
    expect(check(at(0, began("i-1", "terminate")), at(60, answered("i-1", "terminate", "CONTINUE", nothing)))).toEqual(
      [],
    );
  });

  it("an answer by hand, which is nobody's but that hand's", () => {
    const byHand = { proven: undefined, by: "somebody else" } as const;
    expect(check(at(0, began("i-1", "launch")), at(60, answered("i-1", "launch", "CONTINUE", byHand)))).toEqual([]);
  });

  it("an answer for a node that lost its power, and with it the proof, a moment before", () => {
    const late = answered("i-1", "launch", "CONTINUE", { proven: undefined });
    expect(check(at(0, began("i-1", "launch")), at(59, powerOff("i-1")), at(60, late))).toEqual([]);
  });

  it("a healthy target that verified", () => {
    const healthy = { kind: "target", node: "i-1", state: "healthy", verified: true } as const;
    expect(check(at(0, healthy))).toEqual([]);
  });
});

describe("rule 1 catches", () => {
  it.each([
    ["nothing", { proven: undefined }],
    ["another release", { proven: { ...assigned, release: other.release } }],
    ["another digest", { proven: { ...assigned, digest: other.digest } }],
    ["nothing, by the node's own word", { proven: undefined, by: "node" as const }],
    ["nothing, though AWS refuses the answer", { proven: undefined, accepted: false }],
  ])("CONTINUE to a launch that is proven to be %s", (_, more) => {
    expect(check(at(0, began("i-1", "launch")), at(60, answered("i-1", "launch", "CONTINUE", more)))).toEqual(["i-1"]);
  });

  it("a node that is started again and forgot its proof", () => {
    const again = { kind: "instance", node: "i-1", state: "running" } as const;
    const answer = answered("i-1", "launch", "CONTINUE", { proven: undefined });
    expect(check(at(0, powerOff("i-1")), at(1, again), at(2, began("i-1", "launch")), at(60, answer))).toEqual(["i-1"]);
  });

  it("traffic for a node that came by another door and never verified", () => {
    const healthy = { kind: "target", node: "i-1", state: "healthy", verified: false } as const;
    expect(check(at(0, healthy))).toEqual(["i-1"]);
  });
});
