import { describe, expect, it } from "vitest";
import { rule07 } from "../../src/checkers/rule-07.ts";
import type { Fact, FactDetail } from "../../src/facts/fact.ts";
import { at, phase, quietRun, taken, verdict } from "./story.ts";

const check = (...facts: readonly Fact[]) => verdict(rule07(quietRun), facts).map(({ detail }) => detail);

const freeze: FactDetail = { kind: "freeze", until: 3_000_000 };
const take = (more: Partial<Extract<FactDetail, { kind: "taken" }>> = {}): FactDetail => taken("i-1", ["i-2"], more);

describe("rule 7 lets pass", () => {
  it("what is taken before a freeze, after it, or where there is none", () => {
    expect(check(at(99, take()), at(100, freeze), at(3_000, take()))).toEqual([]);
    expect(check(at(99, take()))).toEqual([]);
  });

  it("a node that set out before the freeze, however long it took", () => {
    expect(check(at(90, phase("i-1", "leaving")), at(100, freeze), at(900, take()))).toEqual([]);
  });

  it("a node that is bad by its own fault, that AWS announced, or that somebody else took", () => {
    const inFreeze = (more: Parameters<typeof take>[0]) => check(at(100, freeze), at(200, take(more)));
    expect(inFreeze({ ownFault: true })).toEqual([]);
    expect(inFreeze({ announced: true })).toEqual([]);
    expect(inFreeze({ by: "somebody else" })).toEqual([]);
  });
});

describe("rule 7 catches", () => {
  it("a healthy node that Warden takes in a freeze", () => {
    expect(check(at(100, freeze), at(200, take({ how: "terminate" })))).toEqual([
      "terminate was called, decided 100 s after the freeze began",
    ]);
    expect(check(at(100, freeze), at(150, phase("i-1", "leaving")), at(200, take()))).toHaveLength(1);
  });
});
