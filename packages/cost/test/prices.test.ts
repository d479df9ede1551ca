import { describe, expect, it } from "vitest";
import { datesOf, instancesOf2015, priceBook, staleness, stalePrices } from "../src/index.ts";

const file = (row: object) => ({ about: "", sources: { K1: "a table" }, rows: [row], instancesOf2015: [] });
const regional = (usd: number, date: string) => ({ usd, mark: "measured", source: "K1", date });

describe("prices", () => {
  it("differ by region and name their source, date and mark", () => {
    expect(priceBook("us-east-1").of("ec2.t4g.medium")).toMatchObject({
      usd: 0.0336,
      mark: "measured",
      date: "2026-07-20",
    });
    expect(priceBook("eu-west-1").of("ec2.t4g.medium").usd).toBe(0.0368);
    expect(priceBook("us-east-1").of("scheduler.invocations").mark).toBe("estimate");
    expect(priceBook("us-east-1").of("ec2.t4g.medium").source).toContain("Karpenter");
  });

  it("fail for a row or a region that is not there", () => {
    const book = priceBook("us-east-1", file({ id: "x", unit: "h", prices: { "eu-west-1": regional(1, "2026") } }));
    expect(() => book.of("x")).toThrow("no price of x in us-east-1");
    expect(() => book.of("y")).toThrow("no row y");
  });

  it.each([
    ["a negative price", { id: "x", unit: "h", prices: { "us-east-1": regional(-1, "2026") } }],
    ["a date in words", { id: "x", unit: "h", prices: { "us-east-1": regional(1, "last year") } }],
    ["an unknown region", { id: "x", unit: "h", prices: { "mars-1": regional(1, "2026") } }],
  ])("are refused with %s", (_, row) => {
    expect(() => priceBook("us-east-1", file(row))).toThrow();
  });

  it("are stale after 12 months; a year alone counts from its first day", () => {
    const book = (date: string) =>
      priceBook("us-east-1", file({ id: "x", unit: "h", prices: { "us-east-1": regional(1, date) } })).of("x");
    const now = Date.UTC(2026, 10, 21);
    expect(stalePrices([book("2025-11-22")], now)).toEqual([]);
    expect(stalePrices([book("2025-11-20")], now)).toHaveLength(1);
    expect(stalePrices([book("2025")], now)).toHaveLength(1);
    expect(staleness([book("2026")], now)).toBeUndefined();
    expect(staleness([book("2024"), book("2024")], now)).toBe("1 price is more than 12 months old: x (2024)");
  });

  it("tell the span of their dates", () => {
    const us = priceBook("us-east-1");
    expect(datesOf([us.of("kms.key"), us.of("ec2.t4g.medium"), us.of("ipv4.public")])).toEqual({
      from: "2024-07-01",
      to: "2026-10-08",
    });
    expect(datesOf([])).toBeUndefined();
  });

  it("of 2015 stand apart, by day", () => {
    const found = instancesOf2015("us-east-1").filter(({ instanceType }) => instanceType === "m3.2xlarge");
    expect(found.map(({ usdAnHour, date }) => [usdAnHour, date])).toEqual([
      [0.56, "2015-03-31"],
      [0.532, "2015-12-28"],
    ]);
  });
});
