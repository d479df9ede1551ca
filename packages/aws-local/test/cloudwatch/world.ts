/** CloudWatch with neighbours that write down what they are told. */
import * as sdk from "@aws-sdk/client-cloudwatch";
import type { ServiceEvent, ServicePrincipal } from "../../src/region.ts";
import type { Validated } from "../../src/service.ts";
import { createCloudWatch } from "../../src/services/cloudwatch/cloudwatch.ts";
import { ask, surroundings } from "../eventbridge/ask.ts";

export const topicArn = "arn:aws:sns:eu-west-1:123456789012:pages";
export const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:on-alarm";
export const policyArn =
  "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1b2c:autoScalingGroupName/moodle:policyName/out";

type AlarmInput = Omit<Validated<sdk.PutMetricAlarmInput>, "AlarmName">;

/** CPU above 50, one minute of one. */
export const cpuAlarm: AlarmInput = {
  Namespace: "Moodle",
  MetricName: "Cpu",
  Statistic: "Average",
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 50,
  ComparisonOperator: "GreaterThanThreshold",
};

export function world() {
  const around = surroundings();
  const emitted: ServiceEvent[] = [];
  const published: { arn: string; subject: string | undefined; body: string; from: ServicePrincipal }[] = [];
  const invoked: { arn: string; payload: string; from: ServicePrincipal }[] = [];
  const executed: { policyArn: string; value: number; threshold: number; at: number }[] = [];
  const { service, metrics } = createCloudWatch(around, {
    events: { emit: (event) => emitted.push(event) },
    topics: { publish: (arn, { subject, body }, from) => published.push({ arn, subject, body, from }) },
    functions: { invokeLater: (arn, payload, from) => invoked.push({ arn, payload, from }) },
    alarmActions: {
      executePolicy: (arn, value, threshold) =>
        executed.push({ policyArn: arn, value, threshold, at: around.clock.now() }),
    },
  });
  const cloudwatch = ask(sdk, service);

  return {
    ...around,
    cloudwatch,
    metrics,
    emitted,
    published,
    invoked,
    executed,
    alarm: (AlarmName: string, input: Partial<AlarmInput> = {}) =>
      cloudwatch.PutMetricAlarm({ AlarmName, ...cpuAlarm, ...input }),
    /** The CPU metric for a minute, put in its middle, and on to the minute's end. */
    async minute(value?: number): Promise<void> {
      await around.clock.advance(30_000);
      if (value !== undefined) metrics.put("Moodle", "Cpu", value, {});
      await around.clock.advance(30_000);
    },
    set: (AlarmName: string, StateValue: sdk.StateValue) =>
      cloudwatch.SetAlarmState({ AlarmName, StateValue, StateReason: "test" }),
    async state(name: string): Promise<string | undefined> {
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.DescribeAlarms({
        AlarmNames: [name],
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      });
      return [...MetricAlarms, ...CompositeAlarms][0]?.StateValue;
    },
    /** `name: from -> to` of every state change so far. */
    changes: (): string[] =>
      emitted
        .filter(({ detailType }) => detailType === "CloudWatch Alarm State Change")
        .map(
          ({ detail }) => `${detail["alarmName"]}: ${member(detail, "previousState")} -> ${member(detail, "state")}`,
        ),
  };
}

function member(detail: Readonly<Record<string, unknown>>, name: string): string {
  const state = detail[name];
  return typeof state === "object" && state !== null && "value" in state ? String(state.value) : "";
}
