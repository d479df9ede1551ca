/** Samples of a metric, gathered so that every statistic can still be made of them. */
import { AwsError } from "../../aws-error.ts";

export interface Samples {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** How often each value came. Undefined once a ready-made statistic set was put, which has no percentiles. */
  values: Map<number, number> | undefined;
}

export const noSamples = (): Samples => ({
  count: 0,
  sum: 0,
  minimum: Number.POSITIVE_INFINITY,
  maximum: Number.NEGATIVE_INFINITY,
  values: new Map(),
});

export function add(to: Samples, from: Samples): void {
  to.count += from.count;
  to.sum += from.sum;
  to.minimum = Math.min(to.minimum, from.minimum);
  to.maximum = Math.max(to.maximum, from.maximum);
  if (to.values === undefined || from.values === undefined) to.values = undefined;
  else for (const [value, count] of from.values) to.values.set(value, (to.values.get(value) ?? 0) + count);
}

export function ofValue(value: number, count = 1): Samples {
  return { count, sum: value * count, minimum: value, maximum: value, values: new Map([[value, count]]) };
}

/** Undefined where there are no samples. */
export function statistic(name: string, samples: Samples): number | undefined {
  if (samples.count === 0) return undefined;
  switch (name) {
    case "SampleCount":
      return samples.count;
    case "Sum":
      return samples.sum;
    case "Average":
      return samples.sum / samples.count;
    case "Minimum":
      return samples.minimum;
    case "Maximum":
      return samples.maximum;
    default:
      return percentile(percentileOf(name), samples);
  }
}

/** `p99.9`; the trimmed means and their like are not modelled. */
function percentileOf(name: string): number {
  const [, digits] = /^p(\d{1,3}(?:\.\d+)?)$/.exec(name) ?? [];
  if (digits === undefined || Number(digits) > 100)
    throw new AwsError("NotImplemented", `the statistic ${name} is not modelled here`, 501);
  return Number(digits);
}

/** The smallest value that at least this share of the samples does not exceed. */
function percentile(share: number, { values, count }: Samples): number | undefined {
  if (values === undefined) return undefined;
  const rank = Math.max(1, Math.ceil((share / 100) * count));
  let seen = 0;
  for (const value of [...values.keys()].sort((one, other) => one - other)) {
    seen += values.get(value) ?? 0;
    if (seen >= rank) return value;
  }
  return undefined;
}
