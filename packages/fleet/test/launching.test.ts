import { describe, expect, it } from "vitest";
import type { SchemaState } from "../src/index.ts";
import {
  actionTypes,
  answered,
  assigned,
  command,
  decided,
  group,
  launch,
  launchEpisode,
  node,
  noon,
  others,
  policy,
  record,
  seen,
  verdict,
  verified,
} from "./builder.ts";

const episode = launchEpisode();
const waiting = record({ name: "waiting-for-agent", launch: launch() }, { episode });
const bootstrapping = record({ name: "bootstrapping", launch: launch(), command: command("bootstrap") }, { episode });
const verifying = record({ name: "verifying", launch: launch(), command: command("verify") }, { episode });
const stillBusy = (["bootstrap", "verify"] as const).map((step) => {
  const busyWith = command(step, noon + policy.launchBudget - 60_000);
  const name = step === "bootstrap" ? "bootstrapping" : "verifying";
  return record({ name, launch: launch(), command: busyWith }, { episode });
});
const lastChance = launch({ attempt: policy.bootstrapAttempts });
const hopeless = record({ name: "verifying", launch: lastChance, command: command("verify") }, { episode });
const bad = seen("Pending:Wait", { command: verdict("node-bad") });

describe("waiting for the agent", () => {
  it("waits while the agent is offline, and looks again soon", () => {
    const decision = decided(undefined, seen("Pending:Wait", { agent: "offline" }));
    expect(decision.record.phase.name).toBe("waiting-for-agent");
    expect(decision.actions).toEqual([]);
    expect(decision.dueAt).toBe(noon + policy.lookAgain);
  });

  it("bootstraps to what is assigned as soon as the agent is online", () => {
    const decision = decided(waiting, seen("Pending:Wait"));
    expect(decision.record.phase.name).toBe("bootstrapping");
    expect(decision.actions).toMatchObject([{ type: "send-command", step: "bootstrap", ...assigned }]);
  });

  it("bootstraps a new try to what is assigned by then, not to what it failed at", () => {
    const retry = record({ name: "waiting-for-agent", launch: launch({ attempt: 2, digest: "bad" }) }, { episode });
    const decision = decided(retry, seen("Pending:Wait"));
    expect(decision.record.phase).toMatchObject({ launch: { ...assigned, attempt: 2 } });
  });

  it("gives up, blamed, when no agent comes within the launch budget", () => {
    const decision = decided(waiting, seen("Pending:Wait", { agent: "offline" }), { now: noon + policy.launchBudget });
    expect(decision.actions).toMatchObject([{ type: "complete-lifecycle-action", result: "ABANDON" }]);
    expect(decision.launchOutcome).toBe("failed");
  });
});

describe("bootstrap and verification", () => {
  it("verifies once the bootstrap says ok", () => {
    const command = answered({ step: "bootstrap", ok: true, ...assigned });
    expect(actionTypes(decided(bootstrapping, seen("Pending:Wait", { command })))).toEqual(["verify"]);
  });

  it("answers CONTINUE only after an ok for the assigned release and digest, recorded with it", () => {
    const decision = decided(verifying, seen("Pending:Wait", { command: verdict("ok") }));
    expect(decision.actions).toMatchObject([{ type: "complete-lifecycle-action", result: "CONTINUE" }]);
    expect(decision.record).toMatchObject({ phase: { name: "joining" }, verified: assigned });
    expect(decision.record.episode?.result).toEqual({ value: "CONTINUE", closed: false });
    expect(decision.launchOutcome).toBe("succeeded");
  });

  it("does not believe an ok for another digest", () => {
    const decision = decided(verifying, seen("Pending:Wait", { command: verdict("ok", { digest: "other" }) }));
    expect(decision.record.phase).toMatchObject({ name: "waiting-for-agent", launch: { attempt: 2 } });
    expect(decision.actions).toEqual([]);
  });

  it("tries a bad node again after a pause", () => {
    const decision = decided(verifying, bad);
    expect(decision.record.phase).toMatchObject({ launch: { attempt: 2, notBefore: noon + policy.retryDelay } });
    expect(actionTypes(decided(decision.record, seen("Pending:Wait"), { now: noon + 1000 }))).toEqual([]);
    const later = { now: noon + policy.retryDelay };
    expect(actionTypes(decided(decision.record, seen("Pending:Wait"), later))).toEqual(["bootstrap"]);
  });

  it("sends a command that nobody can find again after a minute, under the same batch", () => {
    const lost = seen("Pending:Wait", { command: { status: "not-found" } });
    expect(decided(bootstrapping, lost, { now: noon + 59_000 }).actions).toEqual([]);
    expect(decided(bootstrapping, lost, { now: noon + 60_000, pass: "p2" }).actions).toMatchObject([
      { batch: "b-bootstrap" },
    ]);
  });

  it("believes a command under way no longer than delivery and run can take", () => {
    const view = seen("Pending:Wait", { command: { status: "under-way" } });
    expect(decided(bootstrapping, view, { now: noon + 600_000 }).record.phase.name).toBe("bootstrapping");
    expect(decided(bootstrapping, view, { now: noon + 660_000 }).record.phase.name).toBe("waiting-for-agent");
  });
});

