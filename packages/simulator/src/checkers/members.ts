/** Which nodes serve, and which of them Warden can reach: who leaves, is dead or cannot be told has to be nothing. */
import type { Fact } from "../facts/fact.ts";

export function createMembers() {
  const states = new Map<string, string>();
  const leaving = new Set<string>();
  const dead = new Set<string>();
  /** Warden wrote down that it could not ask it. */
  const unreached = new Set<string>();
  const reachedSince = new Map<string, number>();

  function wroteDown({ node, phase, why, at }: Extract<Fact, { kind: "phase" }>): void {
    if (phase === "in-service") leaving.delete(node);
    else if (phase === "leaving" || phase === "released" || phase === "gone") leaving.add(node);
    if (/could not be (given|verified)/.test(why)) unreached.add(node);
    else if (unreached.delete(node)) reachedSince.set(node, at);
  }

  const isServing = (node: string): boolean =>
    states.get(node) === "InService" && !leaving.has(node) && !dead.has(node);

  return {
    see(fact: Fact): void {
      if (fact.kind === "lifecycle") states.set(fact.node, fact.state);
      if (fact.kind === "power-off") dead.add(fact.node);
      if (fact.kind === "instance" && fact.state === "running") dead.delete(fact.node);
      if (fact.kind === "phase") wroteDown(fact);
    },
    isServing,
    isLaunching: (node: string): boolean => /^(Warmed:)?Pending/.test(states.get(node) ?? "Pending"),
    isReached: (node: string): boolean => isServing(node) && !unreached.has(node),
    /** When it could be asked again. */
    reachedSince: (node: string): number => reachedSince.get(node) ?? Number.NEGATIVE_INFINITY,
  };
}
