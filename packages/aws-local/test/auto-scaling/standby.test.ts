import { describe, expect, it } from "vitest";
import { LAUNCH_HOOK, MINUTE, SECOND, type Stage, stage, TARGET_GROUP, TERMINATE_HOOK } from "./stage.ts";

const AutoScalingGroupName = "moodle";

async function inService(more: Parameters<Stage["create"]>[0] = {}): Promise<{ play: Stage; id: string }> {
  const play = stage();
  await play.create({ TargetGroupARNs: [TARGET_GROUP], ...more });
  await play.settle();
  await play.call("PutLifecycleHook", { AutoScalingGroupName, ...LAUNCH_HOOK });
  await play.call("PutLifecycleHook", { AutoScalingGroupName, ...TERMINATE_HOOK });
  const [id = ""] = await play.ids();
  return { play, id };
}

const hookEvents = (play: Stage): number => play.events.filter((e) => e.detailType.endsWith("Lifecycle Action")).length;

describe("standby", () => {
  it("drains, stops health checks, lowers desired capacity, and comes back without hooks (aws-semantics 3.1, 3.3)", async () => {
    const { play, id } = await inService();
    await play.call("EnterStandby", { AutoScalingGroupName, InstanceIds: [id], ShouldDecrementDesiredCapacity: true });
    expect(await play.states()).toEqual(["EnteringStandby"]);
    expect(play.metadata.get(id)?.targetLifecycleState).toBe("Standby");
    await play.settle(6 * MINUTE);
    expect(await play.states()).toEqual(["Standby"]);
    expect(play.targets.health.has(id)).toBe(false);
    expect((await play.group()).DesiredCapacity).toBe(0);
    play.instances.impaired.add(id);
    await play.settle();
    expect(await play.states()).toEqual(["Standby"]);
    play.instances.impaired.clear();
    await play.call("ExitStandby", { AutoScalingGroupName, InstanceIds: [id] });
    await play.settle();
    expect(await play.states()).toEqual(["InService"]);
    expect((await play.group()).DesiredCapacity).toBe(1);
    expect(play.targets.health.get(id)).toBe("initial");
    expect(hookEvents(play)).toBe(0);
  });

  it("is replaced when desired capacity stays (aws-semantics 3.3)", async () => {
    const { play, id } = await inService();
    await play.call("EnterStandby", { AutoScalingGroupName, InstanceIds: [id], ShouldDecrementDesiredCapacity: false });
    await play.clock.advance(30 * SECOND);
    expect(await play.states()).toEqual(["EnteringStandby", "Pending:Wait"]);
  });

  it("may trigger zone rebalancing, unless that is suspended (aws-semantics 3.3)", async () => {
    for (const suspended of [false, true]) {
      const play = stage();
      await play.create({ DesiredCapacity: 4 });
      await play.settle();
      const inZone = async (zone: string): Promise<string[]> =>
        ((await play.group()).Instances ?? []).flatMap(({ AvailabilityZone, InstanceId = "", LifecycleState }) =>
          AvailabilityZone === zone && LifecycleState === "InService" ? [InstanceId] : [],
        );
      if (suspended) await play.call("SuspendProcesses", { AutoScalingGroupName, ScalingProcesses: ["AZRebalance"] });
      const InstanceIds = await inZone("eu-west-1a");
      await play.call("EnterStandby", { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: true });
      await play.settle(10 * MINUTE);
      expect(await inZone("eu-west-1a")).toHaveLength(suspended ? 0 : 1);
      expect(await inZone("eu-west-1b")).toHaveLength(suspended ? 2 : 1);
    }
  });

  it("cannot take the group under its minimum, nor more than 20 at a time (aws-semantics 3.3)", async () => {
    const { play, id } = await inService({ MinSize: 1 });
    const enter = (InstanceIds: string[]): Promise<unknown> =>
      play.call("EnterStandby", { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: true });
    await expect(enter([id])).rejects.toMatchObject({
      name: "ValidationError",
      message:
        "AutoScalingGroup moodle has min-size=1, max-size=10, and desired-size=1. To place into standby 1 instance, " +
        "please update the AutoScalingGroup sizes appropriately.",
    });
    await expect(enter(Array.from({ length: 21 }, () => id))).rejects.toMatchObject({ name: "ValidationError" });
  });
});

describe("attach and detach", () => {
  it("runs no hooks on detach, and leaves the instance running (aws-semantics 3.1)", async () => {
    const { play, id } = await inService();
    await play.call("DetachInstances", {
      AutoScalingGroupName,
      InstanceIds: [id],
      ShouldDecrementDesiredCapacity: true,
    });
    expect(await play.states()).toEqual(["Detaching"]);
    await play.settle(6 * MINUTE);
    expect(await play.ids()).toEqual([]);
    expect(play.instances.all.get(id)?.state).toBe("running");
    expect(hookEvents(play)).toBe(0);
  });

  it("runs no hooks on attach, raises desired capacity and registers the instance (aws-semantics 3.1)", async () => {
    const { play } = await inService();
    const stranger = play.instances.run("eu-west-1b");
    const attach = (): Promise<unknown> =>
      play.call("AttachInstances", { AutoScalingGroupName, InstanceIds: [stranger] });
    await expect(attach()).rejects.toMatchObject({ name: "ValidationError" });
    await play.settle(MINUTE);
    await attach();
    await play.settle(MINUTE);
    expect(await play.states()).toEqual(["InService", "InService"]);
    expect((await play.group()).DesiredCapacity).toBe(2);
    expect(play.targets.log).toContain(`register ${stranger}`);
    expect(hookEvents(play)).toBe(0);
    await expect(attach()).rejects.toMatchObject({ message: expect.stringContaining("is already part of") });
  });

  it("does not attach beyond the maximum, and detaches at most 20 at a time (aws-semantics 3.3)", async () => {
    const { play, id } = await inService({ MaxSize: 1 });
    const stranger = play.instances.run("eu-west-1a");
    await play.settle(MINUTE);
    await expect(play.call("AttachInstances", { AutoScalingGroupName, InstanceIds: [stranger] })).rejects.toMatchObject(
      { name: "ValidationError" },
    );
    const InstanceIds = Array.from({ length: 21 }, () => id);
    await expect(
      play.call("DetachInstances", { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false }),
    ).rejects.toMatchObject({ name: "ValidationError" });
  });
});
