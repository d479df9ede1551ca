import { describe, expect, it } from "vitest";
import { world } from "./world.ts";

const start = new Date(Date.UTC(2026, 0, 5, 12));
const end = new Date(Date.UTC(2026, 0, 5, 12, 10));

describe("metrics", () => {
  it("gives every statistic of a period", async () => {
    const { cloudwatch } = world();
    await cloudwatch.PutMetricData({
      Namespace: "N",
      MetricData: [
        { MetricName: "M", Values: [1, 2, 3], Counts: [1, 1, 2], Dimensions: [{ Name: "site", Value: "x" }] },
      ],
    });
    const { Datapoints, Label } = await cloudwatch.GetMetricStatistics({
      Namespace: "N",
      MetricName: "M",
      Dimensions: [{ Name: "site", Value: "x" }],
      StartTime: start,
      EndTime: end,
      Period: 60,
      Statistics: ["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
      ExtendedStatistics: ["p50", "p99"],
    });
    expect(Label).toBe("M");
    expect(Datapoints).toEqual([
      {
        Timestamp: start,
        Unit: "None",
        SampleCount: 4,
        Sum: 9,
        Average: 2.25,
        Minimum: 1,
        Maximum: 3,
        ExtendedStatistics: { p50: 2, p99: 3 },
      },
    ]);
  });

  it("keeps metrics of other dimensions and units apart", async () => {
    const { cloudwatch, metrics } = world();
    metrics.put("N", "M", 1, { site: "x" });
    const ask = async (input: object) =>
      (
        await cloudwatch.GetMetricStatistics({
          Namespace: "N",
          MetricName: "M",
          StartTime: start,
          EndTime: end,
          Period: 60,
          Statistics: ["Sum"],
          ...input,
        })
      ).Datapoints?.length;
    expect(await ask({})).toBe(0);
    expect(await ask({ Dimensions: [{ Name: "site", Value: "x" }] })).toBe(1);
    expect(await ask({ Dimensions: [{ Name: "site", Value: "x" }], Unit: "Percent" })).toBe(0);
  });

  it("answers GetMetricData newest first, with expressions", async () => {
    const { cloudwatch, metrics, clock } = world();
    for (const value of [1, 2, 3]) {
      metrics.put("N", "M", value, {});
      await clock.advance(60_000);
    }
    const stat = { Metric: { Namespace: "N", MetricName: "M" }, Period: 60, Stat: "Sum" };
    const { MetricDataResults } = await cloudwatch.GetMetricData({
      StartTime: start,
      EndTime: end,
      MetricDataQueries: [
        { Id: "m", MetricStat: stat },
        { Id: "twice", Expression: "m * 2 - (1 - 1)", Label: "twice" },
        { Id: "hidden", MetricStat: stat, ReturnData: false },
      ],
    });
    expect(MetricDataResults?.map(({ Id, Values }) => [Id, Values])).toEqual([
      ["m", [3, 2, 1]],
      ["twice", [6, 4, 2]],
    ]);
    expect(MetricDataResults?.[0]).toMatchObject({ Label: "M", StatusCode: "Complete" });
    await expect(
      cloudwatch.GetMetricData({
        StartTime: start,
        EndTime: end,
        MetricDataQueries: [{ Id: "s", Expression: "SEARCH('x')" }],
      }),
    ).rejects.toMatchObject({ code: "NotImplemented" });
  });

  it("lists metrics by namespace, name and dimension", async () => {
    const { cloudwatch, metrics } = world();
    metrics.put("N", "M", 1, { site: "x" });
    metrics.put("N", "O", 1, {});
    const names = async (input: object) =>
      (await cloudwatch.ListMetrics(input)).Metrics?.map(({ MetricName }) => MetricName);
    expect(await names({})).toEqual(["M", "O"]);
    expect(await names({ MetricName: "O" })).toEqual(["O"]);
    expect(await names({ Dimensions: [{ Name: "site" }] })).toEqual(["M"]);
    expect(await names({ Dimensions: [{ Name: "site", Value: "y" }] })).toEqual([]);
  });

  it("refuses data that is too old and requests for too many datapoints", async () => {
    const { cloudwatch } = world();
    await expect(
      cloudwatch.PutMetricData({
        Namespace: "N",
        MetricData: [{ MetricName: "M", Value: 1, Timestamp: new Date(Date.UTC(2025, 0, 1)) }],
      }),
    ).rejects.toThrow("must specify a time within the past two weeks");
    await expect(
      cloudwatch.GetMetricStatistics({
        Namespace: "N",
        MetricName: "M",
        StartTime: start,
        EndTime: new Date(start.getTime() + 86_460_000),
        Period: 60,
        Statistics: ["Sum"],
      }),
    ).rejects.toThrow("exceeds the limit of 1440");
  });
});
