import { describe, expect, it } from "vitest";
import type { Answer, CommandView, Leave, NodeRecord } from "../src/index.ts";
import {
  actionTypes,
  answered,
  command,
  decided,
  group,
  leave,
  noon,
  policy,
  record,
  seen,
  serving,
  terminateEpisode,
  verified,
} from "./builder.ts";

const episode = terminateEpisode();
const drainStatus = (more: Partial<Extract<Answer, { step: "drain-status" }>> = {}): CommandView =>
  answered({ step: "drain-status", idle: true, busyWith: "", tasks: [], ...more });
const busy = drainStatus({ idle: false, busyWith: "tasks a", tasks: ["a"] });
const underWay: CommandView = { status: "under-way" };

const leavingNode = (how: Partial<Leave>, step?: Parameters<typeof command>[0], more: Partial<NodeRecord> = {}) =>
  record(
    { name: "leaving", leave: leave(how), command: step && command(step) },
    { lifecycleState: "InService", served: true, verified, ...more },
  );
const ours = { startedBy: "warden", cause: "operator" } as const;

describe("Warden starts it", () => {
  const order = { id: "o1", verb: "replace", by: "ann", reason: "old", expiresAt: noon + 1 } as const;
  const begun = decided(serving(), seen("InService", { order }));

  it("deregisters and drains first", () => {
    expect(actionTypes(begun)).toEqual(["deregister-targets", "drain"]);
    expect(begun).toMatchObject({ claimsSlot: true, record: { slot: true, orderDone: "o1" } });
  });

  it("asks the host until it is idle, then terminates", () => {
    const asked = decided(begun.record, seen("InService", { command: answered({ step: "drain" }) }));
    expect(actionTypes(asked)).toEqual(["drain-status"]);
    const waiting = decided(asked.record, seen("InService", { command: busy }));
    expect(waiting.actions).toEqual([]);
    expect(waiting.why).toContain("still busy: tasks a");
    expect(actionTypes(decided(waiting.record, seen("InService")))).toEqual(["drain-status"]);
    const idle = decided(asked.record, seen("InService", { command: drainStatus() }));
    expect(idle.actions).toEqual([{ type: "terminate-instance", shrink: false }]);
  });

  it("asks to terminate again until the state shows it", () => {
    const idle = leavingNode({ ...ours, idleAt: noon });
    expect(actionTypes(decided(idle, seen("InService")))).toEqual(["terminate-instance"]);
    expect(decided(idle, seen("Terminating")).actions).toEqual([]);
  });

  it("saves evidence at the hook, then answers CONTINUE", () => {
    const idle = leavingNode({ ...ours, idleAt: noon }, undefined, { episode });
    const saving = decided(idle, seen("Terminating:Wait"));
    expect(actionTypes(saving)).toEqual(["evidence"]);
    const saved = answered({ step: "evidence", summary: "" });
    expect(decided(saving.record, seen("Terminating:Wait", { command: saved })).actions).toMatchObject([
      { type: "complete-lifecycle-action", result: "CONTINUE" },
    ]);
  });

  it("deregisters a node whose agent is silent, and waits the load balancer's delay from then on", () => {
    const old = serving({}, { since: noon - 86_400_000 });
    const first = decided(old, seen("InService", { order, agent: "offline" }));
    expect(actionTypes(first)).toEqual(["deregister-targets"]);
    const silent = seen("InService", { agent: "offline" });
    expect(decided(first.record, silent, { now: noon + 299_000 }).actions).toEqual([]);
    expect(actionTypes(decided(first.record, silent, { now: noon + 300_000 }))).toEqual(["terminate-instance"]);
  });

  it("drains a node whose agent comes back while the load balancer's delay runs", () => {
    const first = decided(serving(), seen("InService", { order, agent: "offline" }));
    const back = decided(first.record, seen("InService", { order }), { now: noon + 60_000 });
    expect(actionTypes(back)).toEqual(["drain"]);
    const hooked = decided({ ...first.record, episode }, seen("Terminating:Wait"), { now: noon + 300_000 });
    expect(actionTypes(hooked)).toEqual(["drain"]);
  });

  it("says so when it ends a node that could not be asked what it runs", () => {
    const unreachable = leavingNode({ ...ours, asked: "unreachable" }, undefined, { since: noon - 300_000 });
    const decision = decided(unreachable, seen("InService", { agent: "offline" }));
    expect(decision.why).toContain("abandoning whatever it runs that nobody there could tell: terminate");
  });

  it("deregisters again when the command of the same decision was never sent", () => {
    const lost = seen("InService", { command: { status: "not-found" } });
    expect(actionTypes(decided(begun.record, lost, { now: noon + 60_000 }))).toEqual(["deregister-targets", "drain"]);
  });

  it("stands still while Warden is stopped, and goes on when it is not", () => {
    const idle = leavingNode({ ...ours, idleAt: noon });
    const stopped = { by: "ann", reason: "exam" };
    const halted = decided(idle, seen("InService", { stopped }));
    expect(halted.actions).toEqual([]);
    expect(halted.why).toContain("ann stopped Warden");
    expect(halted.dueAt).toBeGreaterThan(noon);
    expect(actionTypes(decided(halted.record, seen("InService")))).toEqual(["terminate-instance"]);
  });

  it("does not stand still for a spot reclaim, nor for what Auto Scaling ends", () => {
    const stopped = { by: "ann", reason: "exam" };
    const spot = leavingNode({ ...ours, idleAt: noon }, undefined, { notice: { kind: "spot", goneAt: noon + 90_000 } });
    expect(actionTypes(decided(spot, seen("InService", { stopped })))).toEqual(["terminate-instance"]);
    const theirs = decided(serving(), seen("Terminating:Wait", { stopped }));
    expect(actionTypes(theirs)).toEqual(["drain"]);
  });

  it("goes on when an operator holds the node too late", () => {
    const hold = { id: "o2", verb: "hold", by: "bob", reason: "look", expiresAt: noon + 1 } as const;
    const idle = leavingNode({ ...ours, idleAt: noon });
    expect(actionTypes(decided(idle, seen("InService", { order: hold })))).toEqual(["terminate-instance"]);
  });
});

