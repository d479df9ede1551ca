/** What PutMetricAlarm asks for, checked and in the terms of an evaluation. */
import type * as sdk from "@aws-sdk/client-cloudwatch";
import type { Validated } from "../../service.ts";
import type { MetricAlarm } from "./alarm.ts";
import type { Comparison, TreatMissingData } from "./evaluation.ts";
import type { MetricStore } from "./metric-store.ts";
import { querySet } from "./queries.ts";
import { notModelled, validationError } from "./validation.ts";

type Input = Validated<sdk.PutMetricAlarmInput>;

type Settings = Pick<MetricAlarm, "input" | "criteria" | "period" | "queries" | "values" | "returned">;

export function metricSettings(input: Input, store: MetricStore): Settings {
  for (const parameter of unmodelled) notModelled(`${parameter} of an alarm`, input[parameter]);
  if (input.EvaluateLowSampleCountPercentile === "ignore") notModelled("EvaluateLowSampleCountPercentile", "ignore");
  const { EvaluationWindow: _window, EvaluationCriteria: _criteria, ...kept } = input;
  const queries = input.Metrics ?? [plainQuery(input)];
  const values = querySet(store, queries);
  const returned = returnedId(queries);
  const period = values.periodOf(returned);
  checkPeriod(period, required(input.EvaluationPeriods, "EvaluationPeriods"));
  return {
    input: kept,
    queries,
    values,
    returned,
    period,
    criteria: {
      comparison: comparisonOf(input),
      threshold: required(input.Threshold, "Threshold"),
      evaluationPeriods: required(input.EvaluationPeriods, "EvaluationPeriods"),
      datapointsToAlarm: datapointsToAlarm(input),
      treatMissingData: treatmentOf(input),
    },
  };
}

const unmodelled = [
  "ThresholdMetricId",
  "EvaluationWindow",
  "WarmUpConfiguration",
  "EvaluationCriteria",
  "EvaluationInterval",
  "ActionConfiguration",
] as const;

function plainQuery(input: Input): sdk.MetricDataQuery {
  const statistic = input.Statistic ?? input.ExtendedStatistic;
  if (input.Statistic !== undefined && input.ExtendedStatistic !== undefined)
    throw validationError("Exactly one of Statistic or ExtendedStatistic must be specified");
  return {
    Id: "m1",
    MetricStat: {
      Metric: {
        Namespace: required(input.Namespace, "Namespace"),
        MetricName: required(input.MetricName, "MetricName"),
        Dimensions: input.Dimensions,
      },
      Period: required(input.Period, "Period"),
      Stat: required(statistic, "Statistic or ExtendedStatistic"),
      Unit: input.Unit,
    },
    ReturnData: true,
  };
}

function returnedId(queries: readonly sdk.MetricDataQuery[]): string {
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false);
  const [only] = returned;
  if (only?.Id === undefined || returned.length !== 1)
    throw validationError("Exactly one element of the metrics list should return data");
  return only.Id;
}

function checkPeriod(period: number, evaluationPeriods: number): void {
  if (period < 60 ? ![10, 20, 30].includes(period) : period % 60 !== 0)
    throw validationError("Period must be 10, 20, 30, or a multiple of 60");
  // An hour and more may be watched for a week, the rest for a day (API reference, PutMetricAlarm).
  const most = period >= 3600 ? 604_800 : 86_400;
  if (period * evaluationPeriods > most)
    throw validationError(
      `Metrics cannot be checked across more than a ${most === 86_400 ? "day" : "week"} (EvaluationPeriods * Period must be <= ${most}).`,
    );
}

function comparisonOf({ ComparisonOperator: operator }: Input): Comparison {
  switch (operator) {
    case "GreaterThanOrEqualToThreshold":
    case "GreaterThanThreshold":
    case "LessThanThreshold":
    case "LessThanOrEqualToThreshold":
      return operator;
    case undefined:
      throw validationError("ComparisonOperator is required");
    default:
      notModelled(`the comparison operator ${operator}`, operator);
      throw validationError(`Invalid comparison operator ${operator}`);
  }
}

function datapointsToAlarm({ DatapointsToAlarm, EvaluationPeriods }: Input): number {
  const periods = required(EvaluationPeriods, "EvaluationPeriods");
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > periods)
    throw validationError("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
  return DatapointsToAlarm ?? periods;
}

function treatmentOf({ TreatMissingData: treatment = "missing" }: Input): TreatMissingData {
  if (treatment === "missing" || treatment === "ignore" || treatment === "breaching" || treatment === "notBreaching")
    return treatment;
  throw validationError(`Option ${treatment} is not supported for TreatMissingData`);
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw validationError(`The parameter ${name} is required.`);
  return value;
}
