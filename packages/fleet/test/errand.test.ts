import { describe, expect, it } from "vitest";
import type { Answer, Errand, ErrandOutcome, Observation, UpgradeView } from "../src/index.ts";
import { actionTypes, answered, command, decided, noon, policy, seen, serving } from "./builder.ts";

const target = { release: "5.1", digest: "d2" };
const errands = {
  preflight: { step: "preflight", id: "u-preflight-0", target },
  close: { step: "maintenance", id: "u-closing-0", closed: true, since: noon - 60_000 },
  open: { step: "maintenance", id: "u-opening-1", closed: false, since: noon },
  upgrade: { step: "upgrade", id: "u-upgrading-1", target, closed: true },
} as const satisfies Record<string, Errand>;

function view(errand: Errand, more: Partial<Observation> = {}): Observation {
  const upgrade: UpgradeView = { closed: false, pending: false, insists: false, errand };
  return seen("InService", { upgrade, target: "healthy", ...more });
}

const outcome = (errand: Errand, more: Partial<ErrandOutcome> = {}) => ({
  errand: { id: errand.id, at: noon, is: "under-way", message: "", ...more } as const,
});
const busy = (errand: Errand, more: Partial<ErrandOutcome> = {}) =>
  serving({ command: command(errand.step) }, outcome(errand, more));
const says = (errand: Errand, answer: Answer, more: Partial<ErrandOutcome> = {}) =>
  decided(busy(errand, more), view(errand, { command: answered(answer) })).record.errand;

describe("what an upgrade asks of a node", () => {
  it("is asked once, with the release that is meant", () => {
    const asked = decided(serving(), view(errands.preflight));
    expect(asked.actions).toMatchObject([{ step: "preflight", ...target }]);
    expect(asked.record).toMatchObject({ phase: { command: { step: "preflight" } }, errand: { is: "under-way" } });
    for (const is of ["done", "failed"] as const)
      expect(decided(serving({}, outcome(errands.preflight, { is })), view(errands.preflight)).actions).toEqual([]);
  });

  it("says whether the site is to be closed, or opened", () => {
    expect(decided(serving(), view(errands.close)).actions).toMatchObject([{ step: "maintenance", closed: true }]);
    expect(decided(serving(), view(errands.open)).actions).toMatchObject([{ step: "maintenance", closed: false }]);
    expect(decided(serving(), view(errands.upgrade)).actions).toMatchObject([{ step: "upgrade", closed: true }]);
  });

  it("is asked again after a pause when it could not be done for a reason that passes", () => {
    const later = serving({}, outcome(errands.close, { is: "put-off" }));
    expect(decided(later, view(errands.close)).actions).toEqual([]);
    expect(actionTypes(decided(later, view(errands.close), { now: noon + policy.lookAgain }))).toEqual(["maintenance"]);
  });

  it("is not asked of a node that somebody holds, which objects", () => {
    const order = { id: "o", verb: "hold", by: "ben", reason: "post-mortem", expiresAt: noon + 1e9 } as const;
    const { record, actions } = decided(serving(), view(errands.preflight, { order }));
    expect([actions, record.errand?.is, record.errand?.message]).toEqual([[], "failed", "ben holds it: post-mortem"]);
  });

  it("is written down as impossible while the agent is silent", () => {
    const { record, actions } = decided(serving(), view(errands.close, { agent: "offline" }));
    expect([actions, record.errand]).toMatchObject([[], { is: "put-off", message: "its agent is silent" }]);
  });

  it("comes after the release that the node must have first", () => {
    const decision = decided(serving(), view(errands.upgrade, { assigned: target }));
    expect(actionTypes(decision)).toEqual(["push-config"]);
  });
});