describe("Auto Scaling starts it", () => {
  it("stops cron as soon as Terminating shows, without deregistering what is deregistered already", () => {
    const decision = decided(serving(), seen("Terminating"));
    expect(actionTypes(decision)).toEqual(["drain"]);
    expect(decision.record).toMatchObject({ phase: { leave: { startedBy: "auto-scaling" } }, slot: false });
  });

  it("releases at once a node that never served", () => {
    const launching = record({ name: "arriving" });
    expect(decided(launching, seen("Terminating:Wait")).actions).toMatchObject([{ result: "CONTINUE" }]);
  });

  it("drains a node that was told CONTINUE, since it may have served unseen", () => {
    const joining = record({ name: "joining" }, { verified });
    expect(actionTypes(decided(joining, seen("Terminating:Wait")))).toEqual(["drain"]);
  });

  it("waits for nobody when the agent is silent at the hook", () => {
    const decision = decided(serving(), seen("Terminating:Wait", { agent: "offline" }));
    expect(decision.actions).toMatchObject([{ type: "complete-lifecycle-action", result: "CONTINUE" }]);
  });

  it("only waits while Auto Scaling deregisters, even past its own deadline", () => {
    const idle = leavingNode({ idleAt: noon, deadline: noon - 1 });
    const decision = decided(idle, seen("Terminating"));
    expect(decision.actions).toEqual([]);
  });

  it("asks nothing of AWS for as long as only Auto Scaling can go on", () => {
    expect(decided(leavingNode({ idleAt: noon }), seen("Terminating")).dueAt).toBeUndefined();
    const released = record({ name: "released" }, { episode, lifecycleState: "Terminating:Wait" });
    expect(decided(released, seen("Terminating:Proceed")).dueAt).toBeUndefined();
    expect(decided(released, seen("Terminating:Wait")).dueAt).toBe(noon + policy.retryDelay);
  });

  it("does not end a node whose termination was taken back: it is looked at as one in service", () => {
    const decision = decided(leavingNode({ idleAt: noon }), seen("InService"));
    expect(decision.record.phase).toMatchObject({ name: "in-service", nextVerifyAt: noon });
    expect(decision.actions).toEqual([]);
  });
});

