/** What each stage costs a month at list prices: every resource is either priced, or billed by use, or free. */
import { priceBook, siteCost, sumOf } from "@warden/cost";
import { describe, expect, it } from "vitest";
import { type Graphs, stages } from "../stages.ts";

export function bill(graph: Graphs): void {
  const costOf = (stage: string) => siteCost(graph(stage).resources, priceBook("us-east-1"));

  describe.each(stages)("%s", (stage) => {
    it("has a bill without a hole", () => {
      const { lines, unknown } = costOf(stage);
      console.info(
        [`${stage}: ${sumOf(lines).toFixed(2)} USD a month`]
          .concat(lines.map(({ usd, service, item, basis }) => `  ${usd.toFixed(2)} ${service}: ${item} (${basis})`))
          .join("\n"),
      );
      expect(unknown).toEqual([]);
      expect(lines.every(({ usd }) => usd > 0)).toBe(true);
    });
  });

  it.each([["dev", 95]])("costs no more on %s than %d USD", (stage, most) => {
    expect(sumOf(costOf(stage).lines)).toBeLessThanOrEqual(most);
  });
}
