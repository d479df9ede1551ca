/** List prices as dated data. Every figure made from them is an estimate: no discount, no free tier, no tax. */
import * as z from "zod";
import table from "./prices.json" with { type: "json" };

export type PricedRegion = "us-east-1" | "eu-west-1";

export interface Price {
  readonly id: string;
  readonly unit: string;
  readonly usd: number;
  /** `measured`: read in price data or on a bill. `estimate`: a ratio, an assumption or common knowledge. */
  readonly mark: "measured" | "estimate";
  /** Where it was read, in words. */
  readonly source: string;
  /** When: a day, a month or only a year. */
  readonly date: string;
}

export interface PriceBook {
  readonly region: PricedRegion;
  /** Throws for a price that is not in the data, or not for this region: a bill with a hole in it is no bill. */
  of(id: string): Price;
}

export interface InstanceOf2015 {
  readonly instanceType: string;
  readonly vcpu: number;
  readonly date: string;
  readonly usdAnHour: number;
}

/** AWS's own month, in hours. */
export const hoursAMonth = 730;

export function priceBook(region: PricedRegion, data: unknown = table): PriceBook {
  const file = priceFile.parse(data);
  const rows = new Map(file.rows.map((row) => [row.id, row]));

  function of(id: string): Price {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`prices.json has no row ${id}`);
    const price = row.prices[region];
    if (price === undefined) throw new Error(`prices.json has no price of ${id} in ${region}`);
    return { id, unit: row.unit, ...price, source: file.sources[price.source] ?? price.source };
  }

  return { region, of };
}

/** Those that were read more than 12 months ago, each once. */
export function stalePrices(prices: readonly Price[], now: number): readonly Price[] {
  const unique = new Map(prices.map((price) => [price.id, price]));
  return [...unique.values()].filter((price) => now - began(price.date) > year);
}

/** One sentence about them, to stand beside whatever was reckoned with them; undefined where all are fresh. */
export function staleness(prices: readonly Price[], now: number): string | undefined {
  const stale = stalePrices(prices, now);
  if (stale.length === 0) return undefined;
  const named = stale.map(({ id, date }) => `${id} (${date})`).join(", ");
  return `${stale.length === 1 ? "1 price is" : `${stale.length} prices are`} more than 12 months old: ${named}`;
}

/** The first and the last day that prices were read; undefined where there are none. */
export function datesOf(prices: readonly Price[]): { readonly from: string; readonly to: string } | undefined {
  const dates = prices.map((price) => price.date).sort((one, other) => began(one) - began(other));
  const from = dates[0];
  const to = dates.at(-1);
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** Those that a fleet can be reckoned with. */
export function pricedInstanceTypes(): readonly string[] {
  return priceFile
    .parse(table)
    .rows.flatMap(({ id, unit }) => (id.startsWith("ec2.") && unit === "h" ? [id.slice("ec2.".length)] : []));
}

/** What an hour cost in the year of the write-up. */
export function instancesOf2015(region: PricedRegion): readonly InstanceOf2015[] {
  return priceFile.parse(table).instancesOf2015.map(({ instanceType, vcpu, date, hourly }) => {
    return { instanceType, vcpu, date, usdAnHour: hourly[region] };
  });
}

const year = 365 * 24 * 3_600_000;

/** A date that names only a year or a month counts as its first day: better a warning too early than too late. */
function began(date: string): number {
  const [of = "1970", month = "01", day = "01"] = date.split("-");
  return Date.UTC(Number(of), Number(month) - 1, Number(day));
}

const date = z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, "is a date like 2026, 2026-10 or 2026-10-08");
const regionalPrice = z.strictObject({
  usd: z.number().nonnegative(),
  mark: z.enum(["measured", "estimate"]),
  source: z.string(),
  date,
});
const regionalRate = z.strictObject({ "us-east-1": z.number().positive(), "eu-west-1": z.number().positive() });

const priceFile = z.strictObject({
  about: z.string(),
  sources: z.record(z.string(), z.string()),
  rows: z.array(
    z.strictObject({
      id: z.string(),
      unit: z.string(),
      note: z.string().optional(),
      prices: z.strictObject({ "us-east-1": regionalPrice.optional(), "eu-west-1": regionalPrice.optional() }),
    }),
  ),
  instancesOf2015: z.array(
    z.strictObject({
      instanceType: z.string(),
      vcpu: z.int().positive(),
      date,
      source: z.string(),
      hourly: regionalRate,
    }),
  ),
});
