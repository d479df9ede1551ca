/** What a site leaves to its people: Warden only says what it would do, or waits for a word. */
import { describe, expect, it } from "vitest";
import type { NodeRecord, Order, Policy } from "../src/index.ts";
import { actionTypes, decided, noon, record, seen, serving } from "./builder.ts";

const asked = { id: "o1", by: "ann", reason: "seen it", expiresAt: noon + 1 };
const fault = "the node itself failed its verification twice";
const approval = (reason = fault): Order => ({ ...asked, verb: "approve", plan: { cause: "unhealthy", reason } });
const bad = serving({ failures: 2, nextVerifyAt: noon });
const look = (before: NodeRecord, policy: Partial<Policy>, more: Parameters<typeof seen>[1] = {}) =>
  decided(before, seen("InService", more), { policy });

describe("a site that only observes", () => {
  it("keeps a bad node, says what it would do, and asks nobody", () => {
    const { record, why, refusedBy } = look(bad, { unhealthyMode: "observe" });
    expect(record).toMatchObject({ phase: { name: "in-service" }, wanted: undefined, slot: false });
    expect([refusedBy, why]).toEqual(["mode", expect.stringContaining(`although ${fault} — mode: `)]);
  });

  it.each(["rebalance", "maintenance"] as const)("keeps a node for which AWS announced %s", (kind) => {
    const noticed = serving({ nextVerifyAt: noon + 1 }, { notice: { kind, goneAt: noon + 86_400_000 } });
    expect(look(noticed, { rebalanceMode: "observe", maintenanceMode: "observe" }).refusedBy).toBe("mode");
    expect(look(noticed, {}).record.phase.name).toBe("leaving");
  });

  it("lets go what a person orders, and what EC2 takes anyway", () => {
    const policy = { unhealthyMode: "observe", rebalanceMode: "observe", maintenanceMode: "observe" } as const;
    expect(look(bad, policy, { order: { ...asked, verb: "replace" } }).record.phase.name).toBe("leaving");
    const reclaimed = serving({}, { notice: { kind: "spot", goneAt: noon + 120_000 } });
    expect(look(reclaimed, policy).record.phase.name).toBe("leaving");
  });
});

describe("a site that asks for approval", () => {
  const policy = { unhealthyMode: "approve" } as const;
  const wanted = { cause: "unhealthy", reason: fault } as const;

  it("keeps a bad node, and asks for just what it would do", () => {
    const { record, refusedBy } = look(bad, policy);
    expect([record.phase.name, refusedBy, record.wanted]).toEqual(["in-service", "mode", wanted]);
  });

  it("takes it away once that is approved, and carries the order out once", () => {
    const { record, actions, claimsSlot } = look({ ...bad, wanted }, policy, { order: approval() });
    expect(record).toMatchObject({ phase: { name: "leaving", leave: { cause: "unhealthy" } }, orderDone: "o1" });
    expect([record.wanted, claimsSlot, actions.length > 0]).toEqual([undefined, true, true]);
  });

  it("takes an approval for nothing else than it was given for", () => {
    expect(look(bad, policy, { order: approval("another reason") }).refusedBy).toBe("mode");
    expect(actionTypes(look(serving({ nextVerifyAt: noon + 1 }), policy, { order: approval() }))).toEqual([]);
  });

  it("asks nobody for what another guard refuses, and nobody any more when the node is well", () => {
    const stopped = look({ ...bad, wanted }, policy, { stopped: { by: "ann", reason: "exam" } });
    expect([stopped.refusedBy, stopped.record.wanted]).toEqual(["stop", undefined]);
    const well = look({ ...serving({ nextVerifyAt: noon + 1 }), wanted }, policy);
    expect(well.record.wanted).toBeUndefined();
  });

  it("asks once, and again when it was well for a moment only after a while", () => {
    const asked = look(bad, policy).record;
    expect(asked.askedAt).toBe(noon);
    const later = (before: NodeRecord, minutes: number) =>
      decided(before, seen("InService"), { policy, now: noon + minutes * 60_000 }).record.askedAt;
    expect(later(asked, 70)).toBe(noon);
    expect(later({ ...asked, wanted: undefined }, 50)).toBe(noon);
    expect(later({ ...asked, wanted: undefined }, 60)).toBe(noon + 3_600_000);
  });

  it("asks for the end of one that came by another door and cannot be verified, too", () => {
    const givenUp = record({ name: "released" }, { lifecycleState: "InService", served: true });
    const { record: kept } = look(givenUp, policy);
    expect(kept).toMatchObject({ phase: { name: "on-hold" }, wanted: { cause: "unhealthy" } });
  });
});