describe("when time is up", () => {
  it("lists the tasks it abandons", () => {
    const draining = leavingNode({ deadline: noon + 10_000 }, "drain-status", { episode });
    const first = decided(draining, seen("Terminating:Wait", { command: busy }), { now: noon + 9000 });
    expect(first.record.phase).toMatchObject({ leave: { abandoned: ["a"] } });
    const late = { now: noon + 10_000 };
    const saving = decided(first.record, seen("Terminating:Wait"), late);
    expect(actionTypes(saving)).toEqual(["evidence"]);
    const ended = decided(saving.record, seen("Terminating:Wait", { command: underWay }), { now: noon + 15_000 });
    expect(ended.actions).toMatchObject([{ result: "CONTINUE" }]);
    expect(ended.why).toContain("abandoning a");
  });

  it("never waits longer than a minute for evidence", () => {
    const saving = leavingNode({ idleAt: noon }, "evidence", { episode });
    const view = seen("Terminating:Wait", { command: underWay });
    expect(decided(saving, view, { now: noon + 59_000 }).actions).toEqual([]);
    expect(decided(saving, view, { now: noon + 60_000 }).actions).toMatchObject([{ result: "CONTINUE" }]);
  });

  it("leaves 20 s of a spot instance's two minutes for last words", () => {
    const hints = [{ kind: "spot", goneAt: noon + 120_000, withdrawn: false }] as const;
    const decision = decided(serving(), seen("InService", { hints }));
    expect(decision.record.phase).toMatchObject({ leave: { cause: "spot", deadline: noon + 100_000 } });
    expect(decision.claimsSlot).toBe(false);
  });

  it("shortens a drain under way when a spot warning comes", () => {
    const hints = [{ kind: "spot", goneAt: noon + 120_000, withdrawn: false }] as const;
    const decision = decided(leavingNode(ours, "drain-status"), seen("InService", { hints, command: underWay }));
    expect(decision.record.phase).toMatchObject({ leave: { deadline: noon + 100_000 } });
  });

  it("gives up on a drain that nobody answers", () => {
    const draining = leavingNode({ asked: "no" }, "drain", { episode });
    const silent = seen("Terminating:Wait", { command: { status: "silent", detail: "Undeliverable" } });
    expect(decided(draining, silent).actions).toMatchObject([{ result: "CONTINUE" }]);
  });
});

describe("after it left", () => {
  it("repeats CONTINUE while the hook still shows, and says nothing more once it is closed", () => {
    const released = record({ name: "released" }, { episode, lifecycleState: "Terminating:Wait" });
    expect(decided(released, seen("Terminating:Wait")).actions).toMatchObject([{ result: "CONTINUE" }]);
    const closed = { ...episode, result: { value: "CONTINUE", closed: true } as const };
    expect(decided({ ...released, episode: closed }, seen("Terminating:Wait")).actions).toEqual([]);
  });

  it("believes an absence only after a pause, however often it is looked at meanwhile", () => {
    const first = decided(serving(), seen("absent"));
    expect(first.record).toMatchObject({ phase: { name: "in-service" }, missingSince: noon });
    const soon = decided(first.record, seen("absent"), { now: noon + 100 });
    expect(soon.record).toEqual(first.record);
    const later = { now: noon + policy.retryDelay };
    expect(decided(soon.record, seen("absent"), later).record.phase.name).toBe("gone");
    expect(decided(soon.record, seen("InService"), later).record).toMatchObject({ missingSince: undefined });
  });

  it.each(["Warmed:Stopped", "Standby", "Terminating:Retained"])("gives its slot back when it ends up %s", (state) => {
    const released = record({ name: "released" }, { slot: true, served: true });
    expect(decided(released, seen(state)).record).toMatchObject({ phase: { name: "aside" }, slot: false });
  });

  it("keeps its slot until it is gone", () => {
    const released = record({ name: "released" }, { slot: true, served: true, missingSince: noon - 60_000 });
    expect(decided(released, seen("Terminating")).record.slot).toBe(true);
    expect(decided(released, seen("absent")).record.slot).toBe(false);
  });

  it("drains within the deregistration delay of its group", () => {
    const unreachable = leavingNode({ ...ours, asked: "unreachable" });
    const view = seen("InService", { group: group({ deregistrationDelay: 0 }), agent: "offline" });
    expect(actionTypes(decided(unreachable, view))).toEqual(["terminate-instance"]);
  });
});
