import { describe, expect, it } from "vitest";
import { HOUR, LAUNCH_HOOK, MINUTE, QUEUE, SECOND, type Stage, stage, TERMINATE_HOOK, TOPIC } from "./stage.ts";

const complete = (
  { call }: Stage,
  by: { InstanceId?: string; LifecycleActionToken?: string },
  LifecycleActionResult = "CONTINUE",
  LifecycleHookName = "warden-launch",
): Promise<unknown> =>
  call("CompleteLifecycleAction", {
    AutoScalingGroupName: "moodle",
    LifecycleHookName,
    LifecycleActionResult,
    ...by,
  });

const heartbeat = ({ call }: Stage, InstanceId: string): Promise<unknown> =>
  call("RecordLifecycleActionHeartbeat", {
    AutoScalingGroupName: "moodle",
    LifecycleHookName: "warden-launch",
    InstanceId,
  });

/** One instance that waits for its launch hook. */
async function waiting(hooks = [LAUNCH_HOOK]): Promise<{ play: Stage; id: string }> {
  const play = stage();
  await play.create({ LifecycleHookSpecificationList: hooks });
  await play.clock.advanceUntil(async () => (await play.states())[0] === "Pending:Wait", MINUTE);
  const [id = ""] = await play.ids();
  return { play, id };
}

