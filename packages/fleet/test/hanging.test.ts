/** Whose fault it is that a node cannot reach the shared files: the others' targets tell, and time. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NodeRecord, Observation } from "../src/index.ts";
import { actionTypes, answered, command, decided, group, noon, policy, seen, serving, verdict } from "./builder.ts";

const minute = 60_000;
const half = minute / 2;
const hanging = verdict("dependency-bad", { blames: ["files"] });
const alone: Partial<Observation> = { command: hanging, target: "unhealthy", othersHealthy: 4 };

/** Verified at these moments, each time with what was seen then. */
function verifiedAt(looks: readonly { readonly after: number; readonly seen: Partial<Observation> }[]) {
  let record: NodeRecord = serving();
  let actions: readonly string[] = [];
  for (const { after, seen: more } of looks) {
    if (record.phase.name !== "in-service") break;
    record = { ...record, phase: { ...record.phase, command: command("verify", noon + after) } };
    const decision = decided(record, seen("InService", more), { now: noon + after });
    record = decision.record;
    actions = actionTypes(decision);
  }
  return { phase: record.phase.name, actions, record };
}

/** Twice a minute for so long. */
const each = (length: number, more: (after: number) => Partial<Observation>) =>
  Array.from({ length: length / half + 1 }, (_, index) => ({ after: index * half, seen: more(index * half) }));

describe("a node whose files hang", () => {
  it("is taken away when most others were healthy for six minutes, and at the second count", () => {
    const first = verifiedAt(each(6 * minute, () => alone));
    expect(first.record.phase).toMatchObject({ name: "in-service", failures: 1, complaint: undefined });
    expect(verifiedAt(each(6 * minute - half, () => alone)).record.phase).toMatchObject({ failures: 0 });
    expect(verifiedAt(each(6 * minute + half, () => alone)).actions).toEqual(["deregister-targets", "drain"]);
  });

  it("is given a minute for its work to end: what waits for its files would wait for ever", () => {
    const blamedAt = 6 * minute + half;
    const { record } = verifiedAt(each(blamedAt, () => alone));
    expect(record.phase).toMatchObject({ leave: { deadline: noon + blamedAt + minute } });
    const busy = answered({ step: "drain-status", idle: false, busyWith: "1 PHP workers", tasks: [] });
    const asked = decided(record, seen("InService", { command: answered({ step: "drain" }) }), {
      now: noon + blamedAt,
    });
    const late = decided(asked.record, seen("InService", { command: busy }), { now: noon + blamedAt + minute });
    expect(actionTypes(late)).toEqual(["terminate-instance"]);
  });

  it.each<[string, Partial<Observation>]>([
    ["half of the others are not healthy", { othersHealthy: 2 }],
    ["nobody knows how the others are", { othersHealthy: undefined }],
    ["its own target is healthy", { target: "healthy" }],
    ["its own target is unknown", { target: "unknown" }],
    ["it has no others", { othersHealthy: 0, group: group({ desired: 1, inService: 1, min: 0 }) }],
    ["another shared part fails, too", { command: verdict("dependency-bad") }],
  ])("is never blamed where %s", (_, more) => {
    const { record } = verifiedAt(each(30 * minute, () => ({ ...alone, ...more })));
    expect(record.phase).toMatchObject({ name: "in-service", failures: 0 });
  });

  it("is not blamed before the others were healthy anew for six minutes, as at the end of an outage", () => {
    const others = (after: number) => ({ ...alone, othersHealthy: after < 20 * minute ? 0 : 4 });
    expect(verifiedAt(each(26 * minute - half, others)).record.phase).toMatchObject({ failures: 0 });
    expect(verifiedAt(each(27 * minute, others)).phase).toBe("leaving");
  });

  it("is not blamed for what nobody watched", () => {
    const looks = [0, 20 * minute, 21 * minute].map((after) => ({ after, seen: alone }));
    expect(verifiedAt(looks).record.phase).toMatchObject({ name: "in-service", failures: 0 });
  });

  it("is blamed although one verification was not answered", () => {
    const silent = { ...alone, command: { status: "silent", detail: "timed out" } } as const;
    const { phase } = verifiedAt(each(7 * minute, (after) => (after === 4 * minute ? silent : alone)));
    expect(phase).toBe("leaving");
  });

  it("is forgiven when it is well once", () => {
    const well = { command: verdict("ok"), target: "healthy" } as const;
    const { record } = verifiedAt(each(11 * minute, (after) => (after === 5.5 * minute ? well : alone)));
    expect(record.phase).toMatchObject({ name: "in-service", failures: 0 });
  });

  it("is kept like any other by the guards", () => {
    const { phase } = verifiedAt(each(10 * minute, () => ({ ...alone, group: group({ unhealthy: 2 }) })));
    expect(phase).toBe("in-service");
  });

  it("is never taken in an outage, however its beginning and its end are spread over the nodes", () => {
    const interval = fc.integer({ min: 5, max: 300 });
    const outage = fc.record({
      interval,
      late: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(outage, fc.integer({ min: 0, max: 5 * minute }), ({ interval, late, length }, slower) => {
        // Its own target fails at the second check; the others' at most one interval later. They come back earlier.
        const failed = 2 * interval * 1000;
        const othersFail = failed + late * interval * 1000;
        const over = othersFail + length * minute;
        const during = (after: number): Partial<Observation> => {
          if (after >= over + slower) return { command: verdict("ok"), target: "healthy", othersHealthy: 4 };
          return {
            command: hanging,
            target: after < failed ? "healthy" : "unhealthy",
            othersHealthy: after < othersFail || after >= over ? 4 : 0,
          };
        };
        const end = Math.ceil((over + slower + 10 * minute) / half) * half;
        const { record } = verifiedAt(each(end, during));
        expect(record.phase).toMatchObject({ name: "in-service", failures: 0 });
      }),
    );
  });

  it("is looked at again half a minute later while it is not blamed", () => {
    const at = decided(serving({ command: command("verify") }), seen("InService", alone));
    expect(at.dueAt).toBe(noon + policy.holdRecheck);
  });
});
