/** What is held of a group's scaling in a freeze, against Auto Scaling as a few lines of its documented behaviour. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  giveBack,
  type HeldScaling,
  hold,
  instanceId,
  isNothing,
  type ScalingChange,
  type ScalingFacts,
} from "../src/index.ts";

const one = (end: number, isProtected = false) => ({
  ...{ instance: instanceId(`i-${String(end).padStart(17, "0")}`), lifecycleState: "InService", isProtected },
});

const group = (desired: number, more: Partial<ScalingFacts> = {}): ScalingFacts => ({
  ...{ min: 2, max: 10, desired, protectsNew: false, suspended: [] },
  instances: Array.from({ length: desired }, (_, end) => one(end + 1)),
  ...more,
});

/** As Auto Scaling carries it out: a minimum above what is desired raises that. */
function done(facts: ScalingFacts, change: ScalingChange): ScalingFacts {
  const min = change.min ?? facts.min;
  const desired = change.desired ?? Math.max(min, facts.desired);
  const there = Array.from({ length: desired }, (_, end) => facts.instances[end] ?? one(end + 1, true));
  return {
    ...{ min, desired, max: facts.max, protectsNew: change.protectsNew ?? facts.protectsNew },
    suspended: [...facts.suspended.filter((each) => !change.resume.includes(each)), ...change.suspend],
    instances: there.map((each) => ({
      ...each,
      isProtected:
        change.protect.includes(each.instance) || (each.isProtected && !change.unprotect.includes(each.instance)),
    })),
  };
}

const calm = { wanted: 0, extra: 0 };

/** Looks until nothing is left to do, as sweeps do. */
function givenBack(held: HeldScaling, facts: ScalingFacts): { readonly facts: ScalingFacts; readonly steps: number[] } {
  const steps: number[] = [];
  let left: HeldScaling | undefined = held;
  let now = facts;
  for (let look = 0; left !== undefined; look++) {
    if (look > 50) throw new Error("it does not come to an end");
    const plan = giveBack(left, now, 0.2);
    if (plan.change.desired !== undefined) steps.push(plan.change.desired);
    left = plan.held;
    now = done(now, plan.change);
  }
  return { facts: now, steps };
}

describe("while a freeze is in force", () => {
  it("a group keeps what it has: its minimum is raised, all are protected, zones are not balanced", () => {
    const { held, change } = hold(undefined, group(4), calm);
    expect(change).toMatchObject({ min: 4, protectsNew: true, suspend: ["AZRebalance"], desired: undefined });
    expect(change.protect).toHaveLength(4);
    expect(held).toMatchObject({ theirs: { min: 2, desired: 4, suspended: [] }, made: { min: 4, desired: 4 } });
  });

  it("nothing is done again that is so already", () => {
    const { held, change } = hold(undefined, group(4), calm);
    const again = hold(held, done(group(4), change), calm);
    expect(isNothing(again.change)).toBe(true);
    expect(again.held).toEqual(held);
  });

  it("a peak's nodes are there, but never more than the group may have", () => {
    expect(hold(undefined, group(2), { wanted: 6, extra: 0 }).held.made).toEqual({ min: 6, desired: 6 });
    expect(hold(undefined, group(2), { wanted: 60, extra: 0 }).held.made).toEqual({ min: 10, desired: 10 });
  });

  it("what grew stays, and is what the others want", () => {
    const first = hold(undefined, group(4), calm);
    const grown = { ...done(group(4), first.change), desired: 7 };
    const { held, change } = hold(first.held, grown, calm);
    expect(change.min).toBe(7);
    expect(held.theirs.desired).toBe(7);
  });

  it("a scheduled action that makes the group small is taken back, and remembered", () => {
    const first = hold(undefined, group(4), calm);
    const { held, change } = hold(first.held, { ...done(group(4), first.change), min: 1, desired: 1 }, calm);
    expect(change.min).toBe(4);
    expect(held).toMatchObject({ theirs: { min: 1, desired: 1 }, made: { min: 4, desired: 4 } });
  });

  it("what Warden itself has raised for a replacement does not become the minimum", () => {
    const { held } = hold(undefined, group(5), { wanted: 0, extra: 1 });
    expect(held).toMatchObject({ made: { min: 4, desired: 5 }, theirs: { desired: 4 } });
  });

  it("only who is in service or in standby is protected: the call fails whole for anybody else", () => {
    const instances = ["InService", "Pending:Wait", "Terminating:Wait", "Standby"].map((lifecycleState, end) => ({
      ...{ ...one(end), lifecycleState },
    }));
    expect(hold(undefined, group(4, { instances }), calm).change.protect).toEqual([one(0).instance, one(3).instance]);
  });
});

