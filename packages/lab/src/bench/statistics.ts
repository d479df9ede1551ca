/** Small sums over many figures. */

/** The smallest value that is not below this share of them, as in the nearest-rank method. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** Between the two in the middle when their number is even: repeats are few. */
export function median(values: readonly number[]): number | undefined {
  const lower = quantile(values, 0.5);
  const upper = values.length % 2 === 0 ? quantile(values, 0.5 + 0.5 / values.length + 1e-9) : lower;
  return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

type Limited = { readonly limit: "processors" | "workers" | "none" };

/** That of most consequence in any of them. */
export function worstLimit(group: readonly Limited[]): Limited["limit"] {
  return (["processors", "workers"] as const).find((limit) => group.some((each) => each.limit === limit)) ?? "none";
}
