import { describe, expect, it } from "vitest";
import { MINUTE, SECOND, type Stage, stage, TARGET_GROUP } from "./stage.ts";

async function inService(more: Parameters<Stage["create"]>[0] = {}): Promise<{ play: Stage; id: string }> {
  const play = stage({ deregistrationDelay: 0 });
  await play.create({ TargetGroupARNs: [TARGET_GROUP], ...more });
  await play.clock.advanceUntil(async () => (await play.states())[0] === "InService", 2 * MINUTE);
  const [id = ""] = await play.ids();
  return { play, id };
}

const setHealth = (play: Stage, InstanceId: string, ShouldRespectGracePeriod?: boolean): Promise<unknown> =>
  play.call("SetInstanceHealth", { InstanceId, HealthStatus: "Unhealthy", ShouldRespectGracePeriod });

describe("health checks", () => {
  it("does not wait for a healthy target before InService, and then grants the grace period (aws-semantics 3.1)", async () => {
    const { play, id } = await inService({ HealthCheckType: "ELB", HealthCheckGracePeriod: 300 });
    expect(play.targets.health.get(id)).toBe("initial");
    play.targets.health.set(id, "unhealthy");
    await play.clock.advance(290 * SECOND);
    expect(await play.ids()).toEqual([id]);
    await play.clock.advance(MINUTE);
    expect(await play.ids()).not.toContain(id);
    expect((await play.activities()).map(({ Cause }) => Cause).join()).toContain("ELB system health check failure");
  });

  it("leaves an unhealthy target alone when the health check type is EC2", async () => {
    const { play, id } = await inService();
    play.targets.health.set(id, "unhealthy");
    await play.settle();
    expect(await play.ids()).toEqual([id]);
  });

  it("replaces an instance whose status checks fail", async () => {
    const { play, id } = await inService();
    play.instances.impaired.add(id);
    await play.settle();
    expect(await play.ids()).not.toContain(id);
    expect(await play.states()).toEqual(["InService"]);
  });

  it("replaces a stopped instance at once, whatever the grace period", async () => {
    const { play, id } = await inService({ HealthCheckGracePeriod: 3600 });
    play.instances.stop(id);
    await play.settle();
    expect(await play.ids()).not.toContain(id);
    expect(await play.states()).toEqual(["InService"]);
  });

  it("respects the grace period in SetInstanceHealth unless told not to (aws-semantics 3.3)", async () => {
    const { play, id } = await inService({ HealthCheckGracePeriod: 300 });
    await setHealth(play, id);
    await play.clock.advance(MINUTE);
    expect(await play.ids()).toEqual([id]);
    await setHealth(play, id, false);
    await play.settle();
    expect(await play.ids()).not.toContain(id);
  });

  it("does not stop a health-check replacement by scale-in protection (aws-semantics 3.3)", async () => {
    const { play, id } = await inService({ NewInstancesProtectedFromScaleIn: true });
    await setHealth(play, id);
    await play.settle();
    expect(await play.ids()).not.toContain(id);
    expect(await play.states()).toEqual(["InService"]);
  });

  it("launches before it terminates where the maintenance policy keeps 100 percent", async () => {
    const { play, id } = await inService({
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
    });
    await setHealth(play, id);
    await play.clock.advance(15 * SECOND);
    expect(await play.states()).toEqual(["InService", "Pending"]);
    await play.settle();
    expect(await play.states()).toEqual(["InService"]);
    expect(await play.ids()).not.toContain(id);
  });

  it("checks a maintenance policy: 0 to 100, 100 to 200, at most 100 apart (aws-semantics 3.3)", async () => {
    const play = stage();
    for (const [MinHealthyPercentage, MaxHealthyPercentage] of [
      [101, 150],
      [50, 99],
      [50, 201],
      [40, 150],
    ] as const) {
      const InstanceMaintenancePolicy = { MinHealthyPercentage, MaxHealthyPercentage };
      await expect(play.create({ InstanceMaintenancePolicy })).rejects.toMatchObject({ name: "ValidationError" });
    }
  });

  it("replaces instances that are older than the maximum lifetime", async () => {
    const { play, id } = await inService({ MaxInstanceLifetime: 86_400 });
    await play.settle(25 * 60 * MINUTE);
    expect(await play.ids()).not.toContain(id);
    expect(await play.states()).toEqual(["InService"]);
  });

  it("launches a successor before a Spot instance at risk goes, with capacity rebalancing", async () => {
    const play = stage();
    await play.call("CreateAutoScalingGroup", {
      AutoScalingGroupName: "moodle",
      MinSize: 1,
      MaxSize: 1,
      CapacityRebalance: true,
      VPCZoneIdentifier: "subnet-a",
      MixedInstancesPolicy: {
        LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: "moodle", Version: "1" } },
        InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 },
      },
    });
    await play.settle();
    const [id = ""] = await play.ids();
    const metadata = play.metadata.get(id);
    if (metadata !== undefined) metadata.rebalance = { noticeTime: "2026-01-05T08:10:00Z" };
    await play.clock.advance(15 * SECOND);
    expect(await play.states()).toEqual(["InService", "Pending"]);
    await play.settle();
    expect(await play.ids()).not.toContain(id);
  });
});

describe("scale-in protection", () => {
  it("keeps protected instances although desired capacity drops (aws-semantics 3.3)", async () => {
    const { play, id } = await inService({ DesiredCapacity: 2 });
    await play.settle();
    const ids = await play.ids();
    const protect = (InstanceIds: string[], ProtectedFromScaleIn = true): Promise<unknown> =>
      play.call("SetInstanceProtection", { AutoScalingGroupName: "moodle", InstanceIds, ProtectedFromScaleIn });
    await protect(ids);
    await play.call("SetDesiredCapacity", { AutoScalingGroupName: "moodle", DesiredCapacity: 0 });
    await play.settle();
    expect(await play.states()).toEqual(["InService", "InService"]);
    expect((await play.group()).DesiredCapacity).toBe(0);
    await protect([id], false);
    await play.settle();
    expect(await play.ids()).toEqual(ids.filter((each) => each !== id));
    await play.call("TerminateInstanceInAutoScalingGroup", {
      InstanceId: ids[1] ?? "",
      ShouldDecrementDesiredCapacity: false,
    });
    await play.settle();
    expect(await play.ids()).toEqual([]);
  });

  it("takes up to 50 ids of its own group (aws-semantics 3.3)", async () => {
    const { play } = await inService();
    const protect = (InstanceIds: string[]): Promise<unknown> =>
      play.call("SetInstanceProtection", { AutoScalingGroupName: "moodle", InstanceIds, ProtectedFromScaleIn: true });
    await expect(protect(Array.from({ length: 51 }, () => "i-1"))).rejects.toMatchObject({ name: "ValidationError" });
    await expect(protect(["i-00000000000000000"])).rejects.toMatchObject({
      message: "The instance i-00000000000000000 is not part of Auto Scaling group moodle.",
    });
  });
});
