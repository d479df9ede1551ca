import type { InstanceRefresh, RefreshPreferences } from "@aws-sdk/client-auto-scaling";
import { describe, expect, it } from "vitest";
import { HOUR, MINUTE, SECOND, type Stage, stage } from "./stage.ts";

const AutoScalingGroupName = "moodle";
const VERSION_2 = { LaunchTemplate: { LaunchTemplateName: "moodle", Version: "2" } };

async function group(size: number): Promise<Stage> {
  const play = stage();
  await play.create({ DesiredCapacity: size });
  await play.settle();
  return play;
}

const start = (play: Stage, Preferences: RefreshPreferences = {}, DesiredConfiguration = VERSION_2): Promise<unknown> =>
  play.call("StartInstanceRefresh", { AutoScalingGroupName, Preferences, DesiredConfiguration });

async function refresh(play: Stage): Promise<InstanceRefresh> {
  const { InstanceRefreshes } = await play.call("DescribeInstanceRefreshes", { AutoScalingGroupName });
  const [latest] = InstanceRefreshes ?? [];
  if (latest === undefined) throw new Error("there is no refresh");
  return latest;
}

const until = (play: Stage, status: string, limit = 3 * HOUR): Promise<void> =>
  play.clock.advanceUntil(async () => (await refresh(play)).Status === status, limit);

const versions = async (play: Stage): Promise<unknown[]> =>
  ((await play.group()).Instances ?? []).map(({ LaunchTemplate }) => LaunchTemplate?.Version);

const events = (play: Stage): string[] =>
  play.events.flatMap(({ detailType }) => {
    const what = detailType.split("EC2 Auto Scaling Instance Refresh ")[1];
    return what === undefined ? [] : [what];
  });