describe("giving up", () => {
  it.each(stillBusy)("waits for no command beyond the launch budget: $phase.name", (late) => {
    const view = seen("Pending:Wait", { command: { status: "under-way" } });
    const before = decided(late, view, { now: noon + policy.launchBudget - 1 });
    expect(before).toMatchObject({ actions: [], dueAt: noon + policy.launchBudget });
    const decision = decided(late, view, { now: noon + policy.launchBudget });
    expect(decision.record.phase.name).toBe("refused");
    expect(actionTypes(decision)).toEqual(["evidence"]);
    expect(decision.launchOutcome).toBe("failed");
  });

  it("saves evidence, then ABANDONs, counting one failure", () => {
    const first = decided(hopeless, bad);
    expect(actionTypes(first)).toEqual(["evidence"]);
    expect(first.launchOutcome).toBe("failed");
    const said = answered({ step: "evidence", summary: "s3://…" });
    const second = decided(first.record, seen("Pending:Wait", { command: said }));
    expect(second.actions).toMatchObject([{ result: "ABANDON" }]);
    expect(second.launchOutcome).toBeUndefined();
  });

  it("never waits longer than a minute for the evidence", () => {
    const first = decided(hopeless, bad);
    const stuck = seen("Pending:Wait", { command: { status: "under-way" } });
    expect(decided(first.record, stuck, { now: noon + 30_000 }).actions).toEqual([]);
    expect(decided(first.record, stuck, { now: noon + 60_000 }).actions).toMatchObject([{ result: "ABANDON" }]);
  });

  it("repeats ABANDON, never CONTINUE, until Auto Scaling has it", () => {
    const told = decided(hopeless, { ...bad, agent: "offline" });
    expect(decided(told.record, seen("Pending:Wait")).actions).toMatchObject([{ result: "ABANDON" }]);
  });

  it("gives up an action just before its global time-out, without blame", () => {
    const old = record({ name: "verifying", launch: launch(), command: command("verify") }, { episode });
    const decision = decided(old, seen("Pending:Wait", { agent: "offline" }), { now: noon + 60_000_000 - 120_000 });
    expect(decision.actions).toMatchObject([{ result: "ABANDON" }]);
    expect(decision.launchOutcome).toBeUndefined();
  });

  it("gives up a spot instance that is reclaimed before it served, once and without blame", () => {
    const spot = { kind: "spot", goneAt: noon + 120_000, withdrawn: false } as const;
    const first = decided(waiting, seen("Pending:Wait", { hints: [spot] }));
    expect(actionTypes(first)).toEqual(["evidence"]);
    expect(first.launchOutcome).toBeUndefined();
    const pending = seen("Pending:Wait", { command: { status: "under-way" } });
    expect(decided(first.record, pending, { now: noon + 5000 }).actions).toEqual([]);
    expect(decided(first.record, pending, { now: noon + 60_000 }).actions).toMatchObject([{ result: "ABANDON" }]);
  });

  it("does not take back a CONTINUE because of a spot warning", () => {
    const result = { value: "CONTINUE", closed: false } as const;
    const joining = record({ name: "joining" }, { verified, episode: launchEpisode({ result }) });
    const spot = { kind: "spot", goneAt: noon + 120_000, withdrawn: false } as const;
    const decision = decided(joining, seen("Pending:Wait", { hints: [spot] }));
    expect(decision.record.phase.name).toBe("joining");
    expect(decision.actions).toMatchObject([{ result: "CONTINUE" }]);
  });

  it.each(["drain", "replace"] as const)("gives up a launching node that an operator orders to %s", (verb) => {
    const order = { id: "o1", verb, by: "ann", reason: "wrong zone", expiresAt: noon + 1 };
    const decision = decided(waiting, seen("Pending:Wait", { agent: "offline", order }));
    expect(decision.actions).toMatchObject([{ result: "ABANDON" }]);
    expect(decision.record.orderDone).toBe("o1");
    expect(decision.launchOutcome).toBeUndefined();
  });
});

