/** Rules of the design (section 5) that every sequence of looks must keep, however wild. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Decision, decide, isOpen, type Look, mayDisrupt, type NodeRecord, stationOf } from "../src/index.ts";
import { observation, pause, viewFor } from "./arbitrary.ts";
import { name, noon, policy } from "./builder.ts";

interface Step {
  readonly before: NodeRecord | undefined;
  readonly look: Look;
  readonly decision: Decision;
}

const wild = fc.array(fc.tuple(observation, pause, fc.nat()), { minLength: 1, maxLength: 25 });

/** Walks the sequence, each look at the record that the one before left; the answer fits the command in it. */
function walk(looks: typeof wild extends fc.Arbitrary<infer Value> ? Value : never, check: (step: Step) => void): void {
  let record: NodeRecord | undefined;
  let now = noon;
  for (const [index, [seen, later, seed]] of looks.entries()) {
    now += later;
    const [command] = fc.sample(viewFor(record), { seed, numRuns: 1 });
    const look: Look = { seen: { ...seen, command }, policy, now, pass: `p${index}` };
    const decision = decide(name, record, look);
    check({ before: record, look, decision });
    record = decision.record;
  }
}

const always = (check: (step: Step) => void) =>
  fc.assert(
    fc.property(wild, (looks) => walk(looks, check)),
    { numRuns: 1500 },
  );

const kindOf = (decision: Decision): string[] =>
  decision.actions.map((action) => (action.type === "complete-lifecycle-action" ? action.result : action.type));

/** AWS takes the node, a person orders it or the action ends for good: then evidence has no say. */
const endsAnyway = ({ before, look, decision }: Step): boolean =>
  decision.record.notice?.kind === "spot" ||
  look.seen.order?.verb === "drain" ||
  look.seen.order?.verb === "replace" ||
  (before?.episode !== undefined && look.now >= before.episode.startedAt + 59_000_000) ||
  before?.phase.name === "leaving";

describe("for every sequence of looks", () => {
  it("the same look gives the same decision", () => {
    always(({ before, look, decision }) => expect(decide(name, before, look)).toEqual(decision));
  });

  it("CONTINUE to a launch is said only with a verification for what was to be launched in the record (rule 1)", () => {
    let target: { release: string; digest: string } | undefined;
    always(({ before, decision }) => {
      if (before === undefined) target = undefined;
      if (before !== undefined && "launch" in before.phase) target = before.phase.launch;
      if (!kindOf(decision).includes("CONTINUE") || decision.record.episode?.transition !== "launching") return;
      expect(decision.record.verified).toMatchObject({ release: target?.release, digest: target?.digest });
    });
  });

  it("an action gets one result, recorded with the decision that sends it (rule 2)", () => {
    always(({ before, decision }) => {
      const { episode } = decision.record;
      if (before?.episode?.ordinal === episode?.ordinal && before?.episode?.result !== undefined)
        expect(episode?.result?.value).toBe(before.episode.result.value);
      for (const action of decision.actions)
        if (action.type === "complete-lifecycle-action") expect(action.result).toBe(episode?.result?.value);
    });
  });

  it("an open action is looked at again before it ends for good (rule 2)", () => {
    always(({ look, decision }) => {
      const { episode } = decision.record;
      const station = stationOf(look.seen.lifecycleState);
      if (!isOpen(episode) || (station !== "pending-wait" && station !== "terminating-wait")) return;
      expect(decision.dueAt).toBeLessThan(Math.max(look.now + 20_000, episode.startedAt + 60_000_000));
    });
  });

  it("nothing is done while the state is unknown", () => {
    always(({ look, decision }) => {
      if (stationOf(look.seen.lifecycleState) === "unknown") expect(decision.actions).toEqual([]);
    });
  });

  it("nobody is ended while the node says that a shared part is down (rule 6)", () => {
    always((step) => {
      const { command, lifecycleState } = step.look.seen;
      const phase = step.before?.phase;
      if (phase === undefined || !("command" in phase) || phase.command?.step !== "verify" || endsAnyway(step)) return;
      if (command?.status !== "answered" || command.answer.step !== "verify") return;
      if (command.answer.verdict !== "dependency-bad" || stationOf(lifecycleState) === "unknown") return;
      expect(kindOf(step.decision)).not.toContain("terminate-instance");
      expect(kindOf(step.decision)).not.toContain("deregister-targets");
      expect(kindOf(step.decision)).not.toContain("ABANDON");
    });
  });

  it("a voluntary disruption starts only with permission and a slot (rules 5 and 15)", () => {
    always(({ before, look, decision }) => {
      const { phase } = decision.record;
      const began = kindOf(decision).some((kind) => kind === "terminate-instance" || kind === "deregister-targets");
      if (!began || phase.name !== "leaving" || phase.leave.cause === "spot") return;
      const wasLeaving = before?.phase.name === "leaving" && before.phase.leave.startedBy === "warden";
      if (wasLeaving) {
        const halted = look.seen.stopped !== undefined && stationOf(look.seen.lifecycleState) === "in-service";
        expect(halted && decision.record.notice?.kind !== "spot").toBe(false);
        return;
      }
      const { instance } = decision.record;
      expect(mayDisrupt(look, { instance, ...phase.leave })).toEqual({ allowed: true });
      expect(decision.claimsSlot || before?.slot).toBe(true);
      expect(decision.record.slot).toBe(true);
    });
  });

  it("no capacity is asked for beyond the group's limits", () => {
    always(({ look, decision }) => {
      for (const action of decision.actions) {
        if (action.type !== "set-desired-capacity") continue;
        expect(action.desired).toBeLessThanOrEqual(look.seen.group.max);
        expect(action.desired).toBeGreaterThanOrEqual(look.seen.group.min);
        expect(look.seen.stopped).toBeUndefined();
      }
    });
  });

  it("looking again without anything new comes to rest", () => {
    always(({ look, decision }) => {
      let last = decision;
      for (let round = 0; round < 6; round++) {
        const command = "command" in last.record.phase ? ({ status: "under-way" } as const) : undefined;
        const next = decide(name, last.record, { ...look, seen: { ...look.seen, command } });
        if (JSON.stringify(next.record) === JSON.stringify(last.record) && next.why === last.why) return;
        last = next;
      }
      expect.fail(`still changing: ${last.why}`);
    });
  });
});