describe("instance refresh", () => {
  it("replaces every instance within the healthy percentages and tells of start and success (aws-semantics 3.4)", async () => {
    const play = await group(4);
    await start(play, { MinHealthyPercentage: 50, InstanceWarmup: 60 });
    let fewest = 4;
    await play.clock.advanceUntil(async () => {
      fewest = Math.min(fewest, (await play.states()).filter((state) => state === "InService").length);
      return (await refresh(play)).Status === "Successful";
    }, HOUR);
    expect(fewest).toBe(2);
    expect(await versions(play)).toEqual(["2", "2", "2", "2"]);
    expect((await play.group()).LaunchTemplate?.Version).toBe("2");
    expect(await refresh(play)).toMatchObject({ PercentageComplete: 100, InstancesToUpdate: 0 });
    expect(events(play)).toEqual(["Started", "Succeeded"]);
  });

  it("terminates before it launches where there is one instance (aws-semantics 3.3)", async () => {
    const play = await group(1);
    await start(play);
    let nobody = false;
    await play.clock.advanceUntil(async () => {
      nobody ||= !(await play.states()).includes("InService");
      return (await refresh(play)).Status === "Successful";
    }, HOUR);
    expect(nobody).toBe(true);
  });

  it("launches first where the maximum healthy percentage leaves room", async () => {
    const play = await group(1);
    await start(play, { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 });
    let nobody = false;
    await play.clock.advanceUntil(async () => {
      nobody ||= !(await play.states()).includes("InService");
      return (await refresh(play)).Status === "Successful";
    }, HOUR);
    expect(nobody).toBe(false);
    await play.settle();
    expect(await versions(play)).toEqual(["2"]);
  });

  it("stops at checkpoints and tells their numbers as strings (aws-semantics 3.4)", async () => {
    const play = await group(4);
    await start(play, { MinHealthyPercentage: 0, CheckpointPercentages: [50, 100], CheckpointDelay: 600 });
    await play.settle(8 * MINUTE);
    expect((await versions(play)).filter((version) => version === "2")).toHaveLength(2);
    const [checkpoint] = play.ofType("EC2 Auto Scaling Instance Refresh Checkpoint Reached");
    expect(checkpoint?.detail).toEqual({
      InstanceRefreshId: expect.any(String),
      AutoScalingGroupName,
      CheckpointPercentage: "50",
      CheckpointDelay: "600",
    });
    await until(play, "Successful");
    expect(await versions(play)).toEqual(["2", "2", "2", "2"]);
  });

  it("skips instances that match already", async () => {
    const play = await group(2);
    const ids = await play.ids();
    await start(play, { SkipMatching: true }, { LaunchTemplate: { LaunchTemplateName: "moodle", Version: "1" } });
    await until(play, "Successful");
    expect(await play.ids()).toEqual(ids);
  });

  it("fails after an hour of protected instances, ignores them or replaces them, as asked (aws-semantics 3.3)", async () => {
    for (const [behaviour, status, version] of [
      ["Wait", "Failed", "1"],
      ["Ignore", "Successful", "1"],
      ["Refresh", "Successful", "2"],
    ] as const) {
      const play = await group(1);
      const InstanceIds = await play.ids();
      await play.call("SetInstanceProtection", { AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true });
      await start(play, { ScaleInProtectedInstances: behaviour });
      await play.settle(55 * MINUTE);
      if (behaviour === "Wait") expect((await refresh(play)).Status).toBe("InProgress");
      await until(play, status);
      expect(await versions(play)).toEqual([version]);
      expect(events(play).at(-1)).toBe(status === "Failed" ? "Failed" : "Succeeded");
    }
  });

  it("fails after an hour of standby instances, by default (aws-semantics 3.3)", async () => {
    const play = await group(1);
    const InstanceIds = await play.ids();
    await play.call("EnterStandby", { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: true });
    await play.settle();
    await start(play);
    await until(play, "Failed");
    expect(await play.states()).toEqual(["Standby"]);
  });

  it("replaces what rests in the warm pool too", async () => {
    const play = await group(1);
    await play.call("PutWarmPool", { AutoScalingGroupName, MaxGroupPreparedCapacity: 2 });
    await play.settle();
    await start(play);
    await until(play, "Successful");
    await play.settle();
    const { Instances } = await play.call("DescribeWarmPool", { AutoScalingGroupName });
    expect(Instances?.map(({ LifecycleState, LaunchTemplate }) => [LifecycleState, LaunchTemplate?.Version])).toEqual([
      ["Warmed:Stopped", "2"],
    ]);
  });

  it("lasts at most 14 days (aws-semantics 3.3)", async () => {
    const play = stage({ timings: { groupPass: HOUR } });
    await play.create();
    await play.settle(3 * HOUR);
    const day = 24 * HOUR;
    await start(play, { CheckpointPercentages: [100], CheckpointDelay: 0, BakeTime: 15 * 86_400 });
    await play.settle(13 * day);
    expect((await refresh(play)).Status).toBe("Baking");
    await until(play, "Failed", 2 * day);
  });

  it("is cancelled once what is under way is done", async () => {
    const play = await group(4);
    await start(play, { MinHealthyPercentage: 75, InstanceWarmup: 60 });
    await play.settle(MINUTE);
    await play.call("CancelInstanceRefresh", { AutoScalingGroupName });
    expect((await refresh(play)).Status).toBe("Cancelling");
    await until(play, "Cancelled");
    expect(events(play)).toEqual(["Started", "Cancelled"]);
    expect(new Set(await versions(play))).toEqual(new Set(["1", "2"]));
    await expect(play.call("CancelInstanceRefresh", { AutoScalingGroupName })).rejects.toMatchObject({
      name: "ActiveInstanceRefreshNotFoundFault",
    });
  });

  it("rolls back to the previous configuration", async () => {
    const play = await group(4);
    await start(play, { MinHealthyPercentage: 50, InstanceWarmup: 60 });
    await play.settle(2 * MINUTE);
    expect(await versions(play)).toContain("2");
    await play.call("RollbackInstanceRefresh", { AutoScalingGroupName });
    await until(play, "RollbackSuccessful");
    expect(await versions(play)).toEqual(["1", "1", "1", "1"]);
    expect(await refresh(play)).toMatchObject({ RollbackDetails: { RollbackReason: expect.any(String) } });
    expect((await play.group()).LaunchTemplate?.Version).toBe("1");
  });

  it("cannot be rolled back without a fixed version to return to", async () => {
    const play = stage();
    await play.create({ LaunchTemplate: { LaunchTemplateName: "moodle", Version: "$Latest" } });
    await play.settle();
    await start(play, { InstanceWarmup: 600 });
    await play.settle(30 * SECOND);
    await expect(play.call("RollbackInstanceRefresh", { AutoScalingGroupName })).rejects.toMatchObject({
      name: "IrreversibleInstanceRefreshFault",
    });
  });

  it("runs one at a time, bakes, and waits while the process is suspended", async () => {
    const play = await group(1);
    await play.call("SuspendProcesses", { AutoScalingGroupName, ScalingProcesses: ["InstanceRefresh"] });
    await start(play, { BakeTime: 600 });
    await expect(start(play)).rejects.toMatchObject({ name: "InstanceRefreshInProgressFault" });
    await play.settle();
    expect((await refresh(play)).Status).toBe("Pending");
    await play.call("ResumeProcesses", { AutoScalingGroupName, ScalingProcesses: ["InstanceRefresh"] });
    await until(play, "Baking");
    const from = play.clock.now();
    await until(play, "Successful");
    expect(play.clock.now() - from).toBeGreaterThanOrEqual(600 * SECOND);
  });

  it("says of root volume replacement and alarms that they are not modelled", async () => {
    const play = await group(1);
    await expect(
      play.call("StartInstanceRefresh", { AutoScalingGroupName, Strategy: "ReplaceRootVolume" }),
    ).rejects.toMatchObject({ name: "NotImplemented" });
    await expect(start(play, { AlarmSpecification: { Alarms: ["any"] } })).rejects.toMatchObject({
      name: "NotImplemented",
    });
  });
});
