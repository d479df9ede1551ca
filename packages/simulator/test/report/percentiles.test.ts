import { describe, expect, it } from "vitest";
import { percentilesOf, rank } from "../../src/report/percentiles.ts";

describe("percentiles by nearest rank", () => {
  it("are values that were measured, never ones in between", () => {
    const sorted = [15, 20, 35, 40, 50];
    expect([5, 30, 40, 50, 100].map((percent) => rank(sorted, percent))).toEqual([15, 20, 20, 35, 50]);
  });

  it("do not need sorted values, and order numbers as numbers", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentilesOf(values)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99 });
  });

  it("say by their count that nothing was measured", () => {
    expect(percentilesOf([])).toEqual({ count: 0, p50: 0, p95: 0, p99: 0 });
  });
});