describe("when it is over", () => {
  it("everything is as it was", () => {
    const before = group(4, { instances: [one(1, true), one(2), one(3), one(4)], suspended: ["AddToLoadBalancer"] });
    const { held, change } = hold(undefined, before, calm);
    expect(givenBack(held, done(before, change)).facts).toEqual(before);
  });

  it("what was suspended and protected before stays so", () => {
    const before = group(3, {
      protectsNew: true,
      suspended: ["AZRebalance"],
      instances: [1, 2, 3].map((end) => one(end, true)),
    });
    const { held, change } = hold(undefined, before, calm);
    expect(change).toMatchObject({ protectsNew: undefined, suspend: [], protect: [] });
    expect(givenBack(held, done(before, change)).facts).toEqual(before);
  });

  it("the nodes of a peak go a few at a time", () => {
    const { held, change } = hold(undefined, group(2), { wanted: 10, extra: 0 });
    const { facts, steps } = givenBack(held, done(group(2), change));
    expect(steps).toEqual([8, 6, 4, 3, 2]);
    expect(facts).toMatchObject({ min: 2, desired: 2 });
  });

  it("none goes while another is on its way out, or has not come", () => {
    const { held, change } = hold(undefined, group(2), { wanted: 5, extra: 0 });
    const five = done(group(2), change);
    const leaving = [{ ...one(1, true), lifecycleState: "Terminating:Wait" }, ...five.instances.slice(1)];
    expect(giveBack(held, { ...five, instances: leaving }, 0.2)).toMatchObject({ change: { desired: undefined } });
    expect(giveBack(held, { ...five, instances: five.instances.slice(1) }, 0.2).held).toBeDefined();
  });

  it("what somebody else has decided since stands", () => {
    const { held, change } = hold(undefined, group(2), { wanted: 6, extra: 0 });
    const { facts } = givenBack(held, { ...done(group(2), change), min: 3, desired: 7 });
    expect(facts).toMatchObject({ min: 3, desired: 7 });
  });

  it("who comes in at that moment is waited for, and loses the protection it was launched with", () => {
    const { held, change } = hold(undefined, group(2), calm);
    const arriving = { ...one(3, true), lifecycleState: "Pending:Wait" };
    const now = { ...done(group(2), change), desired: 3 };
    const first = giveBack(held, { ...now, instances: [...now.instances, arriving] }, 0.2);
    expect(first.held).toBeDefined();
    const later = done({ ...now, instances: [...now.instances, one(3, true)] }, first.change);
    expect(givenBack(first.held ?? held, later).facts.instances.every(({ isProtected }) => !isProtected)).toBe(true);
  });
});

it("whatever was there, and however often it is looked at, comes back as it was", () => {
  const facts = fc.integer({ min: 0, max: 6 }).chain((min) =>
    fc.record({
      desired: fc.integer({ min, max: 10 }),
      wanted: fc.integer({ min: 0, max: 14 }),
      looks: fc.integer({ min: 1, max: 4 }),
      more: fc.record({
        min: fc.constant(min),
        protectsNew: fc.boolean(),
        suspended: fc.subarray(["AZRebalance", "AddToLoadBalancer"]),
      }),
    }),
  );
  fc.assert(
    fc.property(facts, ({ desired, wanted, looks, more }) => {
      const protectedOnes = group(desired, more).instances.map((each, index) => ({
        ...each,
        isProtected: more.protectsNew || index % 3 === 0,
      }));
      const before = { ...group(desired, more), instances: protectedOnes };
      let held: HeldScaling | undefined;
      let now: ScalingFacts = before;
      for (let look = 0; look < looks; look++) {
        const plan = hold(held, now, { wanted, extra: 0 });
        held = plan.held;
        now = done(now, plan.change);
        expect(now.desired).toBeGreaterThanOrEqual(Math.min(now.max, Math.max(desired, wanted)));
      }
      if (held === undefined) throw new Error("it was held");
      const after = givenBack(held, now).facts;
      expect({ ...after, suspended: after.suspended.toSorted() }).toEqual({
        ...before,
        suspended: before.suspended.toSorted(),
      });
    }),
  );
});
