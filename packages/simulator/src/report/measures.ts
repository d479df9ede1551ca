/** The figures of one run. Durations in seconds. */
import type { Fact } from "../facts/fact.ts";
import { historiesOf, type NodeHistory, type Span } from "./node-history.ts";
import type { Report } from "./report.ts";
import { type PushedConfiguration, pushedIn } from "./rollouts.ts";
import type { SampleRun } from "./run-record.ts";

export interface Measures {
  readonly launched: number;
  readonly inService: number;
  readonly abandoned: number;
  readonly terminated: number;
  readonly lost: number;
  readonly timeToService: readonly number[];
  readonly drains: readonly number[];
  readonly dropped: number;
  readonly tasksAbandoned: number;
  readonly repairs: readonly number[];
  readonly unrepaired: number;
  readonly nodeHours: number;
  readonly rollouts: Report["rollouts"];
  readonly upgrades: Report["upgrades"];
}

export function measure(run: Pick<SampleRun, "facts" | "startedAt" | "endedAt">): Measures {
  const histories = historiesOf(run.facts, run);
  const launched = histories.filter((each) => launchedIn(each, run));
  const repaired = repairs(histories);
  const told = run.facts.filter(({ at }) => at <= run.endedAt);
  return {
    launched: launched.length,
    inService: histories.filter((each) => each.inServiceAt !== undefined).length,
    abandoned: histories.filter((each) => each.abandoned).length,
    terminated: histories.filter((each) => each.terminatedAt !== undefined && !each.abandoned && !wasLost(each)).length,
    lost: histories.filter(wasLost).length,
    timeToService: launched.flatMap(({ servingAt, pendingAt }) =>
      servingAt === undefined || pendingAt === undefined ? [] : [(servingAt - pendingAt) / 1_000],
    ),
    drains: histories.flatMap(({ drained }) => (drained === undefined ? [] : [drained / 1_000])),
    dropped: sum(histories, (each) => each.requestsDropped),
    tasksAbandoned: sum(histories, (each) => each.tasksAbandoned),
    ...repaired,
    nodeHours: sum(histories, (each) => each.billed) / 3_600_000,
    rollouts: rollouts(pushedIn(told)),
    upgrades: upgrades(told),
  };
}

function rollouts(pushed: readonly PushedConfiguration[]): Report["rollouts"] {
  const ended = (as: "concluded" | "returned"): number => pushed.filter(({ end }) => end?.as === as).length;
  const bad = pushed.filter(({ is }) => is === "bad").map(({ reached }) => reached.length);
  return {
    begun: pushed.length,
    concluded: ended("concluded"),
    returned: ended("returned"),
    spoiled: Math.max(0, ...bad),
  };
}

function upgrades(facts: readonly Fact[]): Report["upgrades"] {
  const phases = facts.flatMap((fact) => (fact.kind === "upgrade" ? [fact.phase] : []));
  // Written down once more when only the reason is another.
  const ended = (as: string): number => phases.filter((each, index) => each === as && phases[index - 1] !== as).length;
  const begun = facts.filter(({ kind }) => kind === "release").length;
  return { begun, done: ended("done"), returned: ended("returned"), stuck: ended("stuck") };
}

/** Nodes that started before the story are its stage, not its doing. */
const launchedIn = ({ pendingAt }: NodeHistory, { startedAt }: Span): boolean =>
  pendingAt !== undefined && pendingAt >= startedAt;

const wasLost = ({ lostAt }: NodeHistory): boolean => lostAt !== undefined;

/** Each loss of a serving node is made good by the next node that was launched after it and came to serve. */
function repairs(histories: readonly NodeHistory[]): {
  readonly repairs: readonly number[];
  readonly unrepaired: number;
} {
  const losses = histories
    .flatMap(({ lostAt, servingAt, inServiceAt }) =>
      lostAt !== undefined && (servingAt ?? inServiceAt) !== undefined ? [lostAt] : [],
    )
    .sort((one, other) => one - other);
  const arrivals = histories
    .flatMap(({ pendingAt, servingAt }) =>
      pendingAt !== undefined && servingAt !== undefined ? [{ pendingAt, servingAt }] : [],
    )
    .sort((one, other) => one.servingAt - other.servingAt);
  const seconds: number[] = [];
  for (const lostAt of losses) {
    const next = arrivals.findIndex((each) => each.pendingAt >= lostAt);
    const [arrival] = next < 0 ? [] : arrivals.splice(next, 1);
    if (arrival !== undefined) seconds.push((arrival.servingAt - lostAt) / 1_000);
  }
  return { repairs: seconds, unrepaired: losses.length - seconds.length };
}

function sum(histories: readonly NodeHistory[], of: (history: NodeHistory) => number): number {
  return histories.reduce((total, each) => total + of(each), 0);
}
