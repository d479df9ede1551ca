/** Alarms of CloudWatch in a whole world: by EventBridge or by the sweep they come to one incident, and to one message. */
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { DisableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { clientConfig } from "@warden/aws-local";
import { siteKey } from "@warden/control";
import { parts } from "@warden/remediation";
import { localAlarms, localSite } from "@warden/worlds/local-site";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, expect, it } from "vitest";
import { expectNoDefects, minutes, site, until, untilServing } from "./site.ts";

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

const alarms = localAlarms(localSite);

async function siteWithAlarms(): Promise<CloudWatchClient> {
  world = await virtualWorld({ desired: 2, alarms });
  await untilServing(world, 2);
  const cloudWatch = new CloudWatchClient(clientConfig(world.aws.router));
  for (const { name } of [...alarms, { name: "somebody's own" }])
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: name, Namespace: "Tried/By", MetricName: "Hand", Period: 60, EvaluationPeriods: 1 },
        ...{ Statistic: "Sum", Threshold: 1, ComparisonOperator: "GreaterThanThreshold" },
        TreatMissingData: "ignore",
      }),
    );
  return cloudWatch;
}

const set = (cloudWatch: CloudWatchClient, AlarmName: string, StateValue: "ALARM" | "OK") =>
  cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "tried by hand" }));
const open = async () => (await world.deps.ports.store.incidents(site)).open.map(({ part }) => part);
const story = async () =>
  (await world.deps.ports.store.ledger(siteKey(site), 100)).filter(({ kind }) => kind === "incident");

it("tells at once of an alarm that comes on, and of its end when it has been off for two minutes", async () => {
  const cloudWatch = await siteWithAlarms();
  await set(cloudWatch, "moodle-pages", "ALARM");
  await set(cloudWatch, "somebody's own", "ALARM");
  await until(world, 15_000, async () => (await open()).length > 0);
  expect(await open()).toEqual(["pages"]);
  await world.clock.advance(minutes(5));
  expect(await open()).toEqual(["pages"]);
  await set(cloudWatch, "moodle-pages", "OK");
  await until(world, minutes(4), async () => (await open()).length === 0);
  expect((await story()).map(({ why }) => why).sort()).toEqual([
    expect.stringMatching(/^The pages are in trouble, as the alarm moodle-pages said: tried by hand\. No node/),
    expect.stringMatching(/^The pages are well again after \d min; the alarm moodle-pages complained\.$/),
  ]);
});

it("finds by the sweep an alarm of which no event told", async () => {
  const cloudWatch = await siteWithAlarms();
  const eventBridge = new EventBridgeClient(clientConfig(world.aws.router));
  await eventBridge.send(new DisableRuleCommand({ Name: "warden-local-alarm-state-change" }));
  await set(cloudWatch, "moodle-cache", "ALARM");
  await until(world, minutes(2), async () => (await open()).length > 0);
  expect(await open()).toEqual(["cache"]);
});

it("makes one incident of each cause out of 10,000 alarm events in a minute, and touches no node", async () => {
  const cloudWatch = await siteWithAlarms();
  const before = [...world.machines.keys()];
  for (let second = 0; second < 60; second++) {
    for (let turn = 0; turn < 17; turn++)
      for (const { name } of alarms) {
        await set(cloudWatch, name, "ALARM");
        await set(cloudWatch, name, "OK");
      }
    await world.clock.advance(1_000);
  }
  for (const { name } of alarms) await set(cloudWatch, name, "ALARM");
  await world.clock.advance(minutes(3));
  expect((await open()).toSorted()).toEqual(parts.toSorted());
  expect((await story()).map(({ phase }) => phase)).toEqual(parts.map(() => "opened"));
  expect([...world.machines.keys()]).toEqual(before);
}, 120_000);
