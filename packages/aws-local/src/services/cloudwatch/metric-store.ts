/**
 * All metrics: samples by minute, or by second for those of high resolution, kept as long as CloudWatch keeps them in
 * that detail (15 days and 3 hours).
 */
import { add, noSamples, type Samples, statistic } from "./statistics.ts";

interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface MetricQuery extends MetricIdentity {
  readonly unit?: string | undefined;
}

export interface MetricStore {
  put(identity: MetricIdentity, samples: Samples, at: number, unit: string, resolution: 1 | 60): void;
  /** The statistic over `[start, start + period)`, both in milliseconds. */
  value(query: MetricQuery, name: string, start: number, period: number): number | undefined;
  all(): MetricIdentity[];
}

/** Samples by the second or minute they belong to, oldest first as a rule. */
type Series = Map<number, Samples>;

interface Metric extends MetricIdentity {
  /** By unit and resolution: CloudWatch keeps metrics of different units apart. */
  readonly series: Map<string, { readonly step: number; readonly series: Series }>;
}

const mostMinutes = 15 * 24 * 60;
const mostSeconds = 3 * 3600;

export function metricStore(): MetricStore {
  const metrics = new Map<string, Metric>();

  return {
    put(identity, samples, at, unit, resolution) {
      const key = keyOf(identity);
      const metric = metrics.get(key) ?? { ...identity, series: new Map() };
      metrics.set(key, metric);
      const step = resolution * 1000;
      const entry = metric.series.get(`${unit} ${step}`) ?? { step, series: new Map() };
      metric.series.set(`${unit} ${step}`, entry);
      gather(entry.series, Math.floor(at / step) * step, samples, resolution === 60 ? mostMinutes : mostSeconds);
    },

    value(query, name, start, period) {
      const gathered = noSamples();
      for (const [key, { step, series }] of metrics.get(keyOf(query))?.series ?? []) {
        if (query.unit !== undefined && key !== `${query.unit} ${step}`) continue;
        for (let at = Math.floor(start / step) * step; at < start + period; at += step) {
          const samples = series.get(at);
          if (samples !== undefined) add(gathered, samples);
        }
      }
      return statistic(name, gathered);
    },

    all: () => [...metrics.values()].map(({ namespace, name, dimensions }) => ({ namespace, name, dimensions })),
  };
}

function gather(series: Series, at: number, samples: Samples, most: number): void {
  const known = series.get(at) ?? noSamples();
  add(known, samples);
  series.set(at, known);
  const [oldest] = series.keys();
  if (series.size > most && oldest !== undefined) series.delete(oldest);
}

function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
