import { describe, expect, it } from "vitest";
import type { Answer, NodeRecord, Observation, Push } from "../src/index.ts";
import { actionTypes, answered, assigned, command, decided, noon, policy, seen, serving, verdict } from "./builder.ts";

const wanted = { release: "5.2", digest: "d2" };
const view = (more: Partial<Observation> = {}) => seen("InService", { assigned: wanted, target: "healthy", ...more });
const push = (is: Push["is"], digest = "d2") => ({ push: { release: "5.2", digest, at: noon, is, message: "m" } });
const pushing = serving({ command: command("push-config") }, push("under-way"));
const says = (answer: Answer, from: NodeRecord = pushing) => decided(from, view({ command: answered(answer) }));

describe("a node in service that is to have another configuration", () => {
  it("is given it while it serves, at once", () => {
    const decision = decided(serving(), view());
    expect(decision.actions).toMatchObject([{ type: "send-command", step: "push-config", ...wanted }]);
    expect(decision.record).toMatchObject({ phase: { name: "in-service" }, push: { is: "under-way", digest: "d2" } });
    expect(decision.claimsSlot).toBe(false);
  });

  it("is given another release the same way", () => {
    const other = { release: "5.2-fix", digest: "d1" };
    const decision = decided(serving(), view({ assigned: other }));
    expect(decision.actions).toMatchObject([{ type: "send-command", step: "push-config", ...other }]);
    const has = decided(
      decision.record,
      view({ assigned: other, command: answered({ step: "push-config", ok: true, ...other }) }),
    );
    expect(has.record).toMatchObject({ verified: other, push: { is: "proving", ...other } });
  });

  it("is not taken for proven with a release because it has the configuration", () => {
    const other = { release: "5.2-fix", digest: "d2" };
    const decision = says(
      { step: "push-config", ok: true, ...wanted },
      serving({ command: command("push-config") }, { push: { ...other, at: noon, is: "under-way", message: "" } }),
    );
    expect(decision.record.push).toMatchObject({ is: "refused", ...other });
  });

  it("has it for good when it is verified with it twice, at once and after a while", () => {
    const first = says({ step: "push-config", ok: true, ...wanted });
    expect(first.record).toMatchObject({ verified: wanted, push: { is: "proving" } });
    expect(first.dueAt).toBe(noon + policy.soak);
    const later = { now: noon + policy.soak };
    const asked = decided(first.record, view(), later);
    expect(actionTypes(asked)).toEqual(["verify"]);
    const second = decided(asked.record, view({ command: verdict("ok", wanted) }), later);
    expect(second.record.push).toBeUndefined();
    expect(second.record).toMatchObject({ verified: wanted, phase: { failures: 0 } });
  });

  const proving = serving({ command: command("verify") }, { verified: { ...wanted, at: noon }, ...push("proving") });

  it("is bad with it as soon as one verification blames it", () => {
    const decision = decided(proving, view({ command: verdict("node-bad", wanted) }));
    expect(decision.record.push).toMatchObject({ is: "refused", digest: "d2", message: "it says node-bad" });
  });

  it("is not proven by a verification that comes before it has served with it for a while", () => {
    const soon = { now: noon + policy.soak - 1 };
    const early = decided(proving, view({ command: verdict("ok", wanted) }), soon);
    expect(early.record.push).toMatchObject({ is: "proving" });
    expect(early.dueAt).toBe(soon.now + policy.holdRecheck);
    const asked = decided(early.record, view(), { now: early.dueAt ?? 0 });
    expect(actionTypes(asked)).toEqual(["verify"]);
  });

  it("is not proven by one that was asked for too soon, however late its answer is heard", () => {
    // `proving` was asked at the moment of its push.
    const late = decided(proving, view({ command: verdict("ok", wanted) }), { now: noon + policy.soak + 1 });
    expect(late.record.push).toMatchObject({ is: "proving" });
  });

  it("goes on proving itself while what it shares is down", () => {
    const decision = decided(proving, view({ command: verdict("dependency-bad", wanted) }));
    expect(decision.record.push).toMatchObject({ is: "proving" });
  });

  it("keeps what it had when that one is bad there, and is not given it again at once", () => {
    const decision = says({ step: "push-config", ok: false, message: "lint", sharedPart: undefined, ...assigned });
    expect(decision.record).toMatchObject({ verified: assigned, push: { is: "refused", message: "lint" } });
    const soon = decided(decision.record, view(), { now: noon + 60_000 });
    expect(actionTypes(soon)).not.toContain("push-config");
    const much = decided(decision.record, view(), { now: noon + policy.verifyEvery });
    expect(actionTypes(much)).toEqual(["push-config"]);
  });

  it("waits when a shared part is down, and blames nobody", () => {
    const decision = says({ step: "push-config", ok: false, message: "no answer", sharedPart: "cache", ...assigned });
    expect(decision.record).toMatchObject({ push: { is: "waiting" }, phase: { failures: 0 } });
    expect(decision.dueAt).toBe(noon + policy.holdRecheck);
    const after = decided(decision.record, view(), { now: noon + policy.holdRecheck });
    expect(actionTypes(after)).toEqual(["push-config"]);
  });

  it("does not believe an ok for another digest", () => {
    const decision = says({ step: "push-config", ok: true, release: "5.2", digest: "d9" });
    expect(decision.record).toMatchObject({ verified: assigned, push: { is: "refused" } });
  });

  it("goes back as it went there", () => {
    const has = serving({}, { verified: { ...wanted, at: noon }, ...push("proving") });
    const back = decided(has, view({ assigned }));
    expect(back.actions).toMatchObject([{ step: "push-config", ...assigned }]);
    const never = decided(serving({}, push("refused")), view({ assigned }));
    expect(never.actions).toEqual([]);
    expect(never.record.push).toBeUndefined();
  });

  const hold = { id: "o", verb: "hold", by: "ann", reason: "exam", expiresAt: noon + 1 } as const;
  it.each<[string, Partial<Observation>, string]>([
    ["its agent is silent", { agent: "offline" }, "its agent is silent"],
    ["somebody holds it", { order: hold }, "ann holds it: exam"],
  ])("is left out while %s", (_, more, message) => {
    const decision = decided(serving(), view(more));
    expect(decision.record.push).toMatchObject({ is: "left-out", digest: "d2", message });
    expect(decision.actions).toEqual([]);
  });

  it("is known to have been left out for a while when its rollout asks others first", () => {
    const passedOver = serving({}, push("left-out"));
    expect(decided(passedOver, view({ assigned })).record.push).toMatchObject({ is: "left-out", digest: "d2" });
    const later = decided(passedOver, view({ assigned }), { now: noon + policy.verifyEvery });
    expect(later.record.push).toBeUndefined();
  });

  it("says again that it cannot be told, as long as it cannot", () => {
    const silent = serving({}, push("left-out"));
    const soon = decided(silent, view({ agent: "offline" }), { now: noon + policy.holdRecheck - 1 });
    expect(soon.record.push?.at).toBe(noon);
    const later = decided(silent, view({ agent: "offline" }), { now: noon + policy.holdRecheck });
    expect(later.record.push).toMatchObject({ is: "left-out", at: noon + policy.holdRecheck });
  });

  it("is looked at soon when it did not answer: nobody knows what it has", () => {
    const decision = decided(pushing, view({ command: { status: "silent", detail: "TimedOut" } }));
    expect(decision.record).toMatchObject({
      push: { is: "left-out" },
      phase: { nextVerifyAt: noon + policy.holdRecheck },
    });
  });

  it("waits for nothing while Warden is stopped", () => {
    const decision = decided(serving(), view({ stopped: { by: "bob", reason: "exam" } }));
    expect(decision.actions).toEqual([]);
    expect(decision.record.push).toBeUndefined();
  });

  it("is sent a command that nobody can find again, under the same batch", () => {
    const lost = view({ command: { status: "not-found" } });
    expect(decided(pushing, lost, { now: noon + 60_000 }).actions).toMatchObject([{ batch: "b-push-config" }]);
  });

  it("is sent no command that nobody can find again when its rollout turned back meanwhile", () => {
    const lost = view({ assigned, command: { status: "not-found" } });
    const decision = decided(pushing, lost, { now: noon + 60_000 });
    expect(decision.actions).toEqual([]);
    expect(decision.record).toMatchObject({ push: undefined, phase: { command: undefined } });
  });
});

describe("a node whose files were changed", () => {
  const verifying = serving({ command: command("verify") });
  const drifted = verdict("node-bad", { drifted: true, message: "digest (config.php was changed)" });

  it("gets them back, and is not blamed", () => {
    const noticed = decided(verifying, seen("InService", { command: drifted }));
    expect(noticed.record).toMatchObject({ phase: { drifted: true, failures: 0 } });
    const healing = decided(noticed.record, seen("InService"));
    expect(healing.actions).toMatchObject([{ step: "push-config", ...assigned }]);
    const answer = answered({ step: "push-config", ok: true, ...assigned });
    const healed = decided(healing.record, seen("InService", { command: answer }));
    expect(healed.record.phase).toMatchObject({ failures: 0, drifted: undefined });
  });

  it("is blamed like any other when even that does not help", () => {
    const refused = { ...verifying, ...push("refused", "d1") };
    const decision = decided(refused, seen("InService", { command: drifted }));
    expect(decision.record.phase).toMatchObject({ failures: 1 });
  });
});
