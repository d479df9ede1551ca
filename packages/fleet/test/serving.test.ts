import { describe, expect, it } from "vitest";
import type { Order } from "../src/index.ts";
import {
  actionTypes,
  command,
  decided,
  group,
  node,
  noon,
  others,
  policy,
  record,
  seen,
  serving,
  verdict,
  verified,
} from "./builder.ts";

const order = (verb: "drain" | "replace" | "hold"): Order => ({
  id: "o1",
  verb,
  by: "ann",
  reason: "old",
  expiresAt: noon + 1,
});
const blamed = serving({ failures: 2, nextVerifyAt: noon });
const verifying = serving({ command: command("verify") });
const stopped = { by: "ann", reason: "exam" };

describe("a node in service", () => {
  it("enters from joining, due for its next verification", () => {
    const decision = decided(record({ name: "joining" }, { verified }), seen("InService"));
    expect(decision.record).toMatchObject({ phase: { name: "in-service", failures: 0 }, served: true });
    expect(decision.dueAt).toBe(noon + policy.verifyEvery);
  });

  it("stays what it is while a read from before it came shows it pending, and what it is asked goes on", () => {
    for (const late of ["Pending:Proceed", "Pending"]) {
      const decision = decided(verifying, seen(late));
      expect(decision.record.phase).toEqual(verifying.phase);
      expect(decision.dueAt).toBe(noon + policy.retryDelay);
    }
    // Back in the warm pool it is another passage.
    expect(decided(verifying, seen("Warmed:Pending")).record.phase).toEqual({ name: "arriving" });
  });

  it("is looked at again at once when a warning came before it entered", () => {
    const warned = record({ name: "joining" }, { verified, notice: { kind: "spot", goneAt: noon + 90_000 } });
    expect(decided(warned, seen("InService")).dueAt).toBe(noon);
  });

  it("is verified, read only, when it is time", () => {
    expect(decided(serving(), seen("InService")).actions).toEqual([]);
    const due = decided(serving(), seen("InService"), { now: noon + policy.verifyEvery });
    expect(due.actions).toMatchObject([{ step: "verify", release: "5.2", digest: "d1" }]);
  });

  it("is verified at once when the load balancer finds it unhealthy", () => {
    expect(actionTypes(decided(serving(), seen("InService", { target: "unhealthy" })))).toEqual(["verify"]);
  });

  it("is blamed only at the second bad answer, the second asked for on purpose", () => {
    const first = decided(verifying, seen("InService", { command: verdict("node-bad") }));
    expect(first.record.phase).toMatchObject({ failures: 1, nextVerifyAt: noon + policy.holdRecheck });
    expect(first.actions).toEqual([]);
    const again = serving({ failures: 1, command: command("verify") });
    const second = decided(again, seen("InService", { command: verdict("node-bad") }));
    expect(actionTypes(second)).toEqual(["deregister-targets", "drain"]);
  });

  it.each(["dependency-bad", "site-not-installed", "upgrade-pending"] as const)("is never blamed for %s", (is) => {
    const failing = serving({ failures: 1, command: command("verify") });
    const decision = decided(failing, seen("InService", { command: verdict(is) }));
    expect(decision.record.phase).toMatchObject({ failures: 0 });
  });

  it("is not ended for a silent agent, and not written down anew at every look", () => {
    const silent = seen("InService", { agent: "offline" });
    const early = decided(serving(), silent, { now: noon + 5000 });
    expect(early.record).toEqual(serving());
    expect(early.actions).toEqual([]);
    const due = decided(serving(), silent, { now: noon + policy.verifyEvery });
    expect(due.record.phase).toMatchObject({ failures: 0, nextVerifyAt: noon + 2 * policy.verifyEvery });
  });

  it("is blamed for silence only while the load balancer finds it unhealthy, too", () => {
    const command = { status: "silent", detail: "Undeliverable" } as const;
    expect(decided(verifying, seen("InService", { command })).record.phase).toMatchObject({ failures: 0 });
    const unhealthy = seen("InService", { command, target: "unhealthy" });
    expect(decided(verifying, unhealthy).record.phase).toMatchObject({ failures: 1 });
  });

  it("is not blamed for a verification that was never sent", () => {
    const unsent = seen("InService", { command: { status: "not-found" }, target: "unhealthy" });
    expect(decided(verifying, unsent, { now: noon + 60_000 }).record.phase).toMatchObject({ failures: 0 });
  });

  it("is not taken for verified as what it was when it says it is something else", () => {
    const at = { now: noon + 1000 };
    const decision = decided(verifying, seen("InService", { command: verdict("ok", { digest: "other" }) }), at);
    expect(decision.record.verified).toEqual(verified);
    expect(decision.why).toContain("it is 5.2 other now");
  });
});

