import { describe, expect, it } from "vitest";
import { HOUR, LAUNCH_HOOK, MINUTE, SECOND, type Stage, stage, TARGET_GROUP } from "./stage.ts";

const setDesired = ({ call }: Stage, DesiredCapacity: number): Promise<unknown> =>
  call("SetDesiredCapacity", { AutoScalingGroupName: "moodle", DesiredCapacity });

const suspend = ({ call }: Stage, ...ScalingProcesses: string[]): Promise<unknown> =>
  call("SuspendProcesses", { AutoScalingGroupName: "moodle", ScalingProcesses });

const resume = ({ call }: Stage, ...ScalingProcesses: string[]): Promise<unknown> =>
  call("ResumeProcesses", { AutoScalingGroupName: "moodle", ScalingProcesses });

async function zones(play: Stage): Promise<string[]> {
  return ((await play.group()).Instances ?? []).map(({ AvailabilityZone }) => AvailabilityZone ?? "").sort();
}

const A = "eu-west-1a";
const B = "eu-west-1b";

describe("sizes", () => {
  it("refuses a desired capacity outside the limits, with AWS's words", async () => {
    const play = stage();
    await play.create({ MinSize: 1, MaxSize: 4 });
    await expect(setDesired(play, 9)).rejects.toMatchObject({
      name: "ValidationError",
      message: "New SetDesiredCapacity value 9 is above max value 4 for the AutoScalingGroup.",
    });
    await expect(setDesired(play, 0)).rejects.toMatchObject({
      message: "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.",
    });
    await expect(
      play.call("UpdateAutoScalingGroup", { AutoScalingGroupName: "moodle", DesiredCapacity: 5 }),
    ).rejects.toMatchObject({
      message: "Desired capacity:5 must be between the specified min size:1 and max size:4",
    });
  });

  it("moves desired capacity with a new minimum or maximum", async () => {
    const play = stage();
    await play.create({ DesiredCapacity: 2 });
    const update = (sizes: { MinSize?: number; MaxSize?: number }): Promise<unknown> =>
      play.call("UpdateAutoScalingGroup", { AutoScalingGroupName: "moodle", ...sizes });
    await update({ MinSize: 3 });
    expect((await play.group()).DesiredCapacity).toBe(3);
    await update({ MinSize: 0, MaxSize: 1 });
    expect((await play.group()).DesiredCapacity).toBe(1);
    await expect(update({ MinSize: 2 })).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("refuses a second group of the same name, an unknown group and an unknown target group", async () => {
    const play = stage();
    await play.create();
    await expect(play.create()).rejects.toMatchObject({ name: "AlreadyExistsFault" });
    await expect(
      play.call("SetDesiredCapacity", { AutoScalingGroupName: "other", DesiredCapacity: 1 }),
    ).rejects.toMatchObject({
      name: "ValidationError",
      message: expect.stringContaining("AutoScalingGroup name not found"),
    });
    await expect(
      play.create({ AutoScalingGroupName: "other", TargetGroupARNs: ["arn:aws:elasticloadbalancing:none"] }),
    ).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("says of parameters that it does not model that it does not model them", async () => {
    const play = stage();
    await expect(play.create({ PlacementGroup: "near" })).rejects.toMatchObject({
      name: "NotImplemented",
      status: 501,
    });
    await expect(play.create({ HealthCheckType: "VPC_LATTICE" })).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("launching and scaling in", () => {
  it("spreads instances evenly over the zones, and scales in from the fullest", async () => {
    const play = stage();
    await play.create({ DesiredCapacity: 5 });
    await play.settle();
    expect(await zones(play)).toEqual([A, A, A, B, B]);
    await suspend(play, "AZRebalance");
    await setDesired(play, 2);
    await play.settle();
    expect(await zones(play)).toEqual([A, B]);
  });

  it("launches in another zone where one has no capacity, and rebalances when it has again", async () => {
    const play = stage();
    play.instances.fullZones.add(A);
    await play.create({ DesiredCapacity: 4 });
    await play.settle(MINUTE);
    expect(await zones(play)).toEqual([B, B, B, B]);
    play.instances.fullZones.clear();
    await play.settle(10 * MINUTE);
    expect(await zones(play)).toEqual([A, A, B, B]);
  });

  it("may exceed the maximum by 10 percent or one instance while it rebalances (aws-semantics 3.3)", async () => {
    const play = stage();
    play.instances.fullZones.add(A);
    await play.create({ DesiredCapacity: 4, MaxSize: 4 });
    await play.settle(MINUTE);
    play.instances.fullZones.clear();
    let most = 0;
    await play.clock.advanceUntil(async () => {
      most = Math.max(most, (await play.ids()).length);
      return (await zones(play)).join() === [A, A, B, B].join();
    }, HOUR);
    expect(most).toBe(5);
  });

  it("does not rebalance while AZRebalance is suspended (aws-semantics 3.3)", async () => {
    const play = stage();
    play.instances.fullZones.add(A);
    await play.create({ DesiredCapacity: 4 });
    await suspend(play, "AZRebalance");
    await play.settle(MINUTE);
    play.instances.fullZones.clear();
    await play.settle(HOUR);
    expect(await zones(play)).toEqual([B, B, B, B]);
    await resume(play, "AZRebalance");
    await play.settle(10 * MINUTE);
    expect(await zones(play)).toEqual([A, A, B, B]);
  });

  it("launches the successor of a replaced instance in its zone", async () => {
    const play = stage();
    await play.create({
      DesiredCapacity: 2,
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
    });
    await play.settle();
    await suspend(play, "AZRebalance");
    const inB = (await play.group()).Instances?.find(({ AvailabilityZone }) => AvailabilityZone === B);
    await play.call("SetInstanceHealth", { InstanceId: inB?.InstanceId ?? "", HealthStatus: "Unhealthy" });
    await play.settle();
    expect(await zones(play)).toEqual([A, B]);
    expect(await play.ids()).not.toContain(inB?.InstanceId);
  });

  it("notes a launch that failed everywhere, and tries again", async () => {
    const play = stage();
    play.instances.fullZones.add(A).add(B);
    await play.create();
    await play.settle(MINUTE);
    expect((await play.activities())[0]).toMatchObject({ StatusCode: "Failed" });
    expect(play.ofType("EC2 Instance Launch Unsuccessful")[0]?.detail).toMatchObject({ StatusCode: "Failed" });
    play.instances.fullZones.clear();
    await play.settle(HOUR);
    expect(await play.states()).toEqual(["InService"]);
  });

  it("never takes from service what pending instances have not yet replaced", async () => {
    const play = stage();
    await play.create({ DesiredCapacity: 2 });
    await play.settle();
    await play.call("PutLifecycleHook", { AutoScalingGroupName: "moodle", ...LAUNCH_HOOK });
    await setDesired(play, 4);
    await play.settle(MINUTE);
    await setDesired(play, 2);
    await play.settle(MINUTE);
    expect(await play.states()).toEqual(["InService", "InService", "Pending:Wait", "Pending:Wait"]);
  });

  it("chooses by termination policy", async () => {
    for (const [policy, left] of [
      ["OldestInstance", 1],
      ["NewestInstance", 0],
    ] as const) {
      const play = stage();
      await play.create({ TerminationPolicies: [policy], VPCZoneIdentifier: "subnet-a" });
      await play.settle();
      await setDesired(play, 2);
      await play.settle();
      const ids = await play.ids();
      await setDesired(play, 1);
      await play.settle();
      expect(await play.ids()).toEqual([ids[left]]);
    }
  });

  it("takes those with an old launch template version first, by default", async () => {
    const play = stage();
    await play.create({ VPCZoneIdentifier: "subnet-a" });
    await play.settle();
    await play.call("UpdateAutoScalingGroup", {
      AutoScalingGroupName: "moodle",
      LaunchTemplate: { LaunchTemplateName: "moodle", Version: "2" },
      DesiredCapacity: 3,
    });
    await play.settle();
    const [old = "", ...others] = await play.ids();
    await setDesired(play, 2);
    await play.settle();
    expect(await play.ids()).toEqual(others);
    expect(others).not.toContain(old);
  });

  it("tags instances with the group's name and the tags that propagate", async () => {
    const play = stage();
    await play.create({
      Tags: [
        { Key: "site", Value: "moodle", PropagateAtLaunch: true },
        { Key: "note", Value: "x", PropagateAtLaunch: false },
      ],
    });
    await play.settle();
    const [instance] = play.instances.all.values();
    expect(instance?.tags).toMatchObject({ site: "moodle", from: "template", "aws:autoscaling:groupName": "moodle" });
    expect(instance?.tags).not.toHaveProperty("note");
  });

  it("launches the Spot share of a mixed instances policy", async () => {
    const play = stage();
    await play.call("CreateAutoScalingGroup", {
      AutoScalingGroupName: "moodle",
      MinSize: 4,
      MaxSize: 4,
      VPCZoneIdentifier: "subnet-a",
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateName: "moodle", Version: "1" },
          Overrides: [{ InstanceType: "m6i.large" }, { InstanceType: "m5.large" }],
        },
        InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 0 },
      },
    });
    await play.settle();
    const launched = [...play.instances.all.values()];
    expect(launched.map(({ spot }) => spot)).toEqual([false, true, true, true]);
    expect(launched[0]?.instanceType).toBe("m6i.large");
  });
});

describe("suspended processes", () => {
  it("launches nothing while Launch is suspended, terminates nothing while Terminate is (aws-semantics 3.3)", async () => {
    const play = stage();
    await play.create();
    await play.settle();
    await suspend(play, "Launch");
    await setDesired(play, 2);
    await play.settle();
    expect(await play.states()).toEqual(["InService"]);
    await resume(play, "Launch");
    await play.settle();
    expect(await play.states()).toEqual(["InService", "InService"]);
    await suspend(play, "Terminate");
    await setDesired(play, 0);
    await play.settle();
    expect(await play.states()).toEqual(["InService", "InService"]);
    await resume(play);
    await play.settle();
    expect(await play.states()).toEqual([]);
  });

  it("replaces nothing unhealthy while ReplaceUnhealthy is suspended, notices nothing while HealthCheck is (aws-semantics 3.3)", async () => {
    for (const process of ["ReplaceUnhealthy", "HealthCheck"]) {
      const play = stage();
      await play.create();
      await play.settle();
      const [id = ""] = await play.ids();
      await suspend(play, process);
      play.instances.impaired.add(id);
      await play.settle();
      expect(await play.ids()).toEqual([id]);
      const health = (await play.group()).Instances?.[0]?.HealthStatus;
      expect(health).toBe(process === "HealthCheck" ? "Healthy" : "Unhealthy");
    }
  });

  it("does not register with the load balancer while AddToLoadBalancer is suspended (aws-semantics 3.3)", async () => {
    const play = stage();
    await play.create({ DesiredCapacity: 0, TargetGroupARNs: [TARGET_GROUP] });
    await suspend(play, "AddToLoadBalancer");
    await setDesired(play, 1);
    await play.settle();
    expect(await play.states()).toEqual(["InService"]);
    expect(play.targets.log).toEqual([]);
  });

  it("shows what is suspended and refuses unknown processes", async () => {
    const play = stage();
    await play.create();
    await suspend(play, "AZRebalance");
    expect((await play.group()).SuspendedProcesses).toMatchObject([{ ProcessName: "AZRebalance" }]);
    await expect(suspend(play, "Dance")).rejects.toMatchObject({ name: "ValidationError" });
  });
});

describe("target groups", () => {
  it("registers members with a target group that is attached later, and drains them when it is detached", async () => {
    const play = stage();
    await play.create();
    await play.settle();
    const input = { AutoScalingGroupName: "moodle", TargetGroupARNs: [TARGET_GROUP] };
    await play.call("AttachLoadBalancerTargetGroups", input);
    const state = async (): Promise<string | undefined> => {
      const answer = await play.call("DescribeLoadBalancerTargetGroups", { AutoScalingGroupName: "moodle" });
      return answer.LoadBalancerTargetGroups?.[0]?.State;
    };
    expect(await state()).toBe("Added");
    for (const id of await play.ids()) play.targets.health.set(id, "healthy");
    expect(await state()).toBe("InService");
    await play.call("DetachLoadBalancerTargetGroups", input);
    expect(await state()).toBe("Removing");
    await play.settle(6 * MINUTE);
    expect(await state()).toBeUndefined();
    expect(await play.states()).toEqual(["InService"]);
  });

  it("shows a target group of the creation as InService at once (DescribeLoadBalancerTargetGroups)", async () => {
    const play = stage();
    await play.create({ TargetGroupARNs: [TARGET_GROUP] });
    const answer = await play.call("DescribeTrafficSources", { AutoScalingGroupName: "moodle" });
    expect(answer.TrafficSources).toMatchObject([{ Identifier: TARGET_GROUP, Type: "elbv2", State: "InService" }]);
  });
});

describe("speed", () => {
  it("brings a thousand instances in service and keeps them for an hour without quadratic work", async () => {
    const play = stage();
    await play.create({ MinSize: 1_000, MaxSize: 1_000, DesiredCapacity: 1_000, TargetGroupARNs: [TARGET_GROUP] });
    await play.clock.advance(40 * SECOND);
    const states = await play.states();
    expect(states).toHaveLength(1_000);
    expect(new Set(states)).toEqual(new Set(["InService"]));
    await play.settle(HOUR);
    expect(await play.states()).toHaveLength(1_000);
  });
});
