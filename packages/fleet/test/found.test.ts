/** A node that served before Warden came: looked at and told of, never changed, and ended only by AWS or by order. */
import { describe, expect, it } from "vitest";
import { decide, type NodeRecord } from "../src/index.ts";
import {
  actionTypes,
  command,
  decided,
  group,
  look,
  name,
  node,
  noon,
  policy,
  record,
  seen,
  verdict,
} from "./builder.ts";

const how = { lifecycleState: "InService", served: true } as const;
const there = (more: Partial<NodeRecord> = {}): NodeRecord =>
  record({ name: "found", nextVerifyAt: noon }, { ...how, ...more });
const asked = there({ phase: { name: "found", nextVerifyAt: noon, command: command("verify") } });
const order = { id: "o", verb: "replace", by: "ann", reason: "Warden's", expiresAt: noon + 1 } as const;

const unreleased = (state: string, before: NodeRecord | undefined) => {
  const { seen: sighting, ...rest } = look(seen(state));
  return decide(name, before, { ...rest, seen: { ...sighting, assigned: undefined } });
};

describe("who was there before its group's first release", () => {
  it.each(["InService", "Standby"])("in %s is found, whether it was seen before or not", (state) => {
    for (const before of [undefined, record({ name: "arriving" }, { lifecycleState: "Pending" })])
      expect(unreleased(state, before)).toMatchObject({
        record: { phase: { name: "found" } },
        actions: [],
        why: expect.stringContaining("since before Warden came"),
      });
  });

  it("is asked once there is a release, and not bootstrapped", () => {
    const { record: before } = unreleased("InService", undefined);
    expect(actionTypes(decided(before, seen("InService")))).toEqual(["verify"]);
  });

  it.each(["Standby", "Quarantined", "Terminating:Retained"])(
    "is still what it is when it comes back from %s",
    (state) => {
      const away = decided(there(), seen(state)).record;
      expect(actionTypes(decided(away, seen("InService")))).toEqual(["verify"]);
    },
  );

  it("is another node with another root volume", () => {
    const replacing = decided(there(), seen("ReplacingRootVolume")).record;
    expect(actionTypes(decided(replacing, seen("InService")))).toEqual(["bootstrap"]);
  });
});

describe("what it answers", () => {
  const silent = { status: "silent", detail: "Failed" } as const;

  it.each([
    ["nothing", seen("InService", { command: silent }), "/opt/warden do not answer on it (Failed)"],
    ["that it is bad", seen("InService", { command: verdict("node-bad") }), "left as it is"],
    ["that its database is empty", seen("InService", { command: verdict("site-not-installed") }), "left as it is"],
  ])("%s: it stays, and people are told", (_, sight, why) => {
    const { record: after, actions, dueAt, ...rest } = decided(asked, sight);
    const nextVerifyAt = noon + policy.verifyEvery;
    expect(after.phase).toEqual({ name: "found", nextVerifyAt, lacks: expect.any(String) });
    expect(after.verified).toBeUndefined();
    expect(actions).toEqual([]);
    expect(dueAt).toBe(nextVerifyAt);
    expect(rest.why).toContain(why);
    expect(rest.launchOutcome).toBeUndefined();
  });

  it("has no agent: it stays, and people are told", () => {
    const offline = decided(there(), seen("InService", { agent: "offline" }));
    expect(offline).toMatchObject({ actions: [], why: expect.stringContaining("does not answer Systems Manager") });
  });

  it("is what it must be: it is Warden's", () => {
    const proven = decided(asked, seen("InService", { command: verdict("ok") }));
    expect(proven).toMatchObject({
      actions: [],
      record: { phase: { name: "in-service" }, verified: { release: "5.2" } },
    });
  });
});

describe("who ends it", () => {
  it("an order does, behind the guards", () => {
    const left = decided(there(), seen("InService", { order }));
    expect(actionTypes(left)).toEqual(["deregister-targets", "drain"]);
    expect(left).toMatchObject({ claimsSlot: true });
    const used = group({ slots: [node].map(() => "i-0123456789abcde01" as typeof node), slotsInService: 1 });
    const refused = decided(there(), seen("InService", { order, group: used }));
    expect(refused).toMatchObject({ refusedBy: "budget", why: expect.stringContaining("stays in service although") });
    // It is cared for meanwhile.
    expect(actionTypes(refused)).toEqual(["verify"]);
    expect(refused.dueAt).toBeLessThanOrEqual(noon + policy.holdRecheck);
  });

  it("an order that has passed gives back what the group grew by for it", () => {
    const raised = there({ slot: true, raisedTo: 6 });
    const back = decided(raised, seen("InService", { group: group({ desired: 6 }), agent: "offline" }));
    expect(back.actions).toEqual([{ type: "set-desired-capacity", desired: 5 }]);
    const settled = decided(back.record, seen("InService", { agent: "offline" }));
    expect(settled.record).toMatchObject({ slot: false });
    expect(settled.record.raisedTo).toBeUndefined();
  });

  it("a spot warning does, at once", () => {
    const hints = [{ kind: "spot", goneAt: noon + 120_000, withdrawn: false }] as const;
    expect(actionTypes(decided(there(), seen("InService", { hints })))).toContain("drain");
  });

  it("what AWS only announces does not: its replacement might be worse", () => {
    const hints = [{ kind: "maintenance", goneAt: undefined, withdrawn: false }] as const;
    expect(actionTypes(decided(there(), seen("InService", { hints })))).toEqual(["verify"]);
  });

  it("Auto Scaling does, and finds nobody in its way", () => {
    expect(decided(asked, seen("Terminating")).record.phase).toMatchObject({ name: "leaving" });
  });
});
