/** One figure of a benchmark, beside the bar that the design sets for it. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Undefined where the design sets none. */
  readonly bar?: { readonly most: number } | { readonly least: number };
  /** What it was measured against or under. */
  readonly note?: string;
}

export function isMet({ value, bar }: Measure): boolean | undefined {
  if (bar === undefined) return undefined;
  return "most" in bar ? value <= bar.most : value >= bar.least;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);
