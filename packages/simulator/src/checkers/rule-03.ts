/**
 * Rule 3: a lost event costs latency, and not much. That the watcher drains within 10 s of a spot warning is tested on
 * the node itself; the time of a launch without any event needs a second run to compare with, and is a benchmark.
 */
import type { Violation } from "./checker.ts";
import { type CreateChecker, inSeconds } from "./grace.ts";
import { createLosses, type Loss } from "./losses.ts";
import { createSweeps } from "./sweeps.ts";

const rule = "rule-03";
const allowed = 90_000;

export const rule03: CreateChecker = () => {
  const losses = createLosses();
  const sweeps = createSweeps();

  function overdue(at: number): Violation | undefined {
    const late = losses.open().find((loss) => at - loss.at > allowanceOf(loss, at));
    if (late === undefined) return undefined;
    losses.forget(late);
    return { rule, at, node: late.node, detail: lateness(late, at) };
  }

  const allowanceOf = (loss: Loss, at: number): number => allowed + sweeps.delay(loss.at, at);

  function lateness(loss: Loss, at: number): string {
    return `"${loss.detailType}" was lost, and ${inSeconds(at - loss.at)} later Warden still does not act; allowed are ${inSeconds(allowanceOf(loss, at))}`;
  }

  return {
    rule,
    says: "with the sweep running, each lost event costs at most 90 s, plus 60 s for each missed sweep",
    see(fact) {
      // Lateness first: the fact at hand may be the repair, and still come too late.
      const late = overdue(fact.at);
      losses.see(fact);
      sweeps.see(fact);
      return late;
    },
    end(at) {
      const late: Violation[] = [];
      for (let each = overdue(at); each !== undefined; each = overdue(at)) late.push(each);
      return late;
    },
  };
};