describe("guards", () => {
  const why = (observation: Parameters<typeof seen>[1], from = blamed) => decided(from, seen("InService", observation));

  it.each([
    ["stop", { stopped }],
    ["hold", { order: order("hold") }],
    ["shared-cause", { group: group({ unhealthy: 2 }) }],
    ["budget", { group: group({ slots: [others[0] ?? node], slotsInService: 1 }) }],
    ["budget", { group: group({ inService: 4 }) }],
    ["floor", { group: group({ desired: 2, inService: 2, max: 2 }) }],
  ])("%s refuses, says so, and goes on caring for the node", (guard, observation) => {
    const decision = why(observation);
    expect(decision.why).toContain(`— ${guard}: `);
    expect(decision.refusedBy).toBe(guard);
    expect(actionTypes(decision)).toEqual(["verify"]);
    expect(decision).toMatchObject({ claimsSlot: false, record: { slot: false, phase: { name: "in-service" } } });
    expect(decision.dueAt).toBeLessThanOrEqual(noon + policy.holdRecheck);
  });

  it("lets a blamed node recover while it may not be replaced", () => {
    const asked = why({ group: group({ unhealthy: 2 }) }).record;
    const well = decided(asked, seen("InService", { group: group({ unhealthy: 2 }), command: verdict("ok") }));
    expect(well.record.phase).toMatchObject({ failures: 0, command: undefined });
  });

  it("starts nothing of its own while the last verification blames a shared part", () => {
    const maintenance = { kind: "maintenance", goneAt: noon + 86_400_000 } as const;
    const hurt = serving({ complaint: { parts: ["database"], message: "database", at: 0 } }, { notice: maintenance });
    const decision = decided(hurt, seen("InService"));
    expect(decision.why).toContain("shared-cause: a shared part is down: database");
  });

  it("hears what the node said before it decides to take it away", () => {
    const maintenance = { kind: "maintenance", goneAt: noon + 86_400_000 } as const;
    const asked = serving({ command: command("verify") }, { notice: maintenance });
    const decision = decided(asked, seen("InService", { command: verdict("dependency-bad") }));
    expect(decision.actions).toEqual([]);
    expect(decision.record.phase).toMatchObject({ complaint: { parts: [], message: "it says dependency-bad" } });
  });

  it("counts a lost node against the budget, and two slots of ten as the budget of ten", () => {
    const ten = { desired: 10, inService: 10 };
    expect(why({ group: group({ ...ten, slots: [others[0] ?? node], slotsInService: 1 }) }).claimsSlot).toBe(true);
    expect(why({ group: group({ ...ten, inService: 8 }) }).claimsSlot).toBe(false);
  });
});

