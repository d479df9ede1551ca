/** Which alarms are on, as the embedded CloudWatch knows them. */
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { clientConfig, seededRandom, virtualClock } from "@warden/aws-local";
import { createCloudWatch } from "@warden/aws-local/services/cloudwatch/cloudwatch";
import { noDelays } from "@warden/aws-local/timings";
import { createRouter } from "@warden/aws-local/wire/index";
import { expect, it } from "vitest";
import { alarmsPort } from "../src/index.ts";

function region() {
  const clock = virtualClock({ startAt: Date.parse("2026-11-24T08:00:00Z") });
  const random = seededRandom(1);
  const surroundings = { clock, random, timings: noDelays, region: "eu-west-1", account: "123456789012" };
  const { service } = createCloudWatch(surroundings, {
    events: { emit: () => {} },
    topics: { publish: () => {} },
    functions: { invokeLater: () => {} },
    alarmActions: { executePolicy: () => {} },
  });
  const asked: string[] = [];
  const router = createRouter({
    services: [service],
    ...{ region: "eu-west-1", clock, random },
    onDefect(error) {
      throw error;
    },
    observe: ({ operation }) => asked.push(operation),
  });
  const cloudWatch = new CloudWatch(clientConfig(router));
  const metricAlarm = (AlarmName: string, more: object = {}) =>
    cloudWatch.putMetricAlarm({
      ...{ AlarmName, Namespace: "None", MetricName: "None", Statistic: "Sum", Period: 60, EvaluationPeriods: 1 },
      ...{ Threshold: 1, ComparisonOperator: "GreaterThanThreshold", TreatMissingData: "ignore", ...more },
    });
  const set = (AlarmName: string, StateValue: "ALARM" | "OK") =>
    cloudWatch.setAlarmState({ AlarmName, StateValue, StateReason: `${AlarmName} is tried` });
  const on = async () => (await alarmsPort(cloudWatch).on()).map(({ name }) => name).sort();
  return { clock, cloudWatch, metricAlarm, set, on, asked };
}

it("names those that are on, with CloudWatch's reason: neither those that are off nor those without data", async () => {
  const { cloudWatch, metricAlarm, set } = region();
  for (const name of ["on", "off", "new"]) await metricAlarm(name);
  await set("on", "ALARM");
  await set("off", "OK");
  expect(await alarmsPort(cloudWatch).on()).toEqual([{ name: "on", reason: "on is tried" }]);
});

it("leaves out those on which somebody wants nobody to act", async () => {
  const { clock, cloudWatch, metricAlarm, set, on } = region();
  await metricAlarm("a");
  await metricAlarm("switched-off", { ActionsEnabled: false });
  await metricAlarm("maintenance");
  const suppressed = { ActionsSuppressor: "maintenance", ActionsSuppressorWaitPeriod: 10 };
  await cloudWatch.putCompositeAlarm({ AlarmName: "composite", AlarmRule: "ALARM(a)" });
  await cloudWatch.putCompositeAlarm({
    ...{ AlarmName: "suppressed", AlarmRule: "ALARM(a)", ActionsSuppressorExtensionPeriod: 10, ...suppressed },
  });
  for (const name of ["maintenance", "a", "switched-off"]) await set(name, "ALARM");
  await clock.advance(30_000);
  expect(await on()).toEqual(["a", "composite", "maintenance"]);
});

it("finds all of them, however many, with one call for each hundred", async () => {
  const { metricAlarm, set, on, asked } = region();
  const names = Array.from({ length: 150 }, (_, index) => `alarm-${String(index).padStart(3, "0")}`);
  for (const name of names) await metricAlarm(name);
  for (const name of names) await set(name, "ALARM");
  asked.length = 0;
  expect(await on()).toEqual(names);
  expect(asked).toEqual(["DescribeAlarms", "DescribeAlarms"]);
});
