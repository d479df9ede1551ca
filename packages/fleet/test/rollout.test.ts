import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assignedTo,
  budgetSize,
  decideRollout,
  type InstanceId,
  instanceId,
  type NodeRecord,
  type Push,
  type Rollout,
  type RolloutLook,
} from "../src/index.ts";
import { group, name, noon, policy, serving } from "./builder.ts";

const lastGood = { release: "5.2", digest: "d1" };
const candidate = { release: "5.2", digest: "d2" };
const id = (end: number): InstanceId => instanceId(`i-${String(end).padStart(17, "0")}`);

const begun: Rollout = {
  ...{ v: 1, id: "r", site: name.site, group: name.group, candidate, lastGood },
  ...{ by: "ann", reason: "uploads", startedAt: noon, phase: "rolling", members: [], wave: 0 },
};

type Is = "untouched" | "proven" | Push["is"];

function nodeThat(is: Is, end: number): NodeRecord {
  const digest = is === "proven" || is === "proving" ? "d2" : "d1";
  const push = is === "untouched" || is === "proven" ? undefined : { ...candidate, at: noon, is, message: "m" };
  return serving({}, { instance: id(end), verified: { release: "5.2", digest, at: noon }, push });
}

const lookAt = (nodes: readonly NodeRecord[], more: Partial<RolloutLook> = {}): RolloutLook => ({
  nodes,
  group: group({ desired: nodes.length, inService: nodes.length }),
  halted: undefined,
  published: undefined,
  policy,
  now: noon,
  ...more,
});

const nodesThatAre = (...all: readonly Is[]): NodeRecord[] => all.map((is, end) => nodeThat(is, end));
const membersTo = (count: number, wave: number): Pick<Rollout, "members" | "wave"> => ({
  members: Array.from({ length: count }, (_, end) => id(end)),
  wave,
});

describe("a rollout", () => {
  it("begins with one node, however many there are", () => {
    const decision = decideRollout(begun, lookAt(nodesThatAre(...Array<Is>(50).fill("untouched"))));
    expect(decision).toMatchObject({ rollout: { members: [id(0)], wave: 1 }, wake: [id(0)] });
  });

  it("tries another node first when the canary could not be told, or left", () => {
    const one = { ...begun, ...membersTo(1, 1) };
    const silent = decideRollout(one, lookAt(nodesThatAre("left-out", "untouched", "untouched")));
    expect(silent.rollout).toMatchObject({ members: [id(1)], wave: 1 });
    const [, ...others] = nodesThatAre("proven", "untouched", "untouched");
    expect(decideRollout(one, lookAt(others)).rollout).toMatchObject({ members: [id(1)], wave: 1 });
  });

  it("takes the turn of a member that is out of service when the next wave goes: it would come back as one too many", () => {
    const [proven, away, ...others] = nodesThatAre("proven", "untouched", "untouched", "untouched");
    if (proven === undefined || away === undefined) throw new Error("two nodes");
    const nodes = [proven, { ...away, lifecycleState: "Standby" }, ...others];
    const decision = decideRollout({ ...begun, ...membersTo(2, 1) }, lookAt(nodes));
    expect(decision.rollout.members).toEqual([id(0), id(2)]);
  });

  it("gives nobody a second turn before others had theirs, nor before a while has passed", () => {
    const one = { ...begun, ...membersTo(1, 1) };
    const alone = lookAt(nodesThatAre("left-out", "left-out"));
    const passedOver = { ...one, members: [id(1)] };
    expect(decideRollout(passedOver, alone).rollout.members).toEqual([id(1)]);
    const later = decideRollout({ ...begun, members: [] }, { ...alone, now: noon + policy.verifyEvery });
    expect(later.rollout.members).toEqual([id(0)]);
  });

  it("waits for a member that is about to be told once more", () => {
    const look = { ...lookAt(nodesThatAre("left-out", "untouched")), now: noon + policy.holdRecheck / 2 };
    const decision = decideRollout({ ...begun, ...membersTo(1, 1) }, look);
    expect(decision).toMatchObject({ rollout: { members: [id(0)] }, wake: [id(0)] });
  });

  it("is not done while most nodes could not be told: one that is proven stands for itself alone", () => {
    const nodes = nodesThatAre("proven", "left-out", "left-out", "left-out");
    const decision = decideRollout({ ...begun, ...membersTo(1, 1) }, lookAt(nodes));
    expect(decision).toMatchObject({ rollout: { phase: "rolling" }, conclude: false });
    expect(decision.why).toMatch(/^waits: 1 of 4 nodes could be given it yet; without i-/);
    const half = nodesThatAre("proven", "proven", "left-out", "left-out");
    expect(decideRollout({ ...begun, ...membersTo(2, 1) }, lookAt(half)).conclude).toBe(true);
  });

  it.each<Is>(["under-way", "proving", "waiting"])("waits while one is %s", (is) => {
    const decision = decideRollout({ ...begun, ...membersTo(1, 1) }, lookAt(nodesThatAre(is, "untouched")));
    expect(decision.rollout).toMatchObject({ phase: "rolling", members: [id(0)] });
  });

  it("ends with the first node that is bad with it, and wakes all that have it", () => {
    const nodes = nodesThatAre("proven", "refused", "proven", "untouched");
    const decision = decideRollout({ ...begun, ...membersTo(3, 2) }, lookAt(nodes));
    expect(decision).toMatchObject({ rollout: { phase: "returning" }, conclude: false });
    expect(decision.wake).toContain(id(0));
    expect(decision.why).toContain(`${id(1)} is bad with it: m`);
  });

  it("has returned only when everybody is back, or can do no more about it", () => {
    const returning: Rollout = { ...begun, ...membersTo(2, 1), phase: "returning", because: "it is bad" };
    expect(decideRollout(returning, lookAt(nodesThatAre("proven", "untouched"))).rollout.phase).toBe("returning");
    expect(decideRollout(returning, lookAt(nodesThatAre("untouched", "untouched"))).rollout.phase).toBe("returned");
    const stuck = { ...nodeThat("proven", 0), push: { ...lastGood, at: noon, is: "refused", message: "m" } as const };
    const decision = decideRollout(returning, lookAt([stuck, nodeThat("untouched", 1)]));
    expect(decision).toMatchObject({ rollout: { phase: "returned" }, why: `it is bad; all are back but ${id(0)}` });
  });

  it("makes the candidate the last good once all are proven, and is done once that can be read", () => {
    const nodes = nodesThatAre("proven", "proven");
    const proven = decideRollout({ ...begun, ...membersTo(2, 1) }, lookAt(nodes));
    expect(proven).toMatchObject({ rollout: { phase: "concluding" }, conclude: true, publish: candidate });
    const again = decideRollout(proven.rollout, lookAt(nodes, { published: lastGood }));
    expect(again).toMatchObject({ rollout: { phase: "concluding" }, publish: candidate, conclude: false });
    const done = decideRollout(proven.rollout, lookAt(nodes, { published: candidate }));
    expect(done).toMatchObject({ rollout: { phase: "done" }, publish: undefined });
  });

  it("never ends well without a node that proved it", () => {
    const none = decideRollout({ ...begun, ...membersTo(2, 1) }, lookAt(nodesThatAre("left-out", "left-out")));
    expect(none.rollout.phase).toBe("rolling");
    expect(decideRollout(begun, lookAt([])).rollout.phase).toBe("rolling");
  });

  it.each([
    ["Warden is stopped", { halted: "bob stopped Warden: exam" }],
    ["many nodes fail at once", { group: group({ desired: 10, inService: 10, unhealthy: 3 }) }],
    ["others use up the budget", { group: group({ desired: 10, inService: 8 }) }],
  ])("begins no wave while %s", (_, more) => {
    const nodes = nodesThatAre("proven", ...Array<Is>(9).fill("untouched"));
    const decision = decideRollout({ ...begun, ...membersTo(1, 1) }, lookAt(nodes, more));
    expect(decision).toMatchObject({ rollout: { members: [id(0)] }, wake: [] });
    expect(decision.why).toMatch(/^waits: /);
  });

  it("turns back when it is withdrawn, at any time", () => {
    const withdrawn = { ...begun, ...membersTo(1, 1), withdrawn: { by: "bob", reason: "exam" } };
    expect(decideRollout(withdrawn, lookAt(nodesThatAre("proving", "untouched"))).rollout.phase).toBe("returning");
  });
});