describe("lifecycle hooks", () => {
  it("lets a heartbeat time-out of 30 to 7200 seconds, 3600 by default, and ABANDON by default (aws-semantics 3.1)", async () => {
    const { call, create } = stage();
    await create({ DesiredCapacity: 0 });
    const put = (HeartbeatTimeout?: number): Promise<unknown> =>
      call("PutLifecycleHook", {
        AutoScalingGroupName: "moodle",
        LifecycleHookName: "hook",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
        HeartbeatTimeout,
      });
    await expect(put(29)).rejects.toMatchObject({ name: "ValidationError" });
    await expect(put(7201)).rejects.toMatchObject({ name: "ValidationError" });
    await put();
    const { LifecycleHooks: hooks } = await call("DescribeLifecycleHooks", { AutoScalingGroupName: "moodle" });
    expect(hooks).toMatchObject([{ HeartbeatTimeout: 3600, DefaultResult: "ABANDON" }]);
  });

  it("allows 50 hooks a group (aws-semantics 3.1)", async () => {
    const { call, create } = stage();
    await create({ DesiredCapacity: 0 });
    const put = (name: string): Promise<unknown> =>
      call("PutLifecycleHook", { AutoScalingGroupName: "moodle", ...LAUNCH_HOOK, LifecycleHookName: name });
    for (let number = 0; number < 50; number += 1) await put(`hook-${number}`);
    await expect(put("one-more")).rejects.toMatchObject({ name: "LimitExceededFault" });
  });

  it("answers GlobalTimeout as the smaller of 48 hours and 100 heartbeat time-outs (aws-semantics 3.1)", async () => {
    const { call, create } = stage();
    const longest = { ...TERMINATE_HOOK, HeartbeatTimeout: 7200 };
    await create({ LifecycleHookSpecificationList: [{ ...LAUNCH_HOOK, HeartbeatTimeout: 30 }, longest] });
    const { LifecycleHooks: hooks } = await call("DescribeLifecycleHooks", { AutoScalingGroupName: "moodle" });
    expect(hooks?.map(({ GlobalTimeout }) => GlobalTimeout)).toEqual([3_000, 172_800]);
  });

  it("restarts the countdown at the configured time-out on a heartbeat (aws-semantics 3.1)", async () => {
    const { play, id } = await waiting();
    await play.clock.advance(4 * MINUTE);
    await heartbeat(play, id);
    await play.clock.advance(5 * MINUTE - SECOND);
    expect(await play.states()).toEqual(["Pending:Wait"]);
    await play.clock.advance(2 * SECOND);
    expect((await play.states())[0]).toMatch(/^Terminating/);
  });

  it("lets no heartbeat go past the global limit (aws-semantics 3.1)", async () => {
    const { play, id } = await waiting([{ ...LAUNCH_HOOK, HeartbeatTimeout: 30 }]);
    let beats = 0;
    await play.clock.advanceUntil(async () => {
      if ((await play.states())[0] !== "Pending:Wait") return true;
      if (play.clock.now() >= Date.UTC(2026, 0, 5, 8) + beats * 20 * SECOND) {
        beats += 1;
        await heartbeat(play, id);
      }
      return false;
    }, 2 * HOUR);
    const waited = play.clock.now() - Date.UTC(2026, 0, 5, 8);
    expect(waited).toBeGreaterThan(49 * MINUTE);
    expect(waited).toBeLessThan(51 * MINUTE);
  });

  it("identifies the action by token or by instance id (aws-semantics 3.1)", async () => {
    const one = await waiting();
    await complete(one.play, { InstanceId: one.id });
    expect(await one.play.states()).toEqual(["Pending:Proceed"]);
    const other = await waiting();
    const token = other.play.ofType("EC2 Instance-launch Lifecycle Action")[0]?.detail["LifecycleActionToken"];
    await complete(other.play, { LifecycleActionToken: String(token) });
    expect(await other.play.states()).toEqual(["Pending:Proceed"]);
  });

  it("answers a heartbeat or completion without an active action with ValidationError (aws-semantics 3.1)", async () => {
    const { play, id } = await waiting();
    await complete(play, { InstanceId: id });
    const name = "ValidationError";
    await expect(complete(play, { InstanceId: id })).rejects.toMatchObject({
      name,
      message: `No active Lifecycle Action found with instance ID ${id}`,
    });
    await expect(heartbeat(play, id)).rejects.toMatchObject({ name });
    const token = "00000000-0000-4000-8000-000000000000";
    await expect(complete(play, { LifecycleActionToken: token })).rejects.toMatchObject({
      name,
      message: `No active Lifecycle Action found with token ${token}`,
    });
  });

  it("terminates and replaces an instance whose launch was abandoned (aws-semantics 3.1)", async () => {
    const { play, id } = await waiting();
    await complete(play, { InstanceId: id }, "ABANDON");
    await play.settle(MINUTE);
    expect(await play.ids()).not.toContain(id);
    expect(await play.states()).toEqual(["Pending:Wait"]);
    expect(play.instances.all.get(id)?.state).toBe("terminated");
    expect(play.ofType("EC2 Instance Launch Unsuccessful")[0]?.detail).toMatchObject({
      StatusCode: "Failed",
      EC2InstanceId: id,
    });
  });

  it("runs all hooks of a transition at once and waits for every one (aws-semantics 3.1)", async () => {
    const { play, id } = await waiting([LAUNCH_HOOK, { ...LAUNCH_HOOK, LifecycleHookName: "other" }]);
    expect(play.ofType("EC2 Instance-launch Lifecycle Action")).toHaveLength(2);
    await complete(play, { InstanceId: id });
    expect(await play.states()).toEqual(["Pending:Wait"]);
    await complete(play, { InstanceId: id }, "CONTINUE", "other");
    expect(await play.states()).toEqual(["Pending:Proceed"]);
  });

  it("skips the remaining terminate hooks after ABANDON, and waits for them after CONTINUE (aws-semantics 3.1)", async () => {
    for (const result of ["ABANDON", "CONTINUE"]) {
      const play = stage();
      await play.create({
        LifecycleHookSpecificationList: [TERMINATE_HOOK, { ...TERMINATE_HOOK, LifecycleHookName: "other" }],
      });
      await play.settle();
      const [id = ""] = await play.ids();
      await play.call("SetDesiredCapacity", { AutoScalingGroupName: "moodle", DesiredCapacity: 0 });
      await play.clock.advance(5 * SECOND);
      expect(await play.states()).toEqual(["Terminating:Wait"]);
      await complete(play, { InstanceId: id }, result, "other");
      expect(await play.states()).toEqual([result === "ABANDON" ? "Terminating:Proceed" : "Terminating:Wait"]);
    }
  });

  it("terminates either way when a terminate hook ends (aws-semantics 3.1)", async () => {
    const play = stage();
    await play.create({ LifecycleHookSpecificationList: [{ ...TERMINATE_HOOK, DefaultResult: "ABANDON" }] });
    await play.settle();
    const [id = ""] = await play.ids();
    await play.call("SetDesiredCapacity", { AutoScalingGroupName: "moodle", DesiredCapacity: 0 });
    await play.settle(6 * MINUTE);
    expect(await play.ids()).toEqual([]);
    expect(play.instances.all.get(id)?.state).toBe("terminated");
  });

  it("retains an instance whose terminate hook was abandoned until it is terminated by hand (aws-semantics 3.1)", async () => {
    const play = stage();
    await play.create({
      LifecycleHookSpecificationList: [TERMINATE_HOOK],
      InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: "retain" } },
    });
    await play.settle();
    const [id = ""] = await play.ids();
    await play.call("TerminateInstanceInAutoScalingGroup", { InstanceId: id, ShouldDecrementDesiredCapacity: false });
    await play.clock.advance(5 * SECOND);
    await complete(play, { InstanceId: id }, "ABANDON", "warden-terminate");
    await play.settle(HOUR);
    expect(await play.states()).toEqual(["Terminating:Retained", "InService"]);
    await play.call("TerminateInstanceInAutoScalingGroup", { InstanceId: id, ShouldDecrementDesiredCapacity: false });
    await play.settle(MINUTE);
    expect(await play.states()).toEqual(["InService"]);
  });

  it("misses the first instances when the hook is made after the group (aws-semantics 3.1)", async () => {
    const play = stage();
    await play.create();
    await play.settle();
    await play.call("PutLifecycleHook", { AutoScalingGroupName: "moodle", ...LAUNCH_HOOK });
    await play.settle();
    expect(await play.states()).toEqual(["InService"]);
    expect(play.ofType("EC2 Instance-launch Lifecycle Action")).toEqual([]);
  });

  it("sends TEST_NOTIFICATION to a hook's target, and refuses a target that does not take it (aws-semantics 3.1)", async () => {
    const play = stage();
    await play.create({ DesiredCapacity: 0 });
    const put = (NotificationTargetARN: string): Promise<unknown> =>
      play.call("PutLifecycleHook", { AutoScalingGroupName: "moodle", ...LAUNCH_HOOK, NotificationTargetARN });
    await put(QUEUE);
    expect(play.messages).toMatchObject([
      { to: QUEUE, body: { Event: "autoscaling:TEST_NOTIFICATION", Service: "AWS Auto Scaling" } },
    ]);
    await put(TOPIC);
    expect(play.messages[1]).toMatchObject({ to: TOPIC, body: { Event: "autoscaling:TEST_NOTIFICATION" } });
    await expect(put(`${QUEUE}-closed`)).rejects.toMatchObject({ name: "ValidationError" });
    const { LifecycleHooks: hooks } = await play.call("DescribeLifecycleHooks", { AutoScalingGroupName: "moodle" });
    expect(hooks?.[0]?.NotificationTargetARN).toBe(TOPIC);
  });

  it("sends the flat body of the action to a queue (aws-semantics 3.1)", async () => {
    const { play, id } = await waiting([
      { ...LAUNCH_HOOK, ...{ NotificationTargetARN: QUEUE, NotificationMetadata: "site=moodle" } },
    ]);
    expect(play.messages.at(-1)?.body).toMatchObject({
      Service: "AWS Auto Scaling",
      AccountId: "123456789012",
      LifecycleHookName: "warden-launch",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      AutoScalingGroupName: "moodle",
      EC2InstanceId: id,
      NotificationMetadata: "site=moodle",
      RequestId: expect.any(String),
      LifecycleActionToken: expect.any(String),
    });
  });

  it("slows launches down when hooks keep failing (aws-semantics 3.1)", async () => {
    const play = stage();
    await play.create({ LifecycleHookSpecificationList: [{ ...LAUNCH_HOOK, HeartbeatTimeout: 30 }] });
    await play.settle(HOUR);
    const first = play.ofType("EC2 Instance Launch Unsuccessful").length;
    await play.settle(HOUR);
    const second = play.ofType("EC2 Instance Launch Unsuccessful").length - first;
    expect(first).toBeGreaterThan(3);
    expect(second).toBeLessThan(first);
    expect(second).toBeGreaterThan(0);
  });

  it("holds simple scaling back until hooks are complete and the cooldown has passed (aws-semantics 3.1)", async () => {
    const { play, id } = await waiting();
    const set = (): Promise<unknown> =>
      play.call("SetDesiredCapacity", { AutoScalingGroupName: "moodle", DesiredCapacity: 2, HonorCooldown: true });
    await expect(set()).rejects.toMatchObject({ name: "ScalingActivityInProgressFault" });
    await complete(play, { InstanceId: id });
    await play.clock.advance(4 * MINUTE);
    await expect(set()).rejects.toMatchObject({ name: "ScalingActivityInProgressFault" });
    await play.clock.advance(2 * MINUTE);
    await set();
    expect((await play.group()).DesiredCapacity).toBe(2);
  });

  it("ends the actions of a deleted hook: launches are abandoned, terminations continue", async () => {
    const { play, id } = await waiting();
    await play.call("DeleteLifecycleHook", { AutoScalingGroupName: "moodle", LifecycleHookName: "warden-launch" });
    await play.settle();
    expect(await play.ids()).not.toContain(id);
    expect(await play.states()).toEqual(["InService"]);
  });
});
