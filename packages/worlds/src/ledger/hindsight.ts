/**
 * What another policy would have decided, from what the ledger says was seen. Two folds run side by side over each
 * node's looks, one with the site's policy and one with the other; where they part, everything later would have looked
 * different too, so a node is compared up to its first difference and no further. Pure.
 */
import { type Decision, decide, type InstanceId, type NodeRecord, type Policy, type Sighting } from "@warden/fleet";
import type { LedgerDecision, LedgerFile } from "./file.ts";

export interface Hindsight {
  readonly nodes: number;
  /** Decisions that both policies make alike. */
  readonly alike: number;
  readonly differences: readonly Difference[];
  /** Decisions of a node after its first difference: what was seen by then came of what was done before. */
  readonly notCompared: number;
  /** Nodes about which this Warden, with the site's own policy, decides otherwise than the ledger says. */
  readonly drifted: readonly Drift[];
}

export interface Difference {
  readonly node: InstanceId;
  readonly at: number;
  /** What the decision was made of. */
  readonly look: LedgerDecision;
  readonly decided: Choice;
  readonly other: Choice;
  /** The ledger has no row of this moment: it follows from the one before, since when nothing had changed. */
  readonly between: boolean;
}

export interface Choice {
  readonly phase: string;
  readonly why: string;
  readonly actions: readonly string[];
}

/** The policy of the site, or Warden itself, has changed since: nothing can be said about a third policy from there. */
export interface Drift {
  readonly node: InstanceId;
  readonly at: number;
  readonly recorded: Choice;
  readonly now: Choice;
}

export function hindsight({ site, nodes }: LedgerFile, other: Policy): Hindsight {
  const found = [...nodes].map(([node, looks]) => ({ node, looks, ...compare(looks, site.policy, other) }));
  const differences = found.flatMap(({ node, difference }) =>
    difference === undefined ? [] : [{ node, ...difference }],
  );
  return {
    nodes: nodes.size,
    alike: found.reduce((sum, each) => sum + each.alike, 0),
    differences: differences.sort((a, b) => a.at - b.at),
    notCompared: found.reduce((sum, each) => sum + each.looks.length - each.alike, 0),
    drifted: found.flatMap(({ node, drift }) => (drift === undefined ? [] : [{ node, ...drift }])),
  };
}

interface Compared {
  readonly alike: number;
  readonly difference?: Omit<Difference, "node">;
  readonly drift?: Omit<Drift, "node">;
}

function compare(looks: readonly LedgerDecision[], own: Policy, other: Policy): Compared {
  let alike = 0;
  let sides: Sides | undefined;
  for (const look of looks) {
    if (sides !== undefined) {
      const difference = whileNothingChanged(sides, look.at, own, other);
      if (difference !== undefined) return { alike, difference };
    }
    const decided = decideAt(look, look.before, look.seen, own, look.at);
    if (!sameChoice(choiceOf(decided), look)) {
      return { alike, drift: { at: look.at, recorded: look, now: choiceOf(decided) } };
    }
    const otherwise = decideAt(look, carried(look.before, sides?.other), look.seen, other, look.at);
    const difference = differenceIn(look, decided, otherwise, look.at, false);
    if (difference !== undefined) return { alike, difference };
    sides = { look, own: decided, other: otherwise };
    alike += 1;
  }
  return { alike };
}

/** Where both folds stand after a look. */
interface Sides {
  readonly look: LedgerDecision;
  readonly own: Decision;
  readonly other: Decision;
}

/**
 * Between two rows Warden looked again and found nothing new. So whenever one of the two policies wanted to look, the
 * other is asked too, with what was seen before. If even the site's own policy would have acted on that, something had
 * changed that no row tells of, and the next row is waited for.
 */
function whileNothingChanged(
  { look, own: first, other: second }: Sides,
  until: number,
  own: Policy,
  other: Policy,
): Omit<Difference, "node"> | undefined {
  let [decided, otherwise] = [first, second];
  let now = look.at;
  for (let looks = 0; looks < mostLooks; looks++) {
    now = Math.max(now + shortestPause, Math.min(decided.dueAt ?? Infinity, otherwise.dueAt ?? Infinity));
    if (now >= until) return undefined;
    const seen = { ...look.seen, hints: [] };
    decided = decideAt(look, decided.record, answerless(seen, decided.record), own, now);
    if (decided.actions.length > 0 || decided.record.phase.name !== first.record.phase.name) return undefined;
    otherwise = decideAt(look, otherwise.record, answerless(seen, otherwise.record), other, now);
    const difference = differenceIn(look, decided, otherwise, now, true);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** An hour of looks each second: rows of a node that lives are a quarter of an hour apart at most. */
const mostLooks = 3600;
const shortestPause = 1000;

/** A command that had been answered would have led to a row. */
function answerless(seen: Sighting, { phase }: NodeRecord): Sighting {
  const waits = "command" in phase && phase.command !== undefined;
  return { ...seen, command: waits ? { status: "under-way" } : undefined };
}

/** The other policy's own deadlines are in its phase; what AWS was told and answered meanwhile is in the ledger's. */
function carried(before: NodeRecord | undefined, last: Decision | undefined): NodeRecord | undefined {
  if (before === undefined || last === undefined || last.record.phase.name !== before.phase.name) return before;
  return { ...before, phase: last.record.phase, since: last.record.since };
}

const decideAt = (
  { name }: LedgerDecision,
  before: NodeRecord | undefined,
  seen: Sighting,
  policy: Policy,
  now: number,
): Decision => decide(name, before, { seen, policy, now, pass: "hindsight" });

function differenceIn(
  look: LedgerDecision,
  decided: Decision,
  otherwise: Decision,
  at: number,
  between: boolean,
): Omit<Difference, "node"> | undefined {
  const [one, two] = [choiceOf(decided), choiceOf(otherwise)];
  return sameChoice(one, two) ? undefined : { at, look, decided: one, other: two, between };
}

const choiceOf = ({ record, why, actions }: Decision): Choice => ({
  phase: record.phase.name,
  why,
  actions: actions.map((action) => action.type),
});

/** Words may differ where the deeds do not. */
const sameChoice = (one: Choice, two: Choice): boolean =>
  one.phase === two.phase && one.actions.join() === two.actions.join();
