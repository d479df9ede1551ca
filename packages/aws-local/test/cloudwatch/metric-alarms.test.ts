import { ResourceNotFound } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { cpuAlarm, functionArn, policyArn, topicArn, world } from "./world.ts";

describe("a metric alarm", () => {
  it('starts INSUFFICIENT_DATA with "Unchecked: Initial alarm creation" (aws-semantics 3.5)', async () => {
    const { alarm, cloudwatch, changes } = world();
    await alarm("cpu");
    const { MetricAlarms } = await cloudwatch.DescribeAlarms({});
    expect(MetricAlarms).toMatchObject([
      {
        AlarmName: "cpu",
        AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu",
        StateValue: "INSUFFICIENT_DATA",
        StateReason: "Unchecked: Initial alarm creation",
        Threshold: 50,
      },
    ]);
    expect(changes()).toEqual([]);
  });

  it("looks at its metric each minute and tells only of transitions (aws-semantics 3.5)", async () => {
    const { alarm, minute, changes } = world();
    await alarm("cpu");
    for (const value of [10, 10, 90, 95, 90, 10]) await minute(value);
    expect(changes()).toEqual(["cpu: INSUFFICIENT_DATA -> OK", "cpu: OK -> ALARM", "cpu: ALARM -> OK"]);
  });

  it("sends the state change exactly as documented: +0000 without a colon, reasonData a JSON string (aws-semantics 3.4, 3.5)", async () => {
    const { alarm, minute, emitted } = world();
    await alarm("cpu", { AlarmDescription: "busy", Dimensions: [] });
    await minute(99);
    const event = emitted.find(({ detailType }) => detailType === "CloudWatch Alarm State Change");
    expect(event).toEqual({
      source: "aws.cloudwatch",
      detailType: "CloudWatch Alarm State Change",
      resources: ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu"],
      detail: {
        alarmName: "cpu",
        state: {
          value: "ALARM",
          timestamp: "2026-01-05T12:01:00.000+0000",
          reason:
            "Threshold Crossed: 1 out of the last 1 datapoint [99.0 (05/01/26 12:00:00)] was greater than the threshold (50.0) (minimum 1 datapoint for INSUFFICIENT_DATA -> ALARM transition).",
          reasonData: expect.any(String),
        },
        previousState: {
          value: "INSUFFICIENT_DATA",
          timestamp: "2026-01-05T12:00:00.000+0000",
          reason: "Unchecked: Initial alarm creation",
        },
        configuration: {
          description: "busy",
          metrics: [
            {
              id: expect.stringMatching(/^[0-9a-f-]{36}$/),
              metricStat: { metric: { namespace: "Moodle", name: "Cpu", dimensions: {} }, period: 60, stat: "Average" },
              returnData: true,
            },
          ],
        },
      },
    });
    const state = event?.detail["state"];
    expect(
      JSON.parse(typeof state === "object" && state !== null && "reasonData" in state ? String(state.reasonData) : ""),
    ).toMatchObject({
      version: "1.0",
      recentDatapoints: [99],
      threshold: 50,
    });
  });

  it("goes to INSUFFICIENT_DATA when its metric falls silent", async () => {
    const { alarm, minute, changes } = world();
    await alarm("cpu");
    await minute(10);
    for (let n = 0; n < 4; n++) await minute();
    expect(changes()).toEqual(["cpu: INSUFFICIENT_DATA -> OK", "cpu: OK -> INSUFFICIENT_DATA"]);
  });

  it("wants M datapoints of N", async () => {
    const { alarm, minute, state } = world();
    await alarm("cpu", { EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    const states: (string | undefined)[] = [];
    for (const value of [10, 90, 10, 90, 10, 10]) {
      await minute(value);
      states.push(await state("cpu"));
    }
    expect(states).toEqual(["OK", "OK", "OK", "ALARM", "OK", "OK"]);
  });

  it("of 10 seconds looks every 10 seconds", async () => {
    const { alarm, cloudwatch, clock, state } = world();
    await alarm("cpu", { Period: 10 });
    const put = (Value: number) =>
      cloudwatch.PutMetricData({
        Namespace: "Moodle",
        MetricData: [{ MetricName: "Cpu", Value, StorageResolution: 1 }],
      });
    await put(99);
    await clock.advance(10_000);
    expect(await state("cpu")).toBe("ALARM");
    await put(1);
    await clock.advance(10_000);
    expect(await state("cpu")).toBe("OK");
  });

  it("can watch a percentile", async () => {
    const { cloudwatch, clock, state } = world();
    const { Statistic: _, ...rest } = cpuAlarm;
    await cloudwatch.PutMetricAlarm({ AlarmName: "p", ...rest, ExtendedStatistic: "p90" });
    const Values = Array.from({ length: 100 }, (__, n) => n);
    await cloudwatch.PutMetricData({ Namespace: "Moodle", MetricData: [{ MetricName: "Cpu", Values }] });
    await clock.advance(60_000);
    expect(await state("p")).toBe("ALARM");
  });

  it("can watch a ratio of two metrics", async () => {
    const { cloudwatch, metrics, clock, state } = world();
    const stat = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: "Moodle", MetricName }, Period: 60, Stat: "Sum" },
      ReturnData: false,
    });
    await cloudwatch.PutMetricAlarm({
      AlarmName: "errors",
      Metrics: [
        stat("bad", "Errors"),
        stat("all", "Requests"),
        { Id: "share", Expression: "100 * FILL(bad, 0) / all" },
      ],
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: "GreaterThanThreshold",
    });
    metrics.put("Moodle", "Requests", 100, {});
    await clock.advance(60_000);
    expect(await state("errors")).toBe("OK");
    metrics.put("Moodle", "Requests", 100, {});
    metrics.put("Moodle", "Errors", 6, {});
    await clock.advance(60_000);
    expect(await state("errors")).toBe("ALARM");
  });

  it("keeps its state when it is put again", async () => {
    const { alarm, minute, state } = world();
    await alarm("cpu");
    await minute(99);
    await alarm("cpu", { Threshold: 60 });
    expect(await state("cpu")).toBe("ALARM");
  });

  it("refuses what is not modelled and what CloudWatch refuses", async () => {
    const { alarm } = world();
    await expect(alarm("a", { ComparisonOperator: "GreaterThanUpperThreshold" })).rejects.toMatchObject({
      code: "NotImplemented",
    });
    await expect(alarm("a", { Period: 45 })).rejects.toThrow("Period must be 10, 20, 30, or a multiple of 60");
    await expect(alarm("a", { EvaluationPeriods: 1441 })).rejects.toThrow(
      "EvaluationPeriods * Period must be <= 86400",
    );
    await expect(alarm("a", { DatapointsToAlarm: 2 })).rejects.toThrow("DatapointsToAlarm must be less than or equal");
    await expect(alarm("a", { AlarmActions: ["arn:aws:automate:eu-west-1:ec2:reboot"] })).rejects.toThrow(
      "Invalid action",
    );
  });
});

