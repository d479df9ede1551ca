/** Queries of GetMetricData and of alarms: a metric's statistic, or an expression over other queries. */
import type { Dimension, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../../aws-error.ts";
import { readExpression } from "./metric-math.ts";
import type { MetricStore } from "./metric-store.ts";

export interface QuerySet {
  /** Seconds, the same for all queries of an alarm. */
  periodOf(id: string): number;
  value(id: string, start: number, period: number): number | undefined;
}

export function querySet(store: MetricStore, queries: readonly MetricDataQuery[]): QuerySet {
  const byId = new Map(queries.map((query) => [query.Id ?? "", query]));
  const expressions = new Map(
    queries.flatMap(({ Id = "", Expression }) => (Expression === undefined ? [] : [[Id, readExpression(Expression)]])),
  );

  function find(id: string): MetricDataQuery {
    const query = byId.get(id);
    if (query === undefined) throw new AwsError("ValidationError", `Error in expression: unknown id ${id}`);
    return query;
  }

  function value(id: string, start: number, period: number): number | undefined {
    const stat = find(id).MetricStat;
    if (stat !== undefined)
      return store.value(
        {
          namespace: stat.Metric?.Namespace ?? "",
          name: stat.Metric?.MetricName ?? "",
          dimensions: dimensionsOf(stat.Metric?.Dimensions),
          unit: stat.Unit,
        },
        stat.Stat ?? "Average",
        start,
        period,
      );
    return expressions.get(id)?.((other) => value(other, start, period));
  }

  const periods = queries.flatMap(({ MetricStat }) => MetricStat?.Period ?? []);
  return {
    periodOf: (id) => find(id).MetricStat?.Period ?? find(id).Period ?? Math.max(60, ...periods),
    value,
  };
}

export const dimensionsOf = (dimensions: readonly Dimension[] | undefined): Record<string, string> =>
  Object.fromEntries((dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));
