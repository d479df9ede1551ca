/** A node's whole life, by every door there is. */
import {
  AttachInstancesCommand,
  CompleteLifecycleActionCommand,
  DescribeInstanceRefreshesCommand,
  DescribeWarmPoolCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutWarmPoolCommand,
  StartInstanceRefreshCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeSubnetsCommand, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { expect, it } from "vitest";
import * as z from "zod";
import {
  AutoScalingGroupName,
  desire,
  expectNoDefects,
  expectWell,
  expired,
  inService,
  keyOf,
  ledger,
  listen,
  minutes,
  node,
  nodes,
  phaseOf,
  seconds,
  site,
  states,
  targets,
  until,
  untilServing,
} from "./site.ts";

it("shows every documented lifecycle state on the way from 2 to 4 to 1, and ends as asked", async () => {
  const world = await virtualWorld({ desired: 2 });
  const seenStates = new Set<string>();
  const seenHealth = new Map<string, string[]>();
  async function look(): Promise<void> {
    for (const state of (await states(world)).values()) seenStates.add(state);
    for (const [instance, health] of await targets(world)) {
      const past = seenHealth.get(instance) ?? [];
      if (past.at(-1) !== health) seenHealth.set(instance, [...past, health]);
    }
  }
  async function watched(count: number): Promise<void> {
    await world.clock.advanceUntil(async () => {
      await look();
      const current = [...(await states(world)).values()];
      return current.length === count && current.every((state) => state === "InService");
    }, minutes(5));
    await world.clock.advance(seconds(15));
    await look();
  }

  await watched(2);
  await desire(world, 4);
  await watched(4);
  await desire(world, 1);
  await watched(1);
  await untilServing(world, 1);

  expect([...seenStates].sort()).toEqual([
    "InService",
    "Pending",
    "Pending:Proceed",
    "Pending:Wait",
    "Terminating",
    "Terminating:Proceed",
    "Terminating:Wait",
  ]);
  const histories = [...seenHealth.values()];
  expect(histories).toHaveLength(4);
  for (const history of histories) expect(history.slice(0, 2)).toEqual(["initial", "healthy"]);
  expect(histories.filter((history) => history.at(-1) === "draining")).toHaveLength(3);
  await expectWell(world, 1);
  expect(await expired(world)).toEqual([]);
  world.stop();
});

it("does not mind that somebody completes the lifecycle action by hand before it does", async () => {
  const world = await virtualWorld({ desired: 1 });
  await until(world, minutes(2), async () => [...(await states(world)).values()].includes("Pending:Wait"), 1);
  const [InstanceId = ""] = (await states(world)).keys();
  await world.clients.autoScaling.send(
    new CompleteLifecycleActionCommand({
      AutoScalingGroupName,
      LifecycleHookName: "warden-launch",
      InstanceId,
      LifecycleActionResult: "CONTINUE",
    }),
  );
  // By another door: it answers 503 until it verified, and nobody ends it.
  await until(world, minutes(1), async () => (await inService(world)).length === 1);
  expect(world.machines.get(InstanceId)?.software.isReady()).toBe(false);
  await untilServing(world, 1);
  expect(await inService(world)).toEqual([InstanceId]);
  await expectWell(world, 1);
  world.stop();
});

it("heals after somebody ended an instance behind the group's back", async () => {
  const world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  const [victim = "", other = ""] = await inService(world);
  await world.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [victim] }));
  await until(world, minutes(5), async () => !(await states(world)).has(victim));
  await untilServing(world, 2);
  expect(await inService(world)).toContain(other);
  expect(await phaseOf(world, victim)).toBe("gone");
  await expectWell(world, 2);
  world.stop();
});

it("proves a node again when it comes out of the warm pool", async () => {
  const world = await virtualWorld({ desired: 1 });
  await untilServing(world, 1);
  await world.clients.autoScaling.send(
    new PutWarmPoolCommand({ AutoScalingGroupName, MinSize: 1, MaxGroupPreparedCapacity: 2, PoolState: "Stopped" }),
  );
  const pooled = async () => {
    const answer = await world.clients.autoScaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName }));
    return answer.Instances ?? [];
  };
  await until(world, minutes(5), async () => (await pooled())[0]?.LifecycleState === "Warmed:Stopped");
  const [resting] = await pooled();
  const instance = resting?.InstanceId ?? "";
  await world.clock.advance(minutes(2));
  expect(await phaseOf(world, instance)).toBe("aside");

  await desire(world, 2);
  await until(world, minutes(3), async () => (await inService(world)).includes(instance));
  await world.clock.advance(minutes(1));
  const { record } = await node(world, instance);
  expect(record.episode).toMatchObject({ ordinal: 2, warmPool: false, result: { value: "CONTINUE" } });
  expect(await inService(world)).toHaveLength(2);
  const verifications = (await ledger(world, instance)).filter((entry) => /verified for release/.test(entry.why));
  expect(verifications).toHaveLength(2);
  await expectWell(world, 2);
  expect(await expired(world)).toEqual([]);
  world.stop();
});

