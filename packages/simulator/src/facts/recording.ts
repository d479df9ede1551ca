/** All facts of one run in order, and those who want to know of each as it happens. */
import type { Fact, FactDetail } from "./fact.ts";

export interface Recording {
  readonly facts: readonly Fact[];
  add(detail: FactDetail): void;
  onFact(listener: (fact: Fact) => void): void;
}

export function createRecording(now: () => number): Recording {
  const facts: Fact[] = [];
  const listeners: ((fact: Fact) => void)[] = [];
  return {
    facts,
    add(detail) {
      const fact: Fact = { at: now(), ...detail };
      facts.push(fact);
      for (const listener of listeners) listener(fact);
    },
    onFact: (listener) => void listeners.push(listener),
  };
}
