/** Counts by name that grow from run to run. */
import type { FunctionUse } from "./run-record.ts";

export interface Tally {
  add(counts: Readonly<Record<string, number>>): void;
  total(): number;
  /** The largest first. */
  byName(): Readonly<Record<string, number>>;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add(more) {
      for (const [name, count] of Object.entries(more)) counts.set(name, (counts.get(name) ?? 0) + count);
    },
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    byName: () => Object.fromEntries([...counts].sort(([, one], [, other]) => other - one)),
  };
}

export interface FunctionTally {
  add(uses: Readonly<Record<string, FunctionUse>>): void;
  byName(): Readonly<Record<string, FunctionUse>>;
}

export function createFunctionTally(): FunctionTally {
  const uses = new Map<string, FunctionUse>();
  return {
    add(more) {
      for (const [name, use] of Object.entries(more)) {
        const before = uses.get(name) ?? { invocations: 0, gbSeconds: 0, crashes: 0 };
        uses.set(name, {
          invocations: before.invocations + use.invocations,
          gbSeconds: before.gbSeconds + use.gbSeconds,
          crashes: before.crashes + use.crashes,
        });
      }
    },
    byName: () => Object.fromEntries([...uses].sort(([one], [other]) => one.localeCompare(other))),
  };
}
