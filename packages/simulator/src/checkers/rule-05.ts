/** Rule 5: what Warden starts to take stays within the budget and above the floor, whatever else is missing. */
import type { Fact } from "../facts/fact.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, isGone, oneObservation, violationAt } from "./grace.ts";

const rule = "rule-05";

type Taken = Extract<Fact, { kind: "taken" }>;

export const rule05: CreateChecker = (run) => {
  /** Taken by Warden, of its own accord or because AWS announced it, and not ended yet. */
  const away = new Set<string>();
  /** When each node that nobody chose to take was lost to service. */
  const lostAt = new Map<string, number>();
  /** When Warden wrote down that it takes a node: the decision, which a crash may part from the call. */
  const leavingSince = new Map<string, number>();
  const serving = new Set<string>();
  const desires: { readonly at: number; readonly desired: number }[] = [];

  function moved(fact: Extract<Fact, { kind: "lifecycle" }>): void {
    const { node, state, at } = fact;
    if (state === "InService") serving.add(node);
    else if (serving.delete(node) && !away.has(node)) lostAt.set(node, at);
    if (isGone(state)) away.delete(node);
  }

  function wroteDown({ node, phase, at }: Extract<Fact, { kind: "phase" }>): void {
    if (phase === "leaving") leavingSince.set(node, at);
    if (phase === "in-service") for (const each of [leavingSince, away]) each.delete(node);
  }

  function took(fact: Taken): Violation | undefined {
    const { node, announced, group } = fact;
    const begins = !away.has(node) && group.inService.includes(node);
    const judged = begins && !announced ? judge(fact) : undefined;
    if (announced && begins) lostAt.set(node, fact.at);
    if (group.inService.includes(node)) away.add(node);
    return judged;
  }

  function judge(fact: Taken): Violation | undefined {
    const { node, group } = fact;
    const known = Math.min(leavingSince.get(node) ?? fact.at, fact.at) - oneObservation;
    const others = group.inService.filter((each) => each !== node && !away.has(each));
    const unknowable = [...lostAt].filter(([each, at]) => at > known && each !== node && !others.includes(each));
    const remaining = others.length + unknowable.length;
    const desired = leastDesired(known, group.desired);
    const budget = Math.max(1, Math.ceil(desired * run.budget));
    const story = `${fact.how} began while ${group.inService.length} were in service, ${away.size} of them already being taken`;
    if (desired - remaining > budget)
      return violationAt(
        rule,
        fact,
        node,
        `${story}: ${desired - remaining} of ${desired} nodes would be out of service, the budget is ${budget}`,
      );
    if (remaining < run.floor)
      return violationAt(rule, fact, node, `${story}: ${remaining} would stay in service, the floor is ${run.floor}`);
    return undefined;
  }

  /** The least that the desired capacity was since then: a group that just grew has lost nothing. */
  function leastDesired(since: number, now: number): number {
    const before = desires.findLast(({ at }) => at <= since);
    const values = desires.filter(({ at }) => at > since).map(({ desired }) => desired);
    return Math.min(now, ...values, ...(before === undefined ? [] : [before.desired]));
  }

  return {
    rule,
    says: "Warden never starts a voluntary disruption that would, counting all involuntary ones, exceed the group's budget or cross its capacity floor",
    see(fact) {
      switch (fact.kind) {
        case "lifecycle":
          moved(fact);
          return undefined;
        case "phase":
          wroteDown(fact);
          return undefined;
        case "capacity":
          desires.push({ at: fact.at, desired: fact.desired });
          return undefined;
        case "taken":
          return fact.by === "warden" ? took(fact) : undefined;
        default:
          return undefined;
      }
    },
    end: () => [],
  };
};
