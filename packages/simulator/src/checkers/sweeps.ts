/** Sweeps that did not run, and functions that died: each costs whoever waits for them one more sweep. */
import type { Fact } from "../facts/fact.ts";

export const sweepEvery = 60_000;

export interface Sweeps {
  see(fact: Fact): void;
  /** How much longer than usual what began at `from` may take until `to`. */
  delay(from: number, to: number): number;
}

export function createSweeps(): Sweeps {
  /** When sweeps ended. */
  const sweeps: number[] = [];
  /** When the functions began that have not ended: a function that was killed never does. */
  const unfinished: number[] = [];
  const within = (times: readonly number[], from: number, to: number): number =>
    times.filter((each) => each >= from && each <= to).length;

  return {
    see(fact) {
      if (fact.kind !== "function") return;
      const { name, event, at, milliseconds } = fact;
      if (event === "ended" && isSweep(name)) sweeps.push(at);
      if (isSweep(name) || /heartbeat$/.test(name)) return;
      if (event === "began") unfinished.push(at);
      if (event === "ended") unfinished.splice(nearestTo(at - milliseconds, unfinished), 1);
    },
    /** A function that dies takes with it what it was about to do, which is as good as a sweep that never ran. */
    delay(from, to) {
      const missed = Math.max(0, Math.floor((to - from) / sweepEvery) - within(sweeps, from, to));
      return sweepEvery * (missed + within(unfinished, from, to));
    },
  };
}

const isSweep = (name: string): boolean => /sweep$/.test(name);

/** A function's time is rounded, so its beginning is known but nearly. */
function nearestTo(wanted: number, times: readonly number[]): number {
  const gaps = times.map((time) => Math.abs(time - wanted));
  return gaps.indexOf(Math.min(...gaps));
}
