/** Nodes that did not come, or do not stay, the usual way; and states nobody knows. */
import { describe, expect, it } from "vitest";
import { impossible } from "../src/index.ts";
import {
  actionTypes,
  command,
  decided,
  group,
  launch,
  launchEpisode,
  noon,
  policy,
  record,
  seen,
  serving,
  verdict,
} from "./builder.ts";

describe("in service by another door", () => {
  it("bootstraps and verifies an attached node, and answers no hook for it", () => {
    const first = decided(undefined, seen("InService"));
    expect(actionTypes(first)).toEqual(["bootstrap"]);
    const verifying = record({ name: "verifying", launch: launch(), command: command("verify") });
    const proven = decided(verifying, seen("InService", { command: verdict("ok") }));
    expect(proven.actions).toEqual([]);
    expect(decided(proven.record, seen("InService")).record.phase.name).toBe("in-service");
  });

  it("goes on verifying a node whose hook somebody completed by hand", () => {
    const before = record(
      { name: "verifying", launch: launch(), command: command("verify") },
      { episode: launchEpisode() },
    );
    const decision = decided(before, seen("InService", { command: { status: "under-way" } }));
    expect(decision.record).toMatchObject({ phase: { name: "verifying" }, served: true });
  });

  it("verifies a node back from standby at once", () => {
    const aside = decided(serving(), seen("Standby")).record;
    const back = decided(aside, seen("InService"));
    expect(back.dueAt).toBe(noon);
    expect(actionTypes(decided(back.record, seen("InService")))).toEqual(["verify"]);
  });

  it("proves a node anew whose root volume was replaced", () => {
    const replacing = decided(serving(), seen("ReplacingRootVolume")).record;
    expect(replacing.verified).toBeUndefined();
    expect(actionTypes(decided(replacing, seen("InService")))).toEqual(["bootstrap"]);
  });

  it("takes none away for announced maintenance before it knows whether a shared part is down (rule 6)", () => {
    const notice = { kind: "maintenance", goneAt: undefined } as const;
    const how = { lifecycleState: "InService", served: true, notice };
    const verifying = record({ name: "verifying", launch: launch(), command: command("verify") }, how);
    const held = decided(verifying, seen("InService", { command: verdict("dependency-bad") }));
    expect(held.actions).toEqual([]);
    expect(held.record.phase).toMatchObject({ name: "on-hold" });
    const proven = decided(verifying, seen("InService", { command: verdict("ok") })).record;
    const serves = decided(proven, seen("InService")).record;
    expect(actionTypes(decided(serves, seen("InService")))).toEqual(["deregister-targets", "drain"]);
    const givenUp = record({ name: "released" }, how);
    expect(actionTypes(decided(givenUp, seen("InService")))).toEqual(["deregister-targets", "drain"]);
  });

  it("replaces one that cannot be verified only behind the guards, draining it first", () => {
    const givenUp = record({ name: "released" }, { lifecycleState: "InService", served: true });
    const left = decided(givenUp, seen("InService"));
    expect(actionTypes(left)).toEqual(["deregister-targets", "drain"]);
    expect(left).toMatchObject({ claimsSlot: true, record: { slot: true } });
    const stopped = decided(givenUp, seen("InService", { stopped: { by: "ann", reason: "exam" } }));
    expect(stopped.actions).toEqual([]);
    expect(stopped.record.phase).toMatchObject({ name: "on-hold" });
    const later = { now: noon + policy.launchBudget };
    expect(actionTypes(decided(stopped.record, seen("InService"), later))).toEqual(["bootstrap"]);
  });

  it("drains one that a spot warning or an operator takes before it was proven", () => {
    const hints = [{ kind: "spot", goneAt: noon + 120_000, withdrawn: false }] as const;
    expect(actionTypes(decided(undefined, seen("InService", { hints })))).toContain("drain");
    const order = { id: "o", verb: "replace", by: "ann", reason: "r", expiresAt: noon + 1 } as const;
    expect(actionTypes(decided(undefined, seen("InService", { order })))).toContain("drain");
  });
});

describe("unknown states", () => {
  const open = record(
    { name: "verifying", launch: launch(), command: command("verify") },
    { episode: launchEpisode() },
  );

  it.each(["Daydreaming", "Pending:Wait:Elsewhere", ""])("observes %j and never acts on it", (state) => {
    const hints = [{ kind: "spot", goneAt: noon, withdrawn: false }] as const;
    const decision = decided(open, seen(state, { hints, command: verdict("node-bad") }), { now: noon + 9e9 });
    expect(decision.actions).toEqual([]);
    expect(decision.record.phase.name).toBe("aside");
  });

  it("keeps an open action, so that its heartbeat goes on", () => {
    expect(decided(open, seen("Daydreaming")).record.episode).toEqual(launchEpisode());
  });
});

describe("what cannot work is refused with the arithmetic", () => {
  it("accepts the defaults with hooks of ten minutes", () => {
    expect(impossible(policy, group().hooks)).toEqual([]);
  });

  it("names a hook too short for three heartbeats", () => {
    const [problem] = impossible(policy, [{ name: "warden-launch", timeout: 170_000 }]);
    expect(problem).toBe("hook warden-launch times out after 170 s; three heartbeats of 60 s need 180 s");
  });

  it("names a budget beyond the global time-out of a hundred time-outs, or 48 hours", () => {
    const long = { ...policy, launchBudget: 18_000_000, drainBudget: 172_800_000 };
    const [launchProblem] = impossible(long, [{ name: "warden-launch", timeout: 180_000 }]);
    expect(launchProblem).toContain("ends for good after 18000 s");
    const [drainProblem] = impossible(long, [{ name: "warden-terminate", timeout: 7_200_000 }]);
    expect(drainProblem).toContain("ends for good after 172800 s");
  });

  it("minds only its own hooks", () => {
    expect(impossible(policy, [{ name: "theirs", timeout: 30_000 }])).toEqual([]);
  });
});
