/**
 * When metric alarms look at their metrics: each minute on the minute, those with periods of 10, 20 or 30 seconds
 * every 10 seconds (CloudWatch guide, "Evaluating an alarm").
 */
import type { Clock } from "../../clock.ts";
import { type Alarm, type MetricAlarm, timestamp } from "./alarm.ts";
import type { AlarmStates } from "./alarm-states.ts";
import { breaches, type Comparison, evaluationRange, judge } from "./evaluation.ts";

export interface Evaluator {
  /** Begins to look, or goes on, when there is an alarm to look at. */
  wake(): void;
}

const minute = 60_000;
const tenSeconds = 10_000;

export function evaluator(clock: Clock, alarms: ReadonlyMap<string, Alarm>, states: AlarmStates): Evaluator {
  const metricAlarms = (quick: boolean): MetricAlarm[] =>
    [...alarms.values()].filter((alarm) => alarm.kind === "MetricAlarm").filter(({ period }) => period < 60 === quick);

  const slow = pulse(clock, minute, () => metricAlarms(false), look);
  const quick = pulse(clock, tenSeconds, () => metricAlarms(true), look);

  function look(alarm: MetricAlarm): void {
    const before = alarm.state.value;
    evaluate(alarm, clock.now(), states);
    if (alarm.state.value === before && clock.now() % minute === 0) states.repeatPolicies(alarm);
  }

  return {
    wake() {
      slow();
      quick();
    },
  };
}

/** Runs on whole multiples of `every` as long as there is something to run on, so an empty region stays still. */
function pulse(clock: Clock, every: number, due: () => MetricAlarm[], run: (alarm: MetricAlarm) => void): () => void {
  let waiting = false;
  function wake(): void {
    if (waiting || due().length === 0) return;
    waiting = true;
    clock.after(every - (clock.now() % every), () => {
      waiting = false;
      for (const alarm of due()) run(alarm);
      wake();
    });
  }
  return wake;
}

function evaluate(alarm: MetricAlarm, now: number, states: AlarmStates): void {
  const { criteria, period } = alarm;
  const length = period * 1000;
  const step = Math.min(length, minute);
  const end = Math.floor(now / step) * step;
  const starts = Array.from(
    { length: evaluationRange(criteria.evaluationPeriods) },
    (_, index) => end - (index + 1) * length,
  );
  const datapoints = starts.map((start) => alarm.values.value(alarm.returned, start, length));
  alarm.latest = datapoints.find((value) => value !== undefined);
  const verdict = judge(datapoints, criteria);
  if (verdict === "retain") return;
  const points = starts.flatMap((start, index) => {
    const value = datapoints[index];
    return value === undefined ? [] : [{ start, value }];
  });
  const used = points.slice(0, criteria.evaluationPeriods);
  states.enter(alarm, verdict, reason(alarm, verdict, used), reasonData(alarm, now, used));
}

interface Point {
  readonly start: number;
  readonly value: number;
}

function reason(alarm: MetricAlarm, verdict: "ALARM" | "OK" | "INSUFFICIENT_DATA", points: readonly Point[]): string {
  const { criteria, state } = alarm;
  const periods = criteria.evaluationPeriods;
  if (points.length === 0)
    return verdict === "INSUFFICIENT_DATA"
      ? `Insufficient Data: ${plural(periods, "datapoint was", "datapoints were")} unknown.`
      : `Threshold Crossed: no datapoints were received for ${plural(periods, "period", "periods")} and ${plural(periods, "missing datapoint was", "missing datapoints were")} treated as [${treated(verdict)}].`;
  const counted = points.filter(({ value }) => breaches(value, criteria) === (verdict === "ALARM"));
  const shown = counted.map(({ start, value }) => `${decimal(value)} (${shortDate(start)})`).join(", ");
  const was = counted.length === 1 ? "was" : "were";
  const not = verdict === "ALARM" ? "" : "not ";
  const needed = verdict === "ALARM" ? criteria.datapointsToAlarm : periods - criteria.datapointsToAlarm + 1;
  return `Threshold Crossed: ${counted.length} out of the last ${plural(periods, "datapoint", "datapoints")} [${shown}] ${was} ${not}${words[criteria.comparison]} the threshold (${decimal(criteria.threshold)}) (minimum ${plural(needed, "datapoint", "datapoints")} for ${state.value} -> ${verdict} transition).`;
}

function reasonData(alarm: MetricAlarm, now: number, points: readonly Point[]): string {
  const { criteria, input, period } = alarm;
  return JSON.stringify({
    version: "1.0",
    queryDate: timestamp(now),
    ...(points.length === 0 ? {} : { startDate: timestamp(points.at(-1)?.start ?? now) }),
    statistic: input.Statistic ?? input.ExtendedStatistic,
    period,
    recentDatapoints: points.map(({ value }) => value).reverse(),
    threshold: criteria.threshold,
    evaluatedDatapoints: points.map(({ start, value }) => ({ timestamp: timestamp(start), value })),
  });
}

const words: Readonly<Record<Comparison, string>> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

const treated = (verdict: "ALARM" | "OK"): string => (verdict === "ALARM" ? "Breaching" : "NonBreaching");

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** CloudWatch writes 99.0, not 99. */
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** `22/07/22 15:57:00` */
function shortDate(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}
