/** A freeze and a peak in a whole world: what Auto Scaling would do by itself is held, and given back. */
import {
  DescribeAutoScalingGroupsCommand,
  ExecutePolicyCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
} from "@aws-sdk/client-auto-scaling";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { clientConfig } from "@warden/aws-local";
import { addFreeze, giveOrder } from "@warden/control";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, expect, it } from "vitest";
import {
  AutoScalingGroupName,
  expectNoDefects,
  group,
  inService,
  keyOf,
  ledger,
  minutes,
  site,
  until,
  untilServing,
} from "./site.ts";

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

const asked = { by: "ann", reason: "exam" };

/** What a freeze touches of the group. */
async function settings() {
  const { AutoScalingGroups: [found] = [] } = await world.clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({}),
  );
  return {
    min: found?.MinSize,
    desired: found?.DesiredCapacity,
    protectsNew: found?.NewInstancesProtectedFromScaleIn === true,
    protected: (found?.Instances ?? []).filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn).length,
    suspended: (found?.SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName),
  };
}

const held = async () => (await world.deps.ports.store.calendar(site)).calendar.held;
const freeze = (from: number, to: number, nodes?: Record<string, number>) =>
  addFreeze(
    site,
    { from: world.clock.now() + from, to: world.clock.now() + to, ...(nodes && { nodes }) },
    asked,
    world.deps,
  );

async function aPolicyThatShrinks(): Promise<() => Promise<void>> {
  const { PolicyARN } = await world.clients.autoScaling.send(
    new PutScalingPolicyCommand({
      ...{ AutoScalingGroupName, PolicyName: "smaller", PolicyType: "SimpleScaling" },
      ...{ AdjustmentType: "ChangeInCapacity", ScalingAdjustment: -1, Cooldown: 0 },
    }),
  );
  return async () => {
    await world.clients.autoScaling.send(
      new ExecutePolicyCommand({ AutoScalingGroupName, PolicyName: PolicyARN, HonorCooldown: false }),
    );
  };
}

it("keeps every node while policies, a timetable and a person want some gone; replaces the dead; and gives all back", async () => {
  world = await virtualWorld({ desired: 4 });
  await untilServing(world, 4);
  const before = await settings();
  const shrink = await aPolicyThatShrinks();
  await freeze(minutes(10), minutes(70));
  await world.clock.advance(minutes(3));
  expect(await settings()).toMatchObject({ min: 4, protected: 4, protectsNew: true, suspended: ["AZRebalance"] });
  const there = await inService(world);

  for (let time = 0; time < 5; time++) await shrink();
  const soon = new Date(world.clock.now() + minutes(2));
  await world.clients.autoScaling.send(
    new PutScheduledUpdateGroupActionCommand({
      ...{ AutoScalingGroupName, ScheduledActionName: "evening", StartTime: soon, MinSize: 1, DesiredCapacity: 1 },
    }),
  );
  const [first = "", second = ""] = there;
  await giveOrder("drain", keyOf(first), { by: "bob", reason: "to see" }, world.deps);
  await world.clock.advance(minutes(10));
  expect((await inService(world)).toSorted()).toEqual(there.toSorted());
  expect((await ledger(world, first))[0]?.why).toMatch(/freeze: ann has frozen the site until .*: exam/);
  expect(await settings()).toMatchObject({ min: 4, desired: 4 });

  await world.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [second] }));
  await until(world, minutes(30), async () => {
    const now = await inService(world);
    return now.length === 4 && !now.includes(second);
  });
  expect(Object.keys(await held())).toEqual([group]);

  await until(world, minutes(90), async () => Object.keys(await held()).length === 0);
  // The evening's action came meanwhile: it is what the others want by now.
  expect(await settings()).toEqual({ ...before, min: 1, desired: expect.any(Number) });
}, 120_000);

it("gives back what it held also when nobody was there at its end", async () => {
  world = await virtualWorld({ desired: 3 });
  await untilServing(world, 3);
  const before = await settings();
  await freeze(minutes(10), minutes(30));
  await world.clock.advance(minutes(5));
  expect(await settings()).toMatchObject({ min: 3, protected: 3 });
  const eventBridge = new EventBridgeClient(clientConfig(world.aws.router));
  const Name = world.deployment.schedules.find((each) => each.includes("sweep"));
  await eventBridge.send(new DisableRuleCommand({ Name }));
  await world.clock.advance(minutes(60));
  expect(await settings()).toMatchObject({ min: 3, protected: 3 });
  await eventBridge.send(new EnableRuleCommand({ Name }));
  await until(world, minutes(5), async () => Object.keys(await held()).length === 0);
  expect(await settings()).toEqual(before);
});

it("has the nodes of a peak in service before it begins, and lets them go gently after it", async () => {
  world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  const before = await settings();
  await freeze(minutes(60), minutes(90), { [group]: 6 });
  await world.clock.advance(minutes(10));
  expect(await inService(world)).toHaveLength(2);
  await world.clock.advance(minutes(30));
  expect(await inService(world)).toHaveLength(6);
  await world.clock.advance(minutes(49));
  expect(await inService(world)).toHaveLength(6);
  await until(world, minutes(120), async () => Object.keys(await held()).length === 0);
  await until(world, minutes(30), async () => (await inService(world)).length === 2);
  expect(await settings()).toEqual(before);
}, 120_000);
