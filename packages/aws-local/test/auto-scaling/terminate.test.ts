import { describe, expect, it } from "vitest";
import { LAUNCH_HOOK, MINUTE, SECOND, type Stage, stage, TARGET_GROUP, TERMINATE_HOOK } from "./stage.ts";

async function inService(more: Parameters<Stage["create"]>[0] = {}): Promise<{ play: Stage; id: string }> {
  const play = stage();
  await play.create({
    LifecycleHookSpecificationList: [TERMINATE_HOOK],
    TargetGroupARNs: [TARGET_GROUP],
    ...more,
  });
  await play.settle();
  const [id = ""] = await play.ids();
  return { play, id };
}

const shrink = ({ call }: Stage): Promise<unknown> =>
  call("SetDesiredCapacity", { AutoScalingGroupName: "moodle", DesiredCapacity: 0 });

describe("terminating", () => {
  it("deregisters, waits the whole deregistration delay, then Terminating:Wait, then terminates (aws-semantics 3.1)", async () => {
    const { play, id } = await inService();
    await shrink(play);
    await play.clock.advance(2 * SECOND);
    expect(await play.states()).toEqual(["Terminating"]);
    expect((await play.activities())[0]?.StatusCode).toBe("WaitingForELBConnectionDraining");
    await play.clock.advance(5 * MINUTE - 10 * SECOND);
    expect(await play.states()).toEqual(["Terminating"]);
    expect(play.ofType("EC2 Instance-terminate Lifecycle Action")).toEqual([]);
    await play.clock.advance(20 * SECOND);
    expect(await play.states()).toEqual(["Terminating:Wait"]);
    expect((await play.activities())[0]?.StatusCode).toBe("MidLifecycleAction");
    expect(play.instances.all.get(id)?.state).toBe("running");
    await play.call("CompleteLifecycleAction", {
      AutoScalingGroupName: "moodle",
      LifecycleHookName: "warden-terminate",
      LifecycleActionResult: "CONTINUE",
      InstanceId: id,
    });
    expect(await play.states()).toEqual(["Terminating:Proceed"]);
    await play.clock.advance(20 * SECOND);
    expect(play.instances.all.get(id)?.state).toBe("terminated");
    expect(await play.ids()).toEqual([]);
    expect((await play.activities())[0]?.StatusCode).toBe("Successful");
  });

  it("gives no wait to an instance terminated in EC2, and replaces it once the health check notices (aws-semantics 3.1)", async () => {
    const { play, id } = await inService();
    play.instances.terminate(id);
    await play.settle(MINUTE);
    expect(play.ofType("EC2 Instance-terminate Lifecycle Action")).toEqual([]);
    const ids = await play.ids();
    expect(ids).not.toContain(id);
    expect(await play.states()).toEqual(["InService"]);
    const causes = (await play.activities()).map(({ Cause }) => Cause).join();
    expect(causes).toContain("EC2 health check indicating it has been terminated or stopped");
  });

  it("does not stop an instance from ending while its terminate hook waits, as spot reclaim does (aws-semantics 3.1)", async () => {
    const { play, id } = await inService();
    await shrink(play);
    await play.settle(5 * MINUTE + 10 * SECOND);
    expect(await play.states()).toEqual(["Terminating:Wait"]);
    play.instances.terminate(id);
    await play.settle(MINUTE);
    expect(await play.ids()).toEqual([]);
    const complete = play.call("CompleteLifecycleAction", {
      AutoScalingGroupName: "moodle",
      LifecycleHookName: "warden-terminate",
      LifecycleActionResult: "CONTINUE",
      InstanceId: id,
    });
    await expect(complete).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("runs no hooks and does not wait when the group is force-deleted (aws-semantics 3.1)", async () => {
    const { play, id } = await inService();
    await play.call("DeleteAutoScalingGroup", { AutoScalingGroupName: "moodle", ForceDelete: true });
    expect((await play.group()).Status).toBe("Delete in progress");
    await expect(shrink(play)).rejects.toMatchObject({ name: "ValidationError" });
    await play.settle(MINUTE);
    expect(play.ofType("EC2 Instance-terminate Lifecycle Action")).toEqual([]);
    expect(play.instances.all.get(id)?.state).toBe("terminated");
    const { AutoScalingGroups } = await play.call("DescribeAutoScalingGroups", {});
    expect(AutoScalingGroups).toEqual([]);
  });

  it("deletes outstanding lifecycle actions with a force-deleted group", async () => {
    const play = stage();
    await play.create({ LifecycleHookSpecificationList: [LAUNCH_HOOK] });
    await play.settle(MINUTE);
    expect(await play.states()).toEqual(["Pending:Wait"]);
    await play.call("DeleteAutoScalingGroup", { AutoScalingGroupName: "moodle", ForceDelete: true });
    await play.settle(MINUTE);
    const { AutoScalingGroups } = await play.call("DescribeAutoScalingGroups", {});
    expect(AutoScalingGroups).toEqual([]);
  });

  it("refuses to delete a group that still has instances", async () => {
    const { play } = await inService();
    await expect(play.call("DeleteAutoScalingGroup", { AutoScalingGroupName: "moodle" })).rejects.toMatchObject({
      name: "ResourceInUseFault",
    });
  });

  it("terminates by request, with replacement or with a smaller group", async () => {
    const { play, id } = await inService({ DesiredCapacity: 2, LifecycleHookSpecificationList: [] });
    const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean): Promise<unknown> =>
      play.call("TerminateInstanceInAutoScalingGroup", { InstanceId, ShouldDecrementDesiredCapacity });
    await terminate(id, true);
    await play.settle(6 * MINUTE);
    expect((await play.group()).DesiredCapacity).toBe(1);
    expect(await play.states()).toEqual(["InService"]);
    const [second = ""] = await play.ids();
    await terminate(second, false);
    await play.settle(6 * MINUTE);
    expect(await play.states()).toEqual(["InService"]);
    expect(await play.ids()).not.toContain(second);
    await expect(terminate("i-00000000000000000", false)).rejects.toMatchObject({
      name: "ValidationError",
      message: "Instance Id not found - No managed instance found for instance ID: i-00000000000000000",
    });
  });

  it("does not shrink under the minimum", async () => {
    const { play, id } = await inService({ MinSize: 1 });
    const call = play.call("TerminateInstanceInAutoScalingGroup", {
      InstanceId: id,
      ShouldDecrementDesiredCapacity: true,
    });
    await expect(call).rejects.toMatchObject({ name: "ValidationError" });
    expect(await play.states()).toEqual(["InService"]);
  });

  it("launches the replacement at the same time as it terminates, by default (instance maintenance policy guide)", async () => {
    const { play, id } = await inService();
    await play.call("TerminateInstanceInAutoScalingGroup", { InstanceId: id, ShouldDecrementDesiredCapacity: false });
    await play.clock.advance(40 * SECOND);
    expect(await play.states()).toEqual(["Terminating", "InService"]);
  });

  it("tells the machine its target lifecycle state", async () => {
    const { play, id } = await inService();
    expect(play.metadata.get(id)?.targetLifecycleState).toBe("InService");
    await shrink(play);
    await play.clock.advance(2 * SECOND);
    expect(play.metadata.get(id)?.targetLifecycleState).toBe("Terminated");
  });
});
