/**
 * When each request of a load is due: made before the first is sent, and never changed by an answer. A site that is slow or
 * silent is asked as often as one that is well.
 */
import { seededRandom } from "@warden/aws-local/random";
import type { Step, Transfer, Visits } from "./visit.ts";

export interface LoadPlan {
  /** On average: they come as strangers do, independent of each other. */
  readonly visitsPerSecond: number;
  /** Visits begin in this time; the last ones go on after it. */
  readonly seconds: number;
  readonly seed: number;
  /** So many visits with a slow transfer, spread evenly over the time. */
  readonly slow?: Transfer & { readonly uploads: number; readonly downloads: number };
}

export interface PlannedVisit {
  /** Counted from 1 in the order in which they begin. */
  readonly visit: number;
  /** Milliseconds after the load's begin. */
  readonly at: number;
  readonly steps: readonly PlannedStep[];
}

interface PlannedStep {
  readonly step: Step;
  /** Milliseconds after the load's begin. */
  readonly due: number;
}

export function scheduleOf(plan: LoadPlan, visits: Visits): readonly PlannedVisit[] {
  const { slow = { uploads: 0, downloads: 0, bytes: 0, bytesPerSecond: 1 } } = plan;
  const begin = [
    ...arrivals(plan).map((at) => ({ at, steps: visits.ordinary() })),
    ...spread(slow.uploads, plan.seconds).map((at) => ({ at, steps: visits.slowUpload(slow) })),
    ...spread(slow.downloads, plan.seconds).map((at) => ({ at, steps: visits.slowDownload(slow) })),
  ];
  return begin
    .sort((one, other) => one.at - other.at)
    .map(({ at, steps }, index) => ({ visit: index + 1, at, steps: dueFrom(at, steps) }));
}

/** A Poisson process: the time between two arrivals is exponential. */
function arrivals({ visitsPerSecond, seconds, seed }: LoadPlan): readonly number[] {
  const { next } = seededRandom(seed);
  const found: number[] = [];
  for (let at = 0; ; ) {
    at += (-Math.log(1 - next()) / visitsPerSecond) * 1000;
    // Of none at all the next one never comes.
    if (!(at < seconds * 1000)) return found;
    found.push(Math.round(at));
  }
}

const spread = (count: number, seconds: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => Math.round((index * seconds * 1000) / count));

function dueFrom(at: number, steps: readonly Step[]): readonly PlannedStep[] {
  let due = at;
  return steps.map((step) => {
    due += step.after;
    return { step, due };
  });
}
