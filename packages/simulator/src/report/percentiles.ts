/** Percentiles by nearest rank: each is a value that was truly measured. The lab's figures are made by the same. */
import type { Percentiles } from "./report.ts";

export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = ascending(values);
  return { count: sorted.length, p50: rank(sorted, 50), p95: rank(sorted, 95), p99: rank(sorted, 99) };
}

/** Of values in ascending order; 0 of none. */
export function rank(sorted: ArrayLike<number>, percent: number): number {
  const position = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[position - 1] ?? 0;
}

export const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();
