/** What all nodes share has changed: each looks at itself, and what went stale is purged. */
import { describe, expect, it } from "vitest";
import { type Answer, hasNotSeen, type NodeRecord, type Observation, type SharedChange } from "../src/index.ts";
import {
  actionTypes,
  command,
  decided,
  group,
  noon,
  policy,
  record,
  seen,
  serving,
  verdict,
  verified,
} from "./builder.ts";

const change: SharedChange = { id: "c1", at: noon - 1000, why: "FailoverComplete of school-cache (cache)" };
const after = (at: number): Partial<NodeRecord> => ({ verified: { ...verified, at } });
const nodeOf = (phase: Parameters<typeof serving>[0] = {}, more: Partial<NodeRecord> = {}): NodeRecord => ({
  ...serving({ nextVerifyAt: noon + 600_000, ...phase }),
  ...after(noon - 60_000),
  ...more,
});
const inGroup = (changes: Parameters<typeof group>[0], more: Partial<Observation> = {}): Observation =>
  seen("InService", { group: group(changes), ...more });
const changed = inGroup({ changed: change });
const both = (more: Partial<Observation> = {}) => inGroup({ changed: change, stale: change }, more);
const purging = nodeOf({ command: command("purge-cache") }, { purge: { cause: "c1", done: false, at: noon - 1000 } });
const said = (answer: Omit<Extract<Answer, { ok: true; step: "purge-cache" }>, "step" | "ok">) =>
  both({ command: { status: "answered", answer: { step: "purge-cache", ok: true, ...answer } } });

describe("a node whose site has changed under it", () => {
  it("is verified at once, and once", () => {
    const first = decided(nodeOf(), changed);
    expect(first.actions).toMatchObject([{ step: "verify" }]);
    expect(first.why).toContain("verified because FailoverComplete of school-cache (cache)");
    expect(decided({ ...first.record, phase: nodeOf().phase }, changed).actions).toEqual([]);
  });

  it("has nothing to do when it was proven since, nor when an hour has passed", () => {
    expect(decided(nodeOf({}, after(noon - 500)), changed).actions).toEqual([]);
    expect(hasNotSeen(nodeOf(), change, change.at + 3_599_999)).toBe(true);
    expect(hasNotSeen(nodeOf(), change, change.at + 3_600_000)).toBe(false);
  });

  it("looks again at the next change", () => {
    const next = { ...change, id: "c2", at: noon - 10 };
    expect(actionTypes(decided(nodeOf({}, { changeSeen: "c1" }), inGroup({ changed: next })))).toEqual(["verify"]);
  });

  it("is left alone while it launches", () => {
    const joining = record({ name: "joining" }, { verified });
    expect(
      decided(joining, seen("Pending:Proceed", { group: group({ changed: change, stale: change }) })).actions,
    ).toEqual([]);
  });
});

describe("a cache that has failed over", () => {
  it("is purged by a node that has seen it work since, by the name of the failover", () => {
    const verifying = nodeOf({ command: command("verify") }, { changeSeen: "c1" });
    const well = decided(verifying, both({ command: verdict("ok") }));
    expect(well.dueAt).toBe(noon);
    const purge = decided(well.record, both(), { now: noon + 1000 });
    expect(purge.actions).toMatchObject([{ step: "purge-cache", cause: "c1" }]);
  });

  it("is not purged by a node that finds it down, and is once it is up", () => {
    const verifying = nodeOf({ command: command("verify") }, { changeSeen: "c1" });
    const down = decided(verifying, both({ command: verdict("dependency-bad") }));
    expect(down.dueAt).toBe(noon + policy.holdRecheck);
    expect(actionTypes(decided(down.record, both(), { now: noon + policy.holdRecheck }))).toEqual(["verify"]);
  });

  it("is done with when the node says so", () => {
    const done = decided(purging, said({ purged: ["core/config"], held: false }));
    expect(done.why).toContain("purged core/config");
    expect(decided({ ...done.record, ...after(noon) }, both(), { now: noon + policy.holdRecheck }).actions).toEqual([]);
    expect(decided(purging, said({ purged: [], held: false })).why).toContain("nothing is left to purge");
  });

  it.each([
    ["another node is at it", said({ purged: [], held: true })],
    [
      "it failed",
      both({ command: { status: "answered", answer: { step: "purge-cache", ok: false, message: "no database" } } }),
    ],
    ["nobody answers", both({ command: { status: "silent", detail: "TimedOut" } })],
  ])("is tried again after a while when %s", (_, observation) => {
    const next = decided({ ...purging, ...after(noon) }, observation);
    expect(next.dueAt).toBe(noon + policy.holdRecheck);
    expect(decided(next.record, both(), { now: noon + policy.holdRecheck - 1 }).actions).toEqual([]);
    const again = decided(next.record, both(), { now: noon + policy.holdRecheck });
    expect(again.actions).toMatchObject([{ step: "purge-cache", cause: "c1" }]);
  });

  it("is not purged while Warden is stopped", () => {
    const stopped = { by: "ann", reason: "exam" };
    expect(decided(nodeOf({}, after(noon)), both({ stopped })).actions).toEqual([]);
  });
});
