/** Lines of a bill: so much of something at a price. */
import { hoursAMonth, type Price } from "./prices.ts";

export interface CostLine {
  /** As a person would group it: `functions`, `queues`, `nodes`. */
  readonly service: string;
  readonly item: string;
  /** In units of the price, so `quantity × price.usd` is `usd`. */
  readonly quantity: number;
  readonly price: Price;
  readonly usd: number;
  /** `counted` in a run, or `assumed` because no run can show it. Times a list price, both are estimates. */
  readonly basis: "counted" | "assumed";
}

export interface LineDetails {
  readonly service: string;
  readonly item: string;
  readonly quantity: number;
  readonly basis: CostLine["basis"];
}

export const line = (price: Price, details: LineDetails): CostLine => ({
  ...details,
  price,
  usd: details.quantity * price.usd,
});

export const sumOf = (lines: readonly CostLine[]): number => lines.reduce((sum, each) => sum + each.usd, 0);

/** US dollars by service, the dearest first. */
export function byService(lines: readonly CostLine[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { service, usd } of lines) sums.set(service, (sums.get(service) ?? 0) + usd);
  return Object.fromEntries([...sums].sort(([, one], [, other]) => other - one));
}

/** The same lines if a whole month went on like these `hours`. */
export function aMonthLike(lines: readonly CostLine[], hours: number): readonly CostLine[] {
  return scaled(lines, hours > 0 ? hoursAMonth / hours : 0);
}

export const scaled = (lines: readonly CostLine[], factor: number): readonly CostLine[] =>
  lines.map((each) => ({ ...each, quantity: each.quantity * factor, usd: each.usd * factor }));
