import { describe, expect, it } from "vitest";
import { rule02 } from "../../src/checkers/rule-02.ts";
import { answered, at, began, downBetween, ended, quietRun, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) => verdict(rule02(quietRun), facts).map(({ detail }) => detail);

describe("rule 2 lets pass", () => {
  it("one answer and one result, in whichever order they are told", () => {
    const [answer, end] = [answered("i-1", "launch", "CONTINUE"), ended("i-1", "launch")];
    expect(check(at(0, began("i-1", "launch")), at(60, answer), at(60, end))).toEqual([]);
    expect(check(at(0, began("i-1", "launch")), at(60, end), at(60, answer))).toEqual([]);
  });

  it("the same answer twice, and another one that AWS refuses", () => {
    const refused = answered("i-1", "launch", "ABANDON", { accepted: false });
    const twice = [at(60, answered("i-1", "launch", "CONTINUE")), at(61, answered("i-1", "launch", "CONTINUE"))];
    expect(check(at(0, began("i-1", "launch")), at(60, ended("i-1", "launch")), ...twice, at(62, refused))).toEqual([]);
  });

  it("another answer in another passage through the same hook", () => {
    const facts = [
      at(0, began("i-1", "launch", "first")),
      at(60, ended("i-1", "launch", { token: "first" })),
      at(60, answered("i-1", "launch", "CONTINUE")),
      at(600, began("i-1", "launch", "second")),
      at(660, ended("i-1", "launch", { token: "second", result: "ABANDON" })),
      at(660, answered("i-1", "launch", "ABANDON")),
    ];
    expect(check(...facts)).toEqual([]);
  });

  it("the end of a hook that somebody deleted", () => {
    expect(check(at(0, began("i-1", "launch")), at(60, ended("i-1", "launch", { by: "deletion" })))).toEqual([]);
  });

  it("a time-out while Warden is down, or hardly back", () => {
    const facts = [
      at(0, began("i-1", "launch")),
      at(900, ended("i-1", "launch", { by: "timeout", result: "ABANDON" })),
    ];
    for (const wardenIsDown of [downBetween(0, 2_000), downBetween(100, 800)])
      expect(verdict(rule02({ ...quietRun, wardenIsDown }), facts)).toEqual([]);
  });
});

describe("rule 2 catches", () => {
  it("a time-out while Warden is able to act, and has been for three heartbeats", () => {
    const facts = [
      at(0, began("i-1", "launch")),
      at(900, ended("i-1", "launch", { by: "timeout", result: "ABANDON" })),
    ];
    expect(check(...facts)).toEqual([expect.stringMatching(/expired after 900 s with ABANDON/)]);
    const wardenIsDown = downBetween(100, 700);
    expect(verdict(rule02({ ...quietRun, wardenIsDown }), facts)).toHaveLength(1);
  });

  it("two different answers that are both accepted", () => {
    const answers = [at(60, answered("i-1", "launch", "CONTINUE")), at(61, answered("i-1", "launch", "ABANDON"))];
    expect(check(at(0, began("i-1", "launch")), ...answers)).toEqual([
      expect.stringMatching(/answered CONTINUE, and then ABANDON/),
    ]);
  });

  it("a result that nobody answered", () => {
    const [answer, end] = [answered("i-1", "launch", "CONTINUE"), ended("i-1", "launch", { result: "ABANDON" })];
    for (const facts of [
      [answer, end],
      [end, answer],
    ])
      expect(check(at(0, began("i-1", "launch")), ...facts.map((each) => at(60, each)))).toHaveLength(1);
  });

  it("two results of one action, and one of no action", () => {
    const end = ended("i-1", "terminate");
    expect(check(at(0, began("i-1", "terminate")), at(1, end), at(2, end))).toEqual([
      expect.stringMatching(/ended twice/),
    ]);
    expect(check(at(1, end))).toEqual([expect.stringMatching(/never begun/)]);
  });
});