describe("actions", () => {
  it("are taken on transition only", async () => {
    const { alarm, minute, published, invoked } = world();
    await alarm("cpu", { AlarmActions: [topicArn, functionArn], OKActions: [topicArn] });
    for (const value of [90, 90, 90, 10]) await minute(value);
    expect(published.map(({ subject }) => subject)).toEqual(['ALARM: "cpu" in eu-west-1', 'OK: "cpu" in eu-west-1']);
    expect(published[0]).toMatchObject({
      arn: topicArn,
      from: { service: "cloudwatch.amazonaws.com", sourceArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu" },
    });
    expect(JSON.parse(published[0]?.body ?? "")).toMatchObject({
      AlarmName: "cpu",
      NewStateValue: "ALARM",
      OldStateValue: "INSUFFICIENT_DATA",
      Trigger: { MetricName: "Cpu", Statistic: "AVERAGE", Threshold: 50 },
    });
    expect(invoked).toHaveLength(1);
  });

  it("give a function alarmData, not the event's shape (aws-semantics 3.5)", async () => {
    const { alarm, minute, invoked } = world();
    await alarm("cpu", { AlarmActions: [functionArn] });
    await minute(90);
    expect(JSON.parse(invoked[0]?.payload ?? "")).toMatchObject({
      source: "aws.cloudwatch",
      alarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu",
      alarmData: { alarmName: "cpu", state: { value: "ALARM" }, previousState: { value: "INSUFFICIENT_DATA" } },
    });
    expect(invoked[0]?.from.service).toBe("lambda.alarms.cloudwatch.amazonaws.com");
  });

  it("of Auto Scaling are repeated each minute while the alarm stays (aws-semantics 3.5)", async () => {
    const { alarm, minute, executed } = world();
    await alarm("cpu", { AlarmActions: [policyArn, topicArn] });
    for (const value of [90, 91, 92, 10, 10]) await minute(value);
    expect(executed.map(({ value, threshold }) => [value, threshold])).toEqual([
      [90, 50],
      [91, 50],
      [92, 50],
    ]);
  });

  it("are left out with actionsEnabled=false, while the event is still sent (aws-semantics 3.5)", async () => {
    const { alarm, cloudwatch, minute, published, changes } = world();
    await alarm("cpu", { AlarmActions: [topicArn], OKActions: [topicArn] });
    await cloudwatch.DisableAlarmActions({ AlarmNames: ["cpu"] });
    await minute(90);
    expect(published).toHaveLength(0);
    expect(changes()).toEqual(["cpu: INSUFFICIENT_DATA -> ALARM"]);
    const { MetricAlarms } = await cloudwatch.DescribeAlarms({ StateValue: "ALARM" });
    expect(MetricAlarms?.[0]?.ActionsEnabled).toBe(false);
    await cloudwatch.EnableAlarmActions({ AlarmNames: ["cpu"] });
    await minute(10);
    expect(published).toHaveLength(1);
  });
});

describe("SetAlarmState", () => {
  it("moves the alarm, acts, and lasts until the next evaluation says otherwise", async () => {
    const { alarm, minute, set, state, published, changes } = world();
    await alarm("cpu", { AlarmActions: [topicArn] });
    await minute(10);
    await set("cpu", "ALARM");
    expect(published).toHaveLength(1);
    expect(await state("cpu")).toBe("ALARM");
    await minute(10);
    expect(await state("cpu")).toBe("OK");
    expect(changes()).toHaveLength(3);
  });

  it("does not know an alarm that does not exist", async () => {
    const { set } = world();
    await expect(set("none", "OK")).rejects.toBeInstanceOf(ResourceNotFound);
  });
});

describe("DescribeAlarms", () => {
  it("selects by state, prefix, action and names, page by page", async () => {
    const { alarm, cloudwatch, set } = world();
    for (const name of ["a1", "a2", "a3", "b1"]) await alarm(name, { AlarmActions: name === "a2" ? [topicArn] : [] });
    await set("a3", "ALARM");
    const names = async (input: object) =>
      (await cloudwatch.DescribeAlarms(input)).MetricAlarms?.map(({ AlarmName }) => AlarmName);
    expect(await names({ StateValue: "ALARM" })).toEqual(["a3"]);
    expect(await names({ AlarmNamePrefix: "a" })).toEqual(["a1", "a2", "a3"]);
    expect(await names({ ActionPrefix: "arn:aws:sns" })).toEqual(["a2"]);
    expect(await names({ AlarmNames: ["b1", "c"] })).toEqual(["b1"]);
    const first = await cloudwatch.DescribeAlarms({ MaxRecords: 3 });
    expect(first.MetricAlarms).toHaveLength(3);
    expect(await names({ MaxRecords: 3, NextToken: first.NextToken })).toEqual(["b1"]);
  });
});

describe("history, deletion and tags", () => {
  it("keeps configuration, state and action entries, newest first", async () => {
    const { alarm, cloudwatch, minute } = world();
    await alarm("cpu", { AlarmActions: [topicArn] });
    await minute(90);
    const { AlarmHistoryItems } = await cloudwatch.DescribeAlarmHistory({ AlarmName: "cpu" });
    expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
      `Successfully executed action ${topicArn}`,
      "Alarm updated from INSUFFICIENT_DATA to ALARM",
      'Alarm "cpu" created',
    ]);
  });

  it("tells of creation, update and deletion by event (aws-semantics 3.4)", async () => {
    const { alarm, cloudwatch, emitted } = world();
    await alarm("cpu");
    await alarm("cpu", { Threshold: 60 });
    await cloudwatch.DeleteAlarms({ AlarmNames: ["cpu"] });
    expect(emitted.map(({ detailType, detail }) => [detailType, detail["operation"]])).toEqual([
      ["CloudWatch Alarm Configuration Change", "create"],
      ["CloudWatch Alarm Configuration Change", "update"],
      ["CloudWatch Alarm Configuration Change", "delete"],
    ]);
    expect(emitted[1]?.detail).toMatchObject({
      configuration: { threshold: 60 },
      previousConfiguration: { threshold: 50 },
    });
    expect((await cloudwatch.DescribeAlarms({})).MetricAlarms).toEqual([]);
  });

  it("carries tags", async () => {
    const { alarm, cloudwatch } = world();
    await alarm("cpu", { Tags: [{ Key: "site", Value: "moodle" }] });
    const ResourceARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu";
    await cloudwatch.TagResource({ ResourceARN, Tags: [{ Key: "a", Value: "b" }] });
    await cloudwatch.UntagResource({ ResourceARN, TagKeys: ["site"] });
    expect(await cloudwatch.ListTagsForResource({ ResourceARN })).toEqual({ Tags: [{ Key: "a", Value: "b" }] });
  });
});
