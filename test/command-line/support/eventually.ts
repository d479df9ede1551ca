/** Waiting for what a running world comes to by itself. */
import { setTimeout as sleep } from "node:timers/promises";

/** It can no longer come: nothing is gained by asking again. */
export class Impossible extends Error {}

/** Asks until it gets an answer. @throws when there is none in time, with the last error */
export async function eventually<T>(
  what: string,
  within: number,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>>;
export async function eventually(what: string, within: number, ask: () => unknown): Promise<unknown> {
  const until = Date.now() + within;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof Impossible) throw error;
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`not within ${within / 1000} s: ${what}`, { cause: last });
}