it("leaves a node in standby alone, and takes it back", async () => {
  const world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  const [instance = ""] = await inService(world);
  await world.clients.autoScaling.send(
    new EnterStandbyCommand({ AutoScalingGroupName, InstanceIds: [instance], ShouldDecrementDesiredCapacity: true }),
  );
  await world.clock.advance(minutes(2));
  expect((await states(world)).get(instance)).toBe("Standby");
  expect(await phaseOf(world, instance)).toBe("aside");

  await world.clients.autoScaling.send(new ExitStandbyCommand({ AutoScalingGroupName, InstanceIds: [instance] }));
  await untilServing(world, 2);
  expect(await inService(world)).toContain(instance);
  await expectWell(world, 2);
  world.stop();
});

it("carries an instance refresh from end to end", async () => {
  const world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  const before = await inService(world);
  await world.clients.autoScaling.send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName,
      Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200, InstanceWarmup: 0, SkipMatching: false },
    }),
  );
  await world.clock.advanceUntil(async () => {
    const answer = await world.clients.autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }));
    return answer.InstanceRefreshes?.[0]?.Status === "Successful";
  }, minutes(20));
  await untilServing(world, 2);
  for (const instance of await inService(world)) expect(before).not.toContain(instance);
  await expectWell(world, 2);
  expect(await expired(world)).toEqual([]);
  world.stop();
});

it("bootstraps and verifies an instance that was attached without a hook", async () => {
  const world = await virtualWorld({ desired: 1 });
  await untilServing(world, 1);
  const launched = await world.clients.ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateName: "moodle" },
      // In the other zone: the group would end one of two instances in the same zone.
      SubnetId: await emptySubnet(world),
      MinCount: 1,
      MaxCount: 1,
    }),
  );
  const instance = launched.Instances?.[0]?.InstanceId ?? "";
  await world.clock.advance(seconds(10));
  await world.clients.autoScaling.send(new AttachInstancesCommand({ AutoScalingGroupName, InstanceIds: [instance] }));
  await world.clock.advance(seconds(5));
  expect((await states(world)).get(instance)).toBe("InService");
  await untilServing(world, 2);
  expect(await inService(world)).toContain(instance);
  await expectWell(world, 2);
  world.stop();
});

it("explains in the ledger why each node is where it is, and tells its own bus of each phase", async () => {
  const world = await virtualWorld({ desired: 1 });
  const told = await listen(world, world.deployment.bus, { source: ["warden"], "detail-type": ["Node Phase Changed"] });
  await untilServing(world, 1);
  await desire(world, 3);
  await untilServing(world, 3);
  await desire(world, 1);
  await untilServing(world, 1);
  await world.clock.advance(seconds(5));

  const heard = (await told()).map((body) => toldSchema.parse(JSON.parse(body))).sort(byTime);
  for (const { record, why } of await nodes(world)) {
    const rows = await ledger(world, record.instance);
    expect(rows[0]).toMatchObject({ phase: record.phase.name, why });
    for (const row of rows) expect(row.why).not.toBe("");
    const phases = [...rows].reverse().flatMap((row) => (row.phase === row.phaseBefore ? [] : [row.phase]));
    expect(heard.flatMap(({ detail }) => (detail.key === keyOf(record.instance) ? detail.phase : []))).toEqual(phases);
    expect(phases.slice(-3)).toEqual(
      record.phase.name === "gone" ? ["leaving", "released", "gone"] : ["verifying", "joining", "in-service"],
    );
  }
  expect(await world.deps.ports.store.unpublished(10)).toEqual([]);
  expect(await world.deps.ports.store.groupState(site, (await nodes(world))[0]?.record.group ?? never())).toMatchObject(
    {
      slots: [],
      failedLaunches: 0,
    },
  );
  expectNoDefects(world);
  world.stop();
});

async function emptySubnet(world: VirtualWorld): Promise<string> {
  const { Subnets = [] } = await world.clients.ec2.send(new DescribeSubnetsCommand({}));
  const [used = ""] = await inService(world);
  const subnet = Subnets.find(({ SubnetId }) => SubnetId !== world.aws.instances.find(used)?.subnetId);
  return subnet?.SubnetId ?? "";
}

const toldSchema = z.object({ time: z.string(), detail: z.object({ key: z.string(), phase: z.string() }) });
const byTime = (a: { time: string }, b: { time: string }): number => a.time.localeCompare(b.time);

function never(): never {
  throw new Error("there is no node");
}
