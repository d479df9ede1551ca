/** Lets checkers see a recording from its first fact to its last, whenever they come to it. */
import type { Recording } from "../facts/recording.ts";
import type { Checker, Violation } from "./checker.ts";

export interface Followed {
  /** So far. */
  readonly violations: readonly Violation[];
  /** What can only be said at the end, added to the others. */
  end(at: number): readonly Violation[];
}

export function follow(recording: Recording, checkers: readonly Checker[]): Followed {
  const violations: Violation[] = [];
  const see = (fact: Parameters<Checker["see"]>[0]): void => {
    for (const checker of checkers) {
      const violation = checker.see(fact);
      if (violation !== undefined) violations.push(violation);
    }
  };
  for (const fact of recording.facts) see(fact);
  recording.onFact(see);
  return {
    violations,
    end(at) {
      for (const checker of checkers) violations.push(...checker.end(at));
      return violations;
    },
  };
}
