/** Knows whether anything in this process is still under way, so that virtual time can wait for it. */
import { setImmediate } from "node:timers/promises";

export interface Quiescence {
  /** Counts as under way until it is settled. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** @param others tells when work that is not tracked here has come to rest */
export function quiescence(others: () => Promise<void>): Quiescence {
  const underWay = new Set<Promise<unknown>>();

  function track<T>(work: Promise<T>): Promise<T> {
    underWay.add(work);
    const done = (): void => {
      underWay.delete(work);
    };
    work.then(done, done);
    return work;
  }

  async function settled(): Promise<void> {
    do {
      await Promise.allSettled(underWay);
      await others();
      // What was just settled may set more going in its callbacks.
      await setImmediate();
    } while (underWay.size > 0);
    await others();
  }

  return { track, settled };
}
