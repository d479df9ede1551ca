/** When a freeze is in force, and what it does not let happen. */
import { describe, expect, it } from "vitest";
import { type Freeze, freezeAt, inForceFrom, mayDisrupt, nodesWanted, tellingDue } from "../src/index.ts";
import { group, name, noon, policy, seen } from "./builder.ts";

const minute = 60_000;
const exam: Freeze = { id: "f1", from: noon, to: noon + 120 * minute, by: "ann", reason: "exam" };
const peak: Freeze = { ...exam, id: "f2", reason: "enrolment", nodes: { web: 8 } };

describe("a freeze", () => {
  it("is in force a quarter of an hour before it begins, and not at the moment it ends", () => {
    expect(inForceFrom(exam)).toBe(noon - 15 * minute);
    expect(freezeAt([exam], noon - 15 * minute - 1)).toBeUndefined();
    expect(freezeAt([exam], noon - 15 * minute)).toEqual({ by: "ann", reason: "exam", until: exam.to });
    expect(freezeAt([exam], exam.to)).toBeUndefined();
  });

  it("counts as long as the longest of those in force", () => {
    const longer = { ...exam, id: "f3", to: exam.to + minute, reason: "resit" };
    const later = { ...exam, id: "f4", from: noon + 600 * minute, to: noon + 900 * minute };
    expect(freezeAt([exam, longer, later], noon)).toMatchObject({ reason: "resit" });
  });

  it("for a peak begins early enough to launch, and wants the most of what is wanted", () => {
    expect(inForceFrom(peak)).toBe(noon - 45 * minute);
    expect(nodesWanted([exam, peak, { ...peak, nodes: { web: 5 } }], "web", noon)).toBe(8);
    expect(nodesWanted([peak], "another", noon)).toBe(0);
    expect(nodesWanted([peak], "web", noon - 46 * minute)).toBe(0);
  });
});

describe("of a peak people are told", () => {
  const before = (minutes: number, told?: Freeze["told"]) => tellingDue({ ...peak, told }, noon - minutes * minute);
  const day = 24 * 60;

  it("a day before it begins, and twenty minutes before, once each", () => {
    expect([before(day + 1), before(day), before(21)]).toEqual([undefined, "day-before", "day-before"]);
    expect(before(21, { when: "day-before", ready: false })).toBeUndefined();
    expect(before(20, { when: "day-before", ready: true })).toBe("shortly-before");
    expect(before(10, { when: "shortly-before", ready: true })).toBeUndefined();
  });

  it("again as long as something fell short, and nothing once it has begun", () => {
    expect(before(1, { when: "shortly-before", ready: false })).toBe("again");
    expect([before(0), before(0, { when: "shortly-before", ready: false })]).toEqual([undefined, undefined]);
  });

  it("and of a freeze that wants no nodes, nothing", () => {
    expect(tellingDue(exam, noon - 10 * minute)).toBeUndefined();
  });
});

describe("in a freeze", () => {
  const freeze = { by: "ann", reason: "exam", until: noon + minute };
  const asked = (
    cause: "unhealthy" | "operator" | "rebalance" | "maintenance",
    more: Parameters<typeof seen>[1] = {},
  ) =>
    mayDisrupt(
      { seen: seen("InService", { freeze, ...more }), policy, now: noon, pass: "p" },
      { instance: name.instance, cause, reason: "" },
    );

  it.each(["operator", "rebalance", "maintenance"] as const)("nobody leaves for the cause %s", (cause) => {
    expect(asked(cause, { target: "unhealthy" })).toMatchObject({ allowed: false, guard: "freeze" });
  });

  it("a bad node to which visitors are sent stays, and one to which none are is replaced", () => {
    expect(asked("unhealthy", { target: "healthy" })).toMatchObject({
      guard: "freeze",
      why: `ann has frozen the site until ${new Date(noon + minute).toISOString()}: exam`,
    });
    expect(asked("unhealthy", { target: "unhealthy" })).toEqual({ allowed: true });
  });

  it("what the minimum was raised to is no floor: the dead could never be replaced", () => {
    const raised = { desired: 5, min: 5, inService: 5 };
    expect(asked("unhealthy", { target: "unhealthy", group: group(raised) })).toMatchObject({ guard: "floor" });
    expect(asked("unhealthy", { target: "unhealthy", group: group({ ...raised, minApartFromFreeze: 2 }) })).toEqual({
      allowed: true,
    });
  });
});