describe("at the floor", () => {
  const atFloor = { desired: 2, min: 2, max: 4, inService: 2 };
  const own = { slots: [node], slotsInService: 1 };
  const first = decided(blamed, seen("InService", { group: group(atFloor) }));

  it("grows by one first, taking the slot", () => {
    expect(first.actions).toEqual([{ type: "set-desired-capacity", desired: 3 }]);
    expect(first).toMatchObject({ claimsSlot: true, record: { slot: true, raisedTo: 3 } });
  });

  it("asks again when the call was lost between record and effect", () => {
    const again = decided(first.record, seen("InService", { group: group({ ...atFloor, ...own }) }));
    expect(again.actions).toEqual([{ type: "set-desired-capacity", desired: 3 }]);
    expect(again.claimsSlot).toBe(false);
  });

  it("waits for the replacement, then leaves and takes the extra capacity with it", () => {
    const grown = { ...atFloor, ...own, desired: 3 };
    expect(decided(first.record, seen("InService", { group: group(grown) })).actions).toEqual([]);
    const left = decided(first.record, seen("InService", { group: group({ ...grown, inService: 3 }) }));
    expect(left.record).toMatchObject({ phase: { leave: { shrink: true } }, raisedTo: undefined });
  });

  it("does not grow when a replacement is on its way already, and does not shrink then", () => {
    const view = { ...atFloor, desired: 3 };
    const waiting = decided(blamed, seen("InService", { group: group(view) }), { policy: { disruptionBudget: 0.5 } });
    expect(waiting.actions).toEqual([]);
    expect(waiting.record).toMatchObject({ slot: true, raisedTo: undefined });
  });

  it("gives slot and capacity back when the reason has passed", () => {
    const well = { ...first.record, phase: serving().phase };
    const grown = seen("InService", { group: group({ ...atFloor, ...own, desired: 3 }) });
    const back = decided(well, grown);
    expect(back.actions).toEqual([{ type: "set-desired-capacity", desired: 2 }]);
    expect(decided(back.record, grown).actions).toEqual(back.actions);
    const done = decided(back.record, seen("InService", { group: group({ ...atFloor, ...own }) }));
    expect(done.record).toMatchObject({ slot: false, raisedTo: undefined });
    expect(done.actions).toEqual([]);
  });

  it("leaves the capacity alone when somebody else has changed it since", () => {
    const well = { ...first.record, phase: serving().phase };
    const done = decided(well, seen("InService", { group: group({ ...own, desired: 6, inService: 6 }) }));
    expect(done.actions).toEqual([]);
    expect(done.record).toMatchObject({ slot: false, raisedTo: undefined });
  });

  it("gives the capacity back when the node dies before its replacement came", () => {
    const lost = { ...first.record, missingSince: noon - 60_000 };
    const gone = decided(lost, seen("absent", { group: group({ ...atFloor, desired: 3 }) }));
    expect(gone.actions).toEqual([{ type: "set-desired-capacity", desired: 2 }]);
    const seenLowered = decided(gone.record, seen("absent", { group: group(atFloor) }));
    expect(seenLowered).toMatchObject({ actions: [], dueAt: undefined, record: { raisedTo: undefined } });
  });

  it("gives them back when an operator holds the node", () => {
    const view = seen("InService", { order: order("hold"), group: group({ ...atFloor, ...own }) });
    expect(decided(first.record, view).record.slot).toBe(false);
  });
});

describe("orders", () => {
  it("carries a drain out once, shrinking the group", () => {
    const begun = decided(serving(), seen("InService", { order: order("drain") }));
    expect(begun.record).toMatchObject({ orderDone: "o1", phase: { leave: { shrink: true, cause: "operator" } } });
    const back = serving({}, { orderDone: "o1" });
    expect(decided(back, seen("InService", { order: order("drain") })).actions).toEqual([]);
  });

  it("refuses a drain that would go below the floor instead of growing first", () => {
    const view = group({ desired: 2, inService: 2 });
    expect(decided(serving(), seen("InService", { order: order("drain"), group: view })).why).toContain("floor");
  });

  it("does nothing for a node that is gone", () => {
    const gone = record({ name: "gone" }, { lifecycleState: "absent" });
    expect(decided(gone, seen("absent", { order: order("replace") }))).toMatchObject({ actions: [], record: gone });
  });
});

describe("maintenance", () => {
  const hint = (withdrawn: boolean) => ({ kind: "maintenance", goneAt: noon + 86_400_000, withdrawn }) as const;

  it("replaces the node, and forgets a notice that was withdrawn", () => {
    expect(actionTypes(decided(serving(), seen("InService", { hints: [hint(false)] })))).toContain("drain");
    const withdrawn = decided(serving(), seen("InService", { hints: [hint(false), hint(true)] }));
    expect(withdrawn.actions).toEqual([]);
    expect(withdrawn.record.notice).toBeUndefined();
  });
});
