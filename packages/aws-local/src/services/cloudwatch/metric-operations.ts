/** Operations on metrics. */
import * as sdk from "@aws-sdk/client-cloudwatch";
import type { Clock } from "../../clock.ts";
import type { Operations, Validated } from "../../service.ts";
import { page } from "../eventbridge/paging.ts";
import type { MetricStore } from "./metric-store.ts";
import { dimensionsOf, querySet } from "./queries.ts";
import { ofValue, type Samples } from "./statistics.ts";
import { notModelled } from "./validation.ts";

const twoWeeks = 14 * 86_400_000;
const twoHours = 2 * 3_600_000;

export function metricOperations(clock: Clock, store: MetricStore) {
  function put(namespace: string, datum: Validated<sdk.MetricDatum>, index: number): void {
    const at = datum.Timestamp?.getTime() ?? clock.now();
    if (at < clock.now() - twoWeeks || at > clock.now() + twoHours)
      throw invalid(
        `The parameter MetricData.member.${index + 1}.Timestamp must specify a time within the past two weeks.`,
      );
    const identity = { namespace, name: datum.MetricName, dimensions: dimensionsOf(datum.Dimensions) };
    const resolution = datum.StorageResolution === 1 ? 1 : 60;
    for (const samples of samplesOf(datum, index)) store.put(identity, samples, at, datum.Unit ?? "None", resolution);
  }

  return {
    PutMetricData(input) {
      notModelled("EntityMetricData", input.EntityMetricData);
      input.MetricData?.forEach((datum, index) => {
        put(input.Namespace, datum, index);
      });
      return {};
    },

    GetMetricStatistics(input) {
      const period = input.Period * 1000;
      const starts = periodStarts(input.StartTime, input.EndTime, period);
      if (starts.length > 1440)
        throw new sdk.InvalidParameterCombinationException({
          message: `You have requested up to ${starts.length} datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
          $metadata: {},
        });
      const query = {
        namespace: input.Namespace,
        name: input.MetricName,
        dimensions: dimensionsOf(input.Dimensions),
        unit: input.Unit,
      };
      const value = (name: string, start: number) => store.value(query, name, start, period);
      return {
        Label: input.MetricName,
        Datapoints: starts
          .filter((start) => value("SampleCount", start) !== undefined)
          .map((start) => ({
            Timestamp: new Date(start),
            Unit: input.Unit ?? sdk.StandardUnit.None,
            ...Object.fromEntries((input.Statistics ?? []).map((name) => [name, value(name, start)])),
            ...(input.ExtendedStatistics === undefined
              ? {}
              : { ExtendedStatistics: percentiles(input.ExtendedStatistics, (name) => value(name, start)) }),
          })),
      };
    },

    GetMetricData(input) {
      const queries = querySet(store, input.MetricDataQueries);
      const results = input.MetricDataQueries.filter(({ ReturnData }) => ReturnData !== false).map((query) => {
        const period = queries.periodOf(query.Id) * 1000;
        const points = periodStarts(input.StartTime, input.EndTime, period).flatMap((start) => {
          const value = queries.value(query.Id, start, period);
          return value === undefined ? [] : [{ start, value }];
        });
        if (input.ScanBy !== "TimestampAscending") points.reverse();
        return {
          Id: query.Id,
          Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id,
          Timestamps: points.map(({ start }) => new Date(start)),
          Values: points.map(({ value }) => value),
          StatusCode: sdk.StatusCode.COMPLETE,
        };
      });
      return { MetricDataResults: results, Messages: [] };
    },

    ListMetrics(input) {
      const wanted = store
        .all()
        .filter(
          ({ namespace, name, dimensions }) =>
            (input.Namespace === undefined || input.Namespace === namespace) &&
            (input.MetricName === undefined || input.MetricName === name) &&
            (input.Dimensions ?? []).every(({ Name, Value }) =>
              Value === undefined ? Name in dimensions : dimensions[Name] === Value,
            ),
        );
      const { items, nextToken } = page(wanted, (metric) => JSON.stringify(metric), 500, input.NextToken);
      return {
        Metrics: items.map(({ namespace, name, dimensions }) => ({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
        NextToken: nextToken,
      };
    },
  } satisfies Operations<typeof sdk>;
}

function samplesOf(datum: Validated<sdk.MetricDatum>, index: number): Samples[] {
  const { Value, StatisticValues: set, Values, Counts } = datum;
  if (Value !== undefined) return [ofValue(Value)];
  if (set !== undefined)
    return [{ count: set.SampleCount, sum: set.Sum, minimum: set.Minimum, maximum: set.Maximum, values: undefined }];
  if (Values === undefined)
    throw new sdk.MissingRequiredParameterException({
      message: `At least one of the parameters must be specified: MetricData.member.${index + 1}.Value, StatisticValues, Values.`,
      $metadata: {},
    });
  if (Counts !== undefined && Counts.length !== Values.length)
    throw invalid(`The parameters MetricData.member.${index + 1}.Values and Counts must be of the same size.`);
  return Values.map((value, at) => ofValue(value, Counts?.[at] ?? 1));
}

function periodStarts(from: Date, to: Date, period: number): number[] {
  if (to.getTime() <= from.getTime()) throw invalid("The parameter StartTime must be less than the parameter EndTime.");
  const starts: number[] = [];
  for (let at = Math.floor(from.getTime() / period) * period; at < to.getTime(); at += period) starts.push(at);
  return starts;
}

const percentiles = (names: readonly string[], value: (name: string) => number | undefined): Record<string, number> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const known = value(name);
      return known === undefined ? [] : [[name, known]];
    }),
  );

const invalid = (message: string): sdk.InvalidParameterValueException =>
  new sdk.InvalidParameterValueException({ message, $metadata: {} });
