/** A node whose group was never given a release: on AWS that is so from the first deployment until `warden moodle deploy`. */
import { describe, expect, it } from "vitest";
import { decide } from "../src/index.ts";
import {
  actionTypes,
  group,
  launchEpisode,
  look,
  name,
  noon,
  policy,
  record,
  seen,
  terminateEpisode,
} from "./builder.ts";

const unreleased = (state: string, before = record({ name: "arriving" }, { episode: launchEpisode() }), now = noon) => {
  const { seen: sighting, ...rest } = look(seen(state), { now });
  return decide(name, before, { ...rest, seen: { ...sighting, assigned: undefined } });
};

describe("before its group's first release", () => {
  it.each(["Pending", "Pending:Wait"])("a node in %s waits, says for what, and is looked at again", (state) => {
    expect(unreleased(state)).toMatchObject({
      record: { phase: { name: "arriving" } },
      why: "waits for its group's first release: `warden moodle deploy` gives it one",
      actions: [],
      dueAt: noon + policy.holdRecheck,
    });
  });

  it("a node's hook stays open", () => {
    const decided = decide(name, undefined, {
      ...look(seen("Pending:Wait")),
      seen: { ...seen("Pending:Wait"), assigned: undefined },
    });
    expect(decided.record.episode).toMatchObject({ transition: "launching", result: undefined });
  });

  it("a node that waited is bootstrapped as soon as there is one", () => {
    const waiting = unreleased("Pending:Wait", undefined, noon).record;
    const decided = decide(name, waiting, look(seen("Pending:Wait"), { now: noon + 60_000 }));
    expect(actionTypes(decided)).toEqual(["bootstrap"]);
    expect(decided.record.phase).toMatchObject({ launch: { deadline: noon + 60_000 + policy.launchBudget } });
  });

  it("a node that is ended is let go at once", () => {
    const ending = record({ name: "arriving" }, { lifecycleState: "Terminating:Wait", episode: terminateEpisode() });
    const decided = unreleased("Terminating:Wait", ending);
    expect(decided.actions).toMatchObject([{ type: "complete-lifecycle-action", result: "CONTINUE" }]);
    expect(unreleased("Terminated", decided.record).record.phase.name).toBe("gone");
    expect(unreleased("absent", decided.record, noon + 1).record.missingSince).toBe(noon + 1);
  });

  it.each(["InService", "Standby", "Terminating"])("a node in %s is only observed", (state) => {
    expect(unreleased(state)).toMatchObject({ record: { phase: { name: "aside" } }, actions: [] });
  });

  it("a node that somebody brought into service is bootstrapped once there is one", () => {
    const aside = unreleased("InService").record;
    expect(actionTypes(decide(name, aside, look(seen("InService", { group: group() }))))).toEqual(["bootstrap"]);
  });
});
