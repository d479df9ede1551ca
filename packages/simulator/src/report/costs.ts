/** The money of a report, from what all of its runs used together. */
import { aMonthLike, byService, type CostLine, datesOf, type PriceBook, scaled, staleness, sumOf } from "@warden/cost";
import { computeCost } from "../cost/compute.ts";
import {
  type ControlPlaneUsage,
  controlPlaneCost,
  type StandingParts,
  standingParts,
  unpricedCalls,
} from "../cost/control-plane.ts";
import type { Cost, CostOfRun } from "./report.ts";

export interface Spending {
  readonly runs: number;
  /** Summed over all runs. */
  readonly usage: ControlPlaneUsage;
  readonly nodeHours: number;
  readonly instanceType: string;
  readonly prices: PriceBook;
  /** For the age of the prices; milliseconds since the epoch. */
  readonly now: number;
  readonly standing?: StandingParts | undefined;
}

export function costOf(spending: Spending): Cost {
  const { runs, usage, nodeHours, instanceType, prices, now } = spending;
  const average = runs > 0 ? 1 / runs : 0;
  const controlPlane = scaled(controlPlaneCost(usage, prices, spending.standing ?? standingParts), average);
  const compute = scaled(computeCost({ instanceType, hours: nodeHours }, prices), average);
  const hours = usage.hours * average;
  const used = [...controlPlane, ...compute].filter((line) => line.usd > 0).map((line) => line.price);
  const dates = datesOf(used);
  const stale = staleness(used, now);
  return {
    ...costOfRun(controlPlane, compute),
    aMonth: costOfRun(aMonthLike(controlPlane, hours), aMonthLike(compute, hours)),
    region: prices.region,
    pricesFrom: dates?.from ?? "",
    pricesTo: dates?.to ?? "",
    warnings: [
      ...(stale === undefined ? [] : [stale]),
      ...unpricedCalls(usage.calls).map((operation) => `${operation} has no price here and is not in the sum`),
    ],
  };
}

function costOfRun(controlPlane: readonly CostLine[], compute: readonly CostLine[]): CostOfRun {
  return {
    controlPlaneUSD: sumOf(controlPlane),
    computeUSD: sumOf(compute),
    byService: byService([...controlPlane, ...compute]),
  };
}