describe("whatever the nodes are", () => {
  const is = fc.constantFrom<Is>("untouched", "proven", "under-way", "proving", "waiting", "refused", "left-out");
  const any = fc.record({
    nodes: fc.array(is, { maxLength: 12 }).map((all) => nodesThatAre(...all)),
    members: fc.integer({ min: 0, max: 12 }),
    wave: fc.integer({ min: 1, max: 4 }),
    away: fc.integer({ min: 0, max: 3 }),
  });

  it("no wave is larger than the budget has left, none begins over one that is not proven", () => {
    fc.assert(
      fc.property(any, ({ nodes, members, wave, away }) => {
        const rollout: Rollout = { ...begun, ...membersTo(members, Math.min(wave, members)) };
        const view = group({ desired: nodes.length + away, inService: nodes.length });
        const { rollout: next } = decideRollout(rollout, lookAt(nodes, { group: view }));
        const added = next.members.filter((each) => !rollout.members.includes(each)).length;
        if (added === 0) return;
        expect(added).toBeLessThanOrEqual(Math.max(0, budgetSize(view, policy.disruptionBudget) - away));
        const inIt = nodes.filter((node) => rollout.members.includes(node.instance));
        for (const { push } of inIt) expect(push?.digest === "d2" && push.is !== "left-out").toBe(false);
        const silent = inIt.filter(({ push }) => push?.is === "left-out").map(({ instance }) => instance);
        for (const instance of silent) expect(next.members).not.toContain(instance);
      }),
      { numRuns: 2000 },
    );
  });

  it("a node launches with the last good, and only members have the candidate", () => {
    const rollout: Rollout = { ...begun, ...membersTo(2, 1) };
    expect(assignedTo(id(1), lastGood, rollout)).toEqual(candidate);
    expect(assignedTo(id(7), lastGood, rollout)).toEqual(lastGood);
    for (const phase of ["returning", "returned", "concluding", "done"] as const)
      expect(assignedTo(id(1), lastGood, { ...rollout, phase })).toEqual(lastGood);
    expect(assignedTo(id(1), lastGood, undefined)).toEqual(lastGood);
  });
});