describe("an empty database", () => {
  const empty = (installed: boolean) =>
    seen("Pending:Wait", { command: verdict("site-not-installed"), group: group({ installed }) });
  const asked = decided(verifying, empty(false));
  const says = (state: SchemaState, from = asked.record, now = noon + 120_000) =>
    decided(from, seen("Pending:Wait", { command: answered({ step: "install", state, moved: true, message: "m" }) }), {
      now,
    });

  it("makes a node run Moodle's installer, and verify again when the site is there", () => {
    expect(asked.actions).toMatchObject([{ type: "send-command", step: "install", release: assigned.release }]);
    expect(asked.record.phase.name).toBe("installing");
    const done = says("installed");
    expect(actionTypes(done)).toEqual(["verify"]);
    expect(done.record.phase.name).toBe("verifying");
  });

  it("does not count the time that Moodle takes against the node", () => {
    const { phase } = says("installed").record;
    expect(phase).toMatchObject({ launch: launch({ deadline: launch().deadline + 120_000 }) });
  });

  it.each(["empty", "half-installed", "held", "unknown"] as const)("holds, blaming nobody, when it is %s", (state) => {
    expect(says(state).record.phase).toMatchObject({ name: "on-hold", reason: expect.stringContaining(state) });
  });

  it("is never filled where the site was installed before", () => {
    const decision = decided(verifying, empty(true));
    expect(decision.actions).toEqual([]);
    expect(decision.record.phase).toMatchObject({ name: "on-hold", reason: expect.stringContaining("restore") });
  });
});

describe("on hold", () => {
  it.each(["dependency-bad", "upgrade-pending"] as const)("holds on %s, blaming nobody", (is) => {
    const decision = decided(hopeless, seen("Pending:Wait", { command: verdict(is) }));
    expect(decision.record.phase).toMatchObject({ name: "on-hold", launch: lastChance });
    expect(decision.actions).toEqual([]);
    expect(decision.dueAt).toBe(noon + policy.holdRecheck);
  });

  it("holds when the bootstrap names a shared part", () => {
    const said = answered({ step: "bootstrap", ok: false, message: "mount: timed out", sharedPart: "files" });
    expect(decided(bootstrapping, seen("Pending:Wait", { command: said })).record.phase.name).toBe("on-hold");
  });

  it("moves the node's deadline along and uses up no attempt", () => {
    const held = decided(verifying, seen("Pending:Wait", { command: verdict("dependency-bad") })).record;
    const again = decided(held, seen("Pending:Wait"), { now: noon + policy.holdRecheck });
    expect(again.record.phase).toMatchObject({
      name: "bootstrapping",
      launch: { attempt: 1, deadline: noon + policy.launchBudget + policy.holdRecheck },
    });
  });

  it("waits for an agent that went silent meanwhile rather than using up an attempt", () => {
    const held = decided(verifying, seen("Pending:Wait", { command: verdict("dependency-bad") })).record;
    const again = decided(held, seen("Pending:Wait", { agent: "offline" }), { now: noon + policy.holdRecheck });
    expect(again.record.phase).toMatchObject({ name: "waiting-for-agent", launch: { attempt: 1 } });
    expect(again.actions).toEqual([]);
  });
});

describe("the circuit breaker", () => {
  const open = { failedLaunches: policy.breakerThreshold - 1 };

  it("keeps one node for the post-mortem and looks at it now and then", () => {
    const first = decided(hopeless, { ...bad, group: group(open) });
    expect(first.launchOutcome).toBe("kept");
    expect(first.actions).toEqual([]);
    const kept = seen("Pending:Wait", { group: group({ ...open, kept: node }) });
    const later = decided(first.record, kept, { now: noon + 3_600_000 });
    expect(later.record).toEqual(first.record);
    expect(later.dueAt).toBeGreaterThan(noon + 3_600_000);
  });

  it("tries the others again later instead of burning them", () => {
    const view = group({ ...open, kept: others[0] });
    const first = decided(hopeless, { ...bad, group: view });
    expect(first.launchOutcome).toBeUndefined();
    const later = decided(first.record, seen("Pending:Wait", { group: view }), { now: noon + policy.launchBudget / 5 });
    expect(actionTypes(later)).toEqual(["bootstrap"]);
  });

  it("tries again too when another node was kept in the same moment", () => {
    const first = decided(hopeless, { ...bad, group: group(open) });
    const lostRace = seen("Pending:Wait", { group: group({ ...open, kept: others[0] }) });
    const later = decided(first.record, lostRace, { now: noon + policy.launchBudget / 5 });
    expect(actionTypes(later)).toEqual(["bootstrap"]);
  });

  it("ends the kept node's action itself before its global time-out does", () => {
    const first = decided(hopeless, { ...bad, group: group(open) });
    const view = group({ ...open, kept: node });
    const end = noon + 60_000_000 - 120_000;
    expect(decided(first.record, seen("Pending:Wait", { group: view }), { now: end - 1000 }).dueAt).toBe(end);
    const last = decided(first.record, seen("Pending:Wait", { group: view, agent: "offline" }), { now: end });
    expect(last.actions).toMatchObject([{ result: "ABANDON" }]);
  });
});
