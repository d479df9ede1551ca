/** Small sums over many figures. */
import { ascending } from "@warden/simulator/percentiles";

/** Between the two in the middle when their number is even: repeats are few. */
export function median(values: readonly number[]): number | undefined {
  const sorted = ascending(values);
  const [lower, upper] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

type Limited = { readonly limit: "processors" | "workers" | "none" };

/** That of most consequence in any of them. */
export function worstLimit(group: readonly Limited[]): Limited["limit"] {
  return (["processors", "workers"] as const).find((limit) => group.some((each) => each.limit === limit)) ?? "none";
}
