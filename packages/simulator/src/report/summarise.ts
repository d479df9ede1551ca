/** Sums up any number of runs, one after the other: of each only figures stay in memory, never its facts. */

import { type PriceBook, priceBook } from "@warden/cost";
import {
  type BilledUnits,
  type ControlPlaneUsage,
  controlPlaneCost,
  noUnits,
  type StandingParts,
  standingParts,
} from "../cost/control-plane.ts";
import type { TutoringWeek } from "../cost/tutoring-week.ts";
import { costOf } from "./costs.ts";
import { measure } from "./measures.ts";
import { ascending, percentilesOf, rank } from "./percentiles.ts";
import type { Report, ReportedViolation } from "./report.ts";
import type { RunRecord } from "./run-record.ts";
import { createFunctionTally, createTally } from "./tally.ts";

export interface SummaryOptions {
  readonly scenario: string;
  readonly seed: number;
  /** For the age of prices: milliseconds since the epoch, of the real day. */
  readonly now: number;
  readonly prices?: PriceBook;
  readonly instanceType?: string;
  readonly standing?: StandingParts;
}

export interface Summary {
  add(run: RunRecord): void;
  result(): Report;
  /** What all runs together used, as the tutoring site's bills need it. */
  used(): TutoringWeek;
}

export function createSummary(options: SummaryOptions): Summary {
  const { scenario, seed, now, instanceType = defaultInstanceType, standing = standingParts } = options;
  const prices = options.prices ?? priceBook("us-east-1");
  const violations: ReportedViolation[] = [];
  const seconds = { toService: [] as number[], own: [] as number[], drain: [] as number[], repair: [] as number[] };
  const nodes = { launched: 0, inService: 0, abandoned: 0, terminated: 0, lost: 0 };
  const requests = { served: 0, failed: 0 };
  const rollouts = { begun: 0, concluded: 0, returned: 0 };
  const upgrades = { begun: 0, done: 0, returned: 0, stuck: 0 };
  let spoiled = 0;
  const calls = createTally();
  const functions = createFunctionTally();
  let units: BilledUnits = noUnits;
  let runs = 0;
  let hours = 0;
  let nodeHours = 0;
  let dropped = 0;
  let tasksAbandoned = 0;
  let unrepaired = 0;
  let lowerBound = 0;

  function add(run: RunRecord): void {
    const found = measure(run);
    runs += 1;
    hours += (run.endedAt - run.startedAt) / 3_600_000;
    nodeHours += found.nodeHours;
    violations.push(...run.violations);
    append(seconds.toService, found.timeToService);
    append(seconds.own, run.ownShare.seconds);
    append(seconds.drain, found.drains);
    append(seconds.repair, found.repairs);
    lowerBound = Math.max(lowerBound, run.ownShare.lowerBound);
    dropped += found.dropped;
    tasksAbandoned += found.tasksAbandoned;
    unrepaired += found.unrepaired;
    addTo(nodes, found);
    addTo(requests, run.requests);
    addTo(rollouts, found.rollouts);
    addTo(upgrades, found.upgrades);
    spoiled = Math.max(spoiled, found.rollouts.spoiled);
    calls.add(run.calls);
    functions.add(run.functions);
    units = sumOfUnits(units, run.units);
  }

  function result(): Report {
    const drains = ascending(seconds.drain);
    const byName = functions.byName();
    const total = calls.total();
    return {
      ok: violations.length === 0,
      scenario,
      runs,
      seed,
      violations: [...violations],
      nodes: { ...nodes },
      timeToService: percentilesOf(seconds.toService),
      ownShare: { ...percentilesOf(seconds.own), lowerBound },
      repairAfterLoss: { max: largest(seconds.repair), count: seconds.repair.length, unrepaired },
      drain: {
        count: drains.length,
        p50: rank(drains, 50),
        p95: rank(drains, 95),
        max: drains.at(-1) ?? 0,
        dropped,
        tasksAbandoned,
      },
      rollouts: { ...rollouts, spoiled },
      upgrades: { ...upgrades },
      calls: { total, perLaunchedNode: nodes.launched > 0 ? total / nodes.launched : 0, byOperation: calls.byName() },
      functions: {
        invocations: Object.values(byName).reduce((sum, each) => sum + each.invocations, 0),
        gbSeconds: Object.values(byName).reduce((sum, each) => sum + each.gbSeconds, 0),
        byName,
      },
      requests: { ...requests },
      cost: costOf({
        runs,
        usage: usage(),
        nodeHours,
        instanceType,
        prices,
        now,
        standing,
      }),
    };
  }

  const usage = (): ControlPlaneUsage => ({ hours, calls: calls.byName(), functions: functions.byName(), units });

  function used(): TutoringWeek {
    return { hours, nodeHours, instanceType, controlPlane: controlPlaneCost(usage(), prices, standing) };
  }

  return { add, result, used };
}

const defaultInstanceType = "t4g.medium";

/** Not by spreading into `push`: a run of thousands of nodes has more values than a call may have arguments. */
function append(values: number[], more: readonly number[]): void {
  for (const value of more) values.push(value);
}

const largest = (values: readonly number[]): number => ascending(values).at(-1) ?? 0;

function addTo<Key extends string>(sums: Record<Key, number>, more: Readonly<Record<NoInfer<Key>, number>>): void {
  for (const key in sums) sums[key] += more[key];
}

function sumOfUnits(one: BilledUnits, other: BilledUnits): BilledUnits {
  return {
    tableWrites: one.tableWrites + other.tableWrites,
    tableReads: one.tableReads + other.tableReads,
    queueRequests: one.queueRequests + other.queueRequests,
    events: one.events + other.events,
    scheduleInvocations: one.scheduleInvocations + other.scheduleInvocations,
    logBytes: one.logBytes + other.logBytes,
  };
}
