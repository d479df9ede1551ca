import { describe, expect, it } from "vitest";
import { LAUNCH_HOOK, MINUTE, SECOND, type Stage, stage, TARGET_GROUP, TERMINATE_HOOK } from "./stage.ts";

const AutoScalingGroupName = "moodle";

async function pool(play: Stage): Promise<{ InstanceId?: string | undefined; LifecycleState?: string | undefined }[]> {
  const { Instances } = await play.call("DescribeWarmPool", { AutoScalingGroupName });
  return Instances ?? [];
}

const poolStates = async (play: Stage): Promise<unknown[]> => (await pool(play)).map((each) => each.LifecycleState);

async function complete(play: Stage, LifecycleHookName: string, InstanceId: string): Promise<void> {
  await play.call("CompleteLifecycleAction", {
    AutoScalingGroupName,
    LifecycleHookName,
    InstanceId,
    LifecycleActionResult: "CONTINUE",
  });
}

/** An empty group with one warmed instance. */
async function warmed(
  more: { ReuseOnScaleIn?: boolean; PoolState?: "Running" } = {},
): Promise<{ play: Stage; id: string }> {
  const play = stage({ deregistrationDelay: 0 });
  await play.create({
    DesiredCapacity: 0,
    LifecycleHookSpecificationList: [LAUNCH_HOOK, TERMINATE_HOOK],
    TargetGroupARNs: [TARGET_GROUP],
  });
  const { ReuseOnScaleIn, ...others } = more;
  await play.call("PutWarmPool", {
    AutoScalingGroupName,
    MinSize: 1,
    MaxGroupPreparedCapacity: 1,
    InstanceReusePolicy: { ReuseOnScaleIn },
    ...others,
  });
  await play.settle(40 * SECOND);
  const [id = ""] = (await pool(play)).map(({ InstanceId }) => InstanceId ?? "");
  return { play, id };
}

describe("warm pools", () => {
  it("fires the launch hook twice for a pooled instance, with origin and destination (aws-semantics 3.2)", async () => {
    const { play, id } = await warmed();
    expect(await poolStates(play)).toEqual(["Warmed:Pending:Wait"]);
    expect(play.metadata.get(id)?.targetLifecycleState).toBe("Warmed:Stopped");
    await complete(play, "warden-launch", id);
    await play.settle(MINUTE);
    expect(await poolStates(play)).toEqual(["Warmed:Stopped"]);
    expect(play.instances.all.get(id)?.state).toBe("stopped");
    expect(await play.ids()).toEqual([]);

    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 1 });
    await play.clock.advance(30 * SECOND);
    expect(await play.ids()).toEqual([id]);
    expect(await play.states()).toEqual(["Pending:Wait"]);
    const passages = play
      .ofType("EC2 Instance-launch Lifecycle Action")
      .filter(({ detail }) => detail["EC2InstanceId"] === id)
      .map(({ detail }) => [detail["Origin"], detail["Destination"]]);
    expect(passages).toEqual([
      ["EC2", "WarmPool"],
      ["WarmPool", "AutoScalingGroup"],
    ]);
    await complete(play, "warden-launch", id);
    await play.clock.advance(5 * SECOND);
    expect(await play.states()).toEqual(["InService"]);
    expect(play.metadata.get(id)?.targetLifecycleState).toBe("InService");
  });

  it("gives the two passages of one instance different tokens", async () => {
    const { play, id } = await warmed();
    await complete(play, "warden-launch", id);
    await play.settle(MINUTE);
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 1 });
    await play.settle(MINUTE);
    const tokens = play
      .ofType("EC2 Instance-launch Lifecycle Action")
      .filter(({ detail }) => detail["EC2InstanceId"] === id)
      .map(({ detail }) => detail["LifecycleActionToken"]);
    expect(new Set(tokens).size).toBe(2);
  });

  it("returns instances to the pool on scale-in with a reuse policy: a terminate event that ends nothing (aws-semantics 3.2)", async () => {
    const { play, id } = await warmed({ ReuseOnScaleIn: true });
    await complete(play, "warden-launch", id);
    await play.settle(MINUTE);
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 1 });
    await play.settle(MINUTE);
    await complete(play, "warden-launch", id);
    await play.settle(MINUTE);
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 0 });
    // The pool has room for it beside the one that took its place.
    await play.call("PutWarmPool", { AutoScalingGroupName, MinSize: 2 });
    await play.settle(MINUTE);
    const event = play.ofType("EC2 Instance-terminate Lifecycle Action")[0];
    expect(event?.detail).toMatchObject({ EC2InstanceId: id, Origin: "AutoScalingGroup", Destination: "WarmPool" });
    expect(play.metadata.get(id)?.targetLifecycleState).toBe("Warmed:Stopped");
    await complete(play, "warden-terminate", id);
    await play.settle(MINUTE);
    expect(play.instances.all.get(id)?.state).toBe("stopped");
    expect((await pool(play)).find(({ InstanceId }) => InstanceId === id)?.LifecycleState).toBe("Warmed:Stopped");
  });

  it("does not allow TerminateInstanceInAutoScalingGroup in the pool (aws-semantics 3.2)", async () => {
    const { play, id } = await warmed();
    const call = play.call("TerminateInstanceInAutoScalingGroup", {
      InstanceId: id,
      ShouldDecrementDesiredCapacity: false,
    });
    await expect(call).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("keeps as many prepared as the group could still grow, running if so wished", async () => {
    const play = stage();
    await play.create({ DesiredCapacity: 1, MaxSize: 3 });
    await play.call("PutWarmPool", { AutoScalingGroupName, PoolState: "Running" });
    await play.settle();
    expect(await poolStates(play)).toEqual(["Warmed:Running", "Warmed:Running"]);
    expect((await play.group()).WarmPoolSize).toBe(2);
    expect(await play.states()).toEqual(["InService"]);
    const { AutoScalingInstances } = await play.call("DescribeAutoScalingInstances", {});
    expect(AutoScalingInstances).toHaveLength(3);
  });

  it("ends with its instances when it is deleted", async () => {
    const play = stage();
    await play.create({ MaxSize: 3 });
    await play.call("PutWarmPool", { AutoScalingGroupName });
    await play.settle();
    await play.call("DeleteWarmPool", { AutoScalingGroupName });
    expect((await play.group()).WarmPoolConfiguration?.Status).toBe("PendingDelete");
    await play.settle();
    expect((await play.group()).WarmPoolConfiguration).toBeUndefined();
    expect([...play.instances.all.values()].filter(({ state }) => state !== "terminated")).toHaveLength(1);
  });
});
