/** What became of each configuration that was pushed in a run, read from the facts. Pure. */
import type { Fact } from "../facts/fact.ts";
import { plural, secondsInWords } from "./words.ts";

export interface PushedConfiguration {
  /** Milliseconds since the epoch, as the facts' times. */
  readonly at: number;
  readonly digest: string;
  readonly is: "good" | "bad";
  /** In the order in which they were asked first. */
  readonly asked: readonly string[];
  readonly waves: number;
  /** Nodes that had it on their disk, for however long. */
  readonly reached: readonly string[];
  readonly end: { readonly as: "concluded" | "returned"; readonly at: number; readonly because: string } | undefined;
  /** Warden's last word about it. */
  readonly why: string;
}

export function pushedIn(facts: readonly Fact[]): readonly PushedConfiguration[] {
  const truth = new Map(facts.flatMap((fact) => (fact.kind === "push" ? [[fact.digest, fact.is]] : [])));
  const begun = new Map<string, PushedConfiguration>();
  let current: string | undefined;
  for (const fact of facts) {
    if (fact.kind === "rollout") {
      current = fact.id;
      begun.set(fact.id, told(begun.get(fact.id) ?? beginning(fact, truth.get(fact.candidate) ?? "good"), fact));
    }
    const pushed = current === undefined ? undefined : begun.get(current);
    if (fact.kind !== "configuration" || current === undefined || pushed === undefined) continue;
    if (fact.digest !== pushed.digest || pushed.end !== undefined || pushed.reached.includes(fact.node)) continue;
    begun.set(current, { ...pushed, reached: [...pushed.reached, fact.node] });
  }
  return [...begun.values()];
}

type Told = Extract<Fact, { kind: "rollout" }>;

const beginning = ({ at, candidate, why }: Told, is: "good" | "bad"): PushedConfiguration => ({
  ...{ at, digest: candidate, is, asked: [], waves: 0, reached: [], end: undefined, why },
});

function told(pushed: PushedConfiguration, { at, phase, members, why, because }: Told): PushedConfiguration {
  const added = members.filter((node) => !pushed.asked.includes(node));
  const as = phase === "concluding" ? "concluded" : phase === "returned" ? "returned" : undefined;
  return {
    ...pushed,
    why,
    asked: [...pushed.asked, ...added],
    waves: pushed.waves + (added.length > 0 ? 1 : 0),
    end: pushed.end ?? (as && { as, at, because: because ?? "" }),
  };
}

/** In one sentence for people. */
export function pushInWords({ at, digest, is, asked, waves, reached, end, why }: PushedConfiguration): string {
  const [canary] = asked;
  const way =
    canary === undefined
      ? "no node was asked to take it"
      : `first ${canary}${waves > 1 ? `, then ${plural(asked.length - 1, "more node")} in ${plural(waves - 1, "wave")}` : ""}`;
  const took = secondsInWords(((end?.at ?? at) - at) / 1_000);
  const had = is === "bad" ? `; ${plural(reached.length, "node")} had it` : "";
  const name = `a ${is} configuration, ${digest.slice(0, 12)}: ${way}`;
  if (end === undefined) return `${name}; not ended, ${why}${had}`;
  if (end.as === "concluded") return `${name}; the last good after ${took}${had}`;
  return `${name}; taken back after ${took}, ${end.because}${had}`;
}
