/**
 * Rule 3: a lost event costs latency, and not much. That the watcher drains within 10 s of a spot warning is tested on
 * the node itself; the time of a launch without any event needs a second run to compare with, and is a benchmark.
 */
import type { Fact } from "../facts/fact.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, inSeconds } from "./grace.ts";
import { createLosses, type Loss } from "./losses.ts";

const rule = "rule-03";
const allowed = 90_000;
const sweepEvery = 60_000;

export const rule03: CreateChecker = () => {
  const losses = createLosses();
  /** When sweeps ended. */
  const sweeps: number[] = [];
  /** When the functions began that have not ended: a function that was killed never does. */
  const unfinished: number[] = [];

  function overdue(at: number): Violation | undefined {
    const late = losses.open().find((loss) => at - loss.at > allowanceOf(loss, at));
    if (late === undefined) return undefined;
    losses.forget(late);
    return { rule, at, node: late.node, detail: lateness(late, at) };
  }

  /** A function that dies takes with it what it was about to do, which is as good as a sweep that never ran. */
  function allowanceOf(loss: Loss, at: number): number {
    const due = Math.floor((at - loss.at) / sweepEvery);
    const missed = Math.max(0, due - sweeps.filter((each) => each >= loss.at && each <= at).length);
    const died = unfinished.filter((each) => each >= loss.at && each <= at).length;
    return allowed + sweepEvery * (missed + died);
  }

  function lateness(loss: Loss, at: number): string {
    return `"${loss.detailType}" was lost, and ${inSeconds(at - loss.at)} later Warden still does not act; allowed are ${inSeconds(allowanceOf(loss, at))}`;
  }

  function noteFunction({ name, event, at, milliseconds }: Extract<Fact, { kind: "function" }>): void {
    if (event === "ended" && isSweep(name)) sweeps.push(at);
    if (isSweep(name) || /heartbeat$/.test(name)) return;
    if (event === "began") unfinished.push(at);
    if (event === "ended") unfinished.splice(nearestTo(at - milliseconds, unfinished), 1);
  }

  return {
    rule,
    says: "with the sweep running, each lost event costs at most 90 s, plus 60 s for each missed sweep",
    see(fact) {
      // Lateness first: the fact at hand may be the repair, and still come too late.
      const late = overdue(fact.at);
      losses.see(fact);
      if (fact.kind === "function") noteFunction(fact);
      return late;
    },
    end(at) {
      const late: Violation[] = [];
      for (let each = overdue(at); each !== undefined; each = overdue(at)) late.push(each);
      return late;
    },
  };
};

const isSweep = (name: string): boolean => /sweep$/.test(name);

/** A function's time is rounded, so its beginning is known but nearly. */
function nearestTo(wanted: number, times: readonly number[]): number {
  const gaps = times.map((time) => Math.abs(time - wanted));
  return gaps.indexOf(Math.min(...gaps));
}
