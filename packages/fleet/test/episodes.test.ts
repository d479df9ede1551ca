import { describe, expect, it } from "vitest";
import {
  command,
  decided,
  group,
  launch,
  launchEpisode,
  leave,
  lifecycleHint,
  noon,
  record,
  seen,
  serving,
  terminateEpisode,
  verdict,
  verified,
} from "./builder.ts";

const idle = { agent: "offline" } as const;
const result = { value: "CONTINUE", closed: true } as const;

describe("passages through the hooks", () => {
  it("opens an episode without a token when only the sweep saw it, and learns the token later", () => {
    const first = decided(undefined, seen("Pending:Wait", idle)).record;
    expect(first.episode).toMatchObject({ ordinal: 1, transition: "launching", token: undefined });
    const hints = [lifecycleHint("launching", "t1", noon - 2000)];
    const second = decided(first, seen("Pending:Wait", { ...idle, hints }), { now: noon + 9000 }).record;
    expect(second.episode).toMatchObject({ ordinal: 1, token: "t1", startedAt: noon });
  });

  it("counts the action from its event, which may be older than our first look", () => {
    const hints = [lifecycleHint("launching", "t1", noon - 40_000)];
    expect(decided(undefined, seen("Pending:Wait", { ...idle, hints })).record.episode?.startedAt).toBe(noon - 40_000);
  });

  it("treats the two passages of a pooled instance as two, and proves it anew (aws-semantics 3.2)", () => {
    const pooled = record(
      { name: "aside" },
      { lifecycleState: "Warmed:Stopped", verified, served: true, episode: launchEpisode({ warmPool: true, result }) },
    );
    const starting = decided(pooled, seen("Pending")).record;
    const second = decided(starting, seen("Pending:Wait", idle)).record;
    expect(second.episode).toMatchObject({ ordinal: 2, warmPool: false, result: undefined });
    expect(second).toMatchObject({ verified: undefined, served: false, phase: { name: "waiting-for-agent" } });
  });

  it("is another passage when only the pool's prefix went away between two looks", () => {
    const before = record(
      { name: "joining" },
      { lifecycleState: "Warmed:Pending:Wait", verified, episode: launchEpisode({ warmPool: true, result }) },
    );
    const decision = decided(before, seen("Pending:Wait", idle));
    expect(decision.record.episode?.ordinal).toBe(2);
    expect(decision.actions).toEqual([]);
  });

  it("does not take the token of an earlier passage from a replayed or late event", () => {
    const pooled = record(
      { name: "aside" },
      { lifecycleState: "Warmed:Stopped", episode: launchEpisode({ warmPool: true, token: "t1", result }) },
    );
    const old = [lifecycleHint("launching", "t1", noon - 1000)];
    const at = { now: noon + 60_000 };
    const opened = decided(pooled, seen("Pending:Wait", { ...idle, hints: old }), at).record;
    expect(opened.episode).toMatchObject({ ordinal: 2, token: undefined, startedAt: at.now });
    const replayed = decided(opened, seen("Pending:Wait", { ...idle, hints: old }), at).record;
    expect(replayed.episode?.token).toBeUndefined();
    const real = [lifecycleHint("launching", "t2", noon + 59_000)];
    expect(decided(replayed, seen("Pending:Wait", { ...idle, hints: real }), at).record.episode?.token).toBe("t2");
  });

  it("begins another passage when a later action with another token is open", () => {
    const before = record(
      { name: "joining" },
      { verified, episode: launchEpisode({ token: "t1", result: { value: "CONTINUE", closed: false } }) },
    );
    const hints = [lifecycleHint("launching", "t2", noon + 5000)];
    const decision = decided(before, seen("Pending:Wait", { ...idle, hints }), { now: noon + 6000 });
    expect(decision.record.episode).toMatchObject({ ordinal: 2, token: "t2", result: undefined });
    expect(decision.actions).toEqual([]);
  });

  it("takes the latest of several tokens", () => {
    const hints = [lifecycleHint("launching", "new", noon - 1), lifecycleHint("launching", "old", noon - 9)];
    expect(decided(undefined, seen("Pending:Wait", { ...idle, hints })).record.episode?.token).toBe("new");
  });

  it("ignores the actions of other hooks, and opens nothing where its own hook is missing", () => {
    const foreign = { ...lifecycleHint("launching", "t9"), hook: "somebody-else" };
    expect(
      decided(undefined, seen("Pending:Wait", { ...idle, hints: [foreign] })).record.episode?.token,
    ).toBeUndefined();
    const hookless = seen("Pending:Wait", { ...idle, group: group({ hooks: [] }) });
    expect(decided(undefined, hookless).record.episode).toBeUndefined();
  });

  it("repeats its answer while others hold the instance, until AWS knows of no action any more", () => {
    const verifying = record(
      { name: "verifying", launch: launch(), command: command("verify") },
      { episode: launchEpisode({ token: "t1" }) },
    );
    const told = decided(verifying, seen("Pending:Wait", { command: verdict("ok") })).record;
    const repeat = decided(told, seen("Pending:Wait"), { now: noon + 10_000 });
    expect(repeat.actions).toMatchObject([{ token: "t1", result: "CONTINUE" }]);
    const closed = { ...told, episode: launchEpisode({ token: "t1", result }) };
    const others = decided(closed, seen("Pending:Wait"), { now: noon + 20_000 });
    expect(others.actions).toEqual([]);
    expect(others.record.phase.name).toBe("joining");
  });

  it("closes the episode once the instance has moved on", () => {
    const before = record(
      { name: "verifying", launch: launch(), command: command("verify") },
      { episode: launchEpisode() },
    );
    expect(decided(before, seen("InService")).record.episode?.result?.closed).toBe(true);
  });

  it("opens an episode of its own for the terminate hook", () => {
    const before = serving({}, { episode: launchEpisode({ result }) });
    const decision = decided(before, seen("Terminating:Wait"));
    expect(decision.record.episode).toMatchObject({ ordinal: 2, transition: "terminating", hook: "warden-terminate" });
  });

  it("closes what is open when the instance is gone", () => {
    const before = record(
      { name: "leaving", leave: leave({ evidence: "done" }) },
      { episode: terminateEpisode(), missingSince: noon - 60_000 },
    );
    const decision = decided(before, seen("absent"));
    expect(decision.record.phase.name).toBe("gone");
    expect(decision.record.episode?.result?.closed).toBe(true);
  });
});
