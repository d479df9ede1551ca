/** Rule 2: every lifecycle action gets one result, from somebody who meant it. Those still open at the end are for `liveness`. */
import type { Action, Fact, Result } from "../facts/fact.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, inSeconds, timeToAct, violationAt, wasDown } from "./grace.ts";

const rule = "rule-02";

interface Passage {
  readonly action: Action;
  readonly began: number;
  accepted?: Result;
  ended?: Result;
}

export const rule02: CreateChecker = (run) => {
  /** The latest passage of each node through each hook. */
  const passages = new Map<string, Passage>();

  function ended(fact: Extract<Fact, { kind: "action-ended" }>): Violation | undefined {
    const { action, node, result, by } = fact;
    const passage = passages.get(keyOf(node, action.hook));
    if (passage?.action.token !== action.token)
      return violationAt(rule, fact, node, `an action of ${action.hook} ended that had never begun`);
    if (passage.ended !== undefined)
      return violationAt(rule, fact, node, `${nameOf(action)} ended twice: ${passage.ended}, then ${result}`);
    passage.ended = result;
    if (by === "answer") return contradiction(fact, passage, passage.accepted);
    if (by !== "timeout" || wasDown(run, fact.at - timeToAct, fact.at)) return undefined;
    const waited = inSeconds(fact.at - passage.began);
    return violationAt(
      rule,
      fact,
      node,
      `${nameOf(action)} expired after ${waited} with ${result}, although Warden had been able to act for the last ${inSeconds(timeToAct)}`,
    );
  }

  function answered(fact: Extract<Fact, { kind: "answer" }>): Violation | undefined {
    const passage = passages.get(keyOf(fact.node, fact.hook));
    if (passage === undefined || !fact.accepted) return undefined;
    const before = passage.accepted;
    passage.accepted ??= fact.result;
    if (before !== undefined && before !== fact.result)
      return violationAt(
        rule,
        fact,
        fact.node,
        `${nameOf(passage.action)} was answered ${before}, and then ${fact.result}`,
      );
    return contradiction(fact, passage, fact.result);
  }

  return {
    rule,
    says: "every lifecycle action ends with one result, and none expires while Warden is able to act",
    see(fact) {
      if (fact.kind === "action-began")
        passages.set(keyOf(fact.node, fact.action.hook), { action: fact.action, began: fact.at });
      if (fact.kind === "action-ended") return ended(fact);
      if (fact.kind === "answer") return answered(fact);
      return undefined;
    },
    end: () => [],
  };
};

/** What was answered and what came of it, in whichever order they become known. */
function contradiction(
  fact: Extract<Fact, { readonly node: string }>,
  passage: Passage,
  answer: Result | undefined,
): Violation | undefined {
  if (passage.ended === undefined || answer === undefined || passage.ended === answer) return undefined;
  const detail = `${nameOf(passage.action)} was answered ${answer} and ended with ${passage.ended}`;
  return { rule, at: fact.at, node: fact.node, detail };
}

const keyOf = (node: string, hook: string): string => `${node} ${hook}`;
const nameOf = ({ hook, token }: Action): string => `the action ${token} of ${hook}`;