describe("what a node answers", () => {
  it("in a preflight is what Moodle wants, or what stands in the way", () => {
    const looked = { step: "preflight", ok: true, wants: "closed" } as const;
    expect(says(errands.preflight, { ...looked, problems: [] })).toMatchObject({ is: "done", wants: "closed" });
    expect(says(errands.preflight, { ...looked, problems: ["PHP 8.1", "mod_x"] })).toMatchObject({
      ...{ is: "failed", message: "PHP 8.1; mod_x" },
    });
    const cannot = { step: "preflight", ok: false, message: "m" } as const;
    expect(says(errands.preflight, { ...cannot, sharedPart: undefined })?.is).toBe("failed");
    expect(says(errands.preflight, { ...cannot, sharedPart: "database" })?.is).toBe("put-off");
  });

  it.each([
    [{ closed: true, tasks: [], oldest: 0 }, "done"],
    [{ closed: true, tasks: [], oldest: 59_000 }, "done"],
    [{ closed: true, tasks: [], oldest: 60_000 }, "put-off"],
    [{ closed: true, tasks: ["core\\task\\backup"], oldest: 0 }, "put-off"],
    [{ closed: false, tasks: [], oldest: 0 }, "put-off"],
  ] as const)("when the site closes counts once all from before has ended: %o", (said, is) => {
    expect(says(errands.close, { step: "maintenance", ok: true, ...said })?.is).toBe(is);
  });

  it("when the site opens is enough by itself", () => {
    expect(says(errands.open, { step: "maintenance", ok: true, closed: false, tasks: ["t"], oldest: 1e6 })?.is).toBe(
      "done",
    );
  });

  it.each([
    ["installed", "done"],
    ["held", "put-off"],
    ["unknown", "put-off"],
    ["upgrade-pending", "failed"],
    ["half-installed", "failed"],
  ] as const)("of an upgrade that leaves the database %s is %s", (state, is) => {
    expect(says(errands.upgrade, { step: "upgrade", state, moved: false, message: "" })).toMatchObject({
      is,
      moved: false,
    });
  });

  it("of a later run does not unsay that one before has changed the database, as one that said nothing may have", () => {
    const same = { step: "upgrade", state: "upgrade-pending", moved: false, message: "" } as const;
    expect(says(errands.upgrade, same, { moved: true })).toMatchObject({ is: "failed", moved: true });
    const silent = decided(
      busy(errands.upgrade),
      view(errands.upgrade, { command: { status: "silent", detail: "Undeliverable" } }),
    );
    expect(silent.record.errand).toMatchObject({ is: "put-off", moved: true });
  });

  it("is waited for as long as an upgrade may take, but not where the agent fell silent", () => {
    const command = { status: "under-way" } as const;
    const hours = { now: noon + 5 * 3_600_000 };
    expect(decided(busy(errands.upgrade), view(errands.upgrade, { command }), hours).record.errand?.is).toBe(
      "under-way",
    );
    const silent = decided(busy(errands.upgrade), view(errands.upgrade, { command, agent: "offline" }), hours);
    expect(silent.record).toMatchObject({ errand: { is: "put-off", moved: true }, phase: { command: undefined } });
  });

  it("is of no interest when nobody wants it any more", () => {
    const { record } = decided(
      busy(errands.preflight),
      seen("InService", { command: answered({ step: "preflight", ok: true, wants: "closed", problems: [] }) }),
    );
    expect(record).toMatchObject({ errand: { is: "under-way" }, phase: { command: undefined } });
  });
});

describe("old code on a database that has changed", () => {
  const insists = (more: Partial<Observation> = {}) =>
    seen("InService", {
      assigned: target,
      upgrade: { closed: true, pending: false, insists: true, errand: undefined },
      ...more,
    });
  const push = (is: "refused" | "left-out") => ({ push: { ...target, at: noon, is, message: "m" } });

  it.each(["refused", "left-out"] as const)("does not stay on a node that cannot take the new: %s", (is) => {
    const decision = decided(serving({}, push(is)), insists());
    expect(decision.record.phase).toMatchObject({ name: "leaving", leave: { cause: "unhealthy" } });
    expect(decided(serving({}, push(is)), seen("InService", { assigned: target })).record.phase.name).toBe(
      "in-service",
    );
  });
});
