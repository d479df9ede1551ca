import { describe, expect, it } from "vitest";
import { HOUR, LAUNCH_HOOK, MINUTE, SECOND, type Stage, stage } from "./stage.ts";

const AutoScalingGroupName = "moodle";

async function group(size: number): Promise<Stage> {
  const play = stage();
  await play.create({ DesiredCapacity: size });
  await play.settle(10 * MINUTE);
  return play;
}

type PolicyInput = Parameters<typeof put>[1];

async function put(
  play: Stage,
  more: { PolicyType?: string; AdjustmentType?: string; ScalingAdjustment?: number; [other: string]: unknown },
): Promise<string> {
  const policy = { AutoScalingGroupName, PolicyName: "grow", AdjustmentType: "ChangeInCapacity", ...more };
  const { PolicyARN } = await play.call("PutScalingPolicy", policy);
  return PolicyARN ?? "";
}

const desired = async (play: Stage): Promise<number | undefined> => (await play.group()).DesiredCapacity;

const STEPS: PolicyInput = {
  PolicyType: "StepScaling",
  EstimatedInstanceWarmup: 300,
  StepAdjustments: [
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
    { MetricIntervalLowerBound: 20, ScalingAdjustment: 3 },
  ],
};

describe("scaling policies", () => {
  it("adjusts by number, to a number, and by percent with a minimum magnitude", async () => {
    for (const [policy, result] of [
      [{ ScalingAdjustment: 2 }, 6],
      [{ AdjustmentType: "ExactCapacity", ScalingAdjustment: 1 }, 1],
      [{ AdjustmentType: "PercentChangeInCapacity", ScalingAdjustment: 10 }, 5],
      [{ AdjustmentType: "PercentChangeInCapacity", ScalingAdjustment: 25, MinAdjustmentMagnitude: 2 }, 6],
      [{ ScalingAdjustment: 100 }, 10],
    ] as const) {
      const play = await group(4);
      await put(play, policy);
      await play.call("ExecutePolicy", { AutoScalingGroupName, PolicyName: "grow" });
      expect(await desired(play)).toBe(result);
    }
  });

  it("lets an alarm execute a simple policy once in its cooldown", async () => {
    const play = await group(1);
    const arn = await put(play, { ScalingAdjustment: 1, Cooldown: 120 });
    play.autoScaling.alarmActions.executePolicy(arn, 90, 50);
    expect(await desired(play)).toBe(2);
    await play.clock.advance(MINUTE);
    play.autoScaling.alarmActions.executePolicy(arn, 90, 50);
    expect(await desired(play)).toBe(2);
    await play.clock.advance(4 * MINUTE);
    play.autoScaling.alarmActions.executePolicy(arn, 90, 50);
    expect(await desired(play)).toBe(3);
  });

  it("holds a simple policy back while an instance waits in a hook (aws-semantics 3.1)", async () => {
    const play = await group(1);
    await play.call("PutLifecycleHook", { AutoScalingGroupName, ...LAUNCH_HOOK, HeartbeatTimeout: 7200 });
    const arn = await put(play, { ScalingAdjustment: 1, Cooldown: 0 });
    play.autoScaling.alarmActions.executePolicy(arn, 90, 50);
    await play.settle(HOUR);
    play.autoScaling.alarmActions.executePolicy(arn, 90, 50);
    expect(await desired(play)).toBe(2);
  });

  it("chooses the step by the size of the breach, and does not count warming instances twice", async () => {
    const play = await group(1);
    const arn = await put(play, STEPS);
    play.autoScaling.alarmActions.executePolicy(arn, 60, 50);
    expect(await desired(play)).toBe(2);
    await play.settle(MINUTE);
    play.autoScaling.alarmActions.executePolicy(arn, 60, 50);
    expect(await desired(play)).toBe(2);
    play.autoScaling.alarmActions.executePolicy(arn, 80, 50);
    expect(await desired(play)).toBe(4);
  });

  it("does not scale in by steps while instances warm up", async () => {
    const play = await group(2);
    const arn = await put(play, {
      ...STEPS,
      StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }],
    });
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 3 });
    await play.settle();
    play.autoScaling.alarmActions.executePolicy(arn, 10, 50);
    expect(await desired(play)).toBe(3);
    await play.settle(10 * MINUTE);
    play.autoScaling.alarmActions.executePolicy(arn, 10, 50);
    expect(await desired(play)).toBe(2);
  });

  it("does nothing for an alarm while AlarmNotification is suspended or the policy is disabled (aws-semantics 3.3)", async () => {
    const play = await group(1);
    const arn = await put(play, { ScalingAdjustment: 1, Cooldown: 0 });
    await play.call("SuspendProcesses", { AutoScalingGroupName, ScalingProcesses: ["AlarmNotification"] });
    play.autoScaling.alarmActions.executePolicy(arn, 90, 50);
    expect(await desired(play)).toBe(1);
    await play.call("ResumeProcesses", { AutoScalingGroupName });
    expect(await put(play, { ScalingAdjustment: 1, Enabled: false })).toBe(arn);
    play.autoScaling.alarmActions.executePolicy(arn, 90, 50);
    expect(await desired(play)).toBe(1);
  });

  it("describes and deletes policies, and refuses what is not modelled", async () => {
    const play = await group(1);
    await put(play, STEPS);
    const { ScalingPolicies } = await play.call("DescribePolicies", { AutoScalingGroupName });
    expect(ScalingPolicies).toMatchObject([{ PolicyName: "grow", PolicyType: "StepScaling" }]);
    await play.call("DeletePolicy", { AutoScalingGroupName, PolicyName: "grow" });
    expect((await play.call("DescribePolicies", {})).ScalingPolicies).toEqual([]);
    await expect(put(play, { PolicyType: "TargetTrackingScaling" })).rejects.toMatchObject({ name: "NotImplemented" });
    await expect(put(play, { PolicyType: "PredictiveScaling" })).rejects.toMatchObject({ name: "NotImplemented" });
    // Neither of the two takes an adjustment type, so its absence is not what they are refused for.
    const tracking = { AutoScalingGroupName, PolicyName: "track", PolicyType: "TargetTrackingScaling" };
    await expect(play.call("PutScalingPolicy", tracking)).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("scheduled actions", () => {
  const schedule = (play: Stage, more: Record<string, unknown>): Promise<unknown> =>
    play.call("PutScheduledUpdateGroupAction", { AutoScalingGroupName, ScheduledActionName: "exam", ...more });

  it("changes sizes once at a time, and is then forgotten", async () => {
    const play = await group(1);
    await schedule(play, { StartTime: new Date(play.clock.now() + HOUR), MinSize: 3 });
    await play.clock.advance(HOUR - SECOND);
    expect(await desired(play)).toBe(1);
    await play.clock.advance(2 * SECOND);
    expect(await desired(play)).toBe(3);
    const { ScheduledUpdateGroupActions } = await play.call("DescribeScheduledActions", { AutoScalingGroupName });
    expect(ScheduledUpdateGroupActions).toEqual([]);
  });

  it("recurs by cron in its time zone, through the change to summer time", async () => {
    const play = stage({ timings: { groupPass: HOUR } });
    await play.create();
    await schedule(play, { Recurrence: "30 7 * * MON-FRI", TimeZone: "Europe/Berlin", DesiredCapacity: 2 });
    const next = async (): Promise<Date | undefined> => {
      const answer = await play.call("DescribeScheduledActions", { AutoScalingGroupName });
      return answer.ScheduledUpdateGroupActions?.[0]?.StartTime;
    };
    expect(await next()).toEqual(new Date("2026-01-06T06:30:00Z"));
    await play.clock.advance(24 * HOUR);
    expect(await desired(play)).toBe(2);
    await play.clock.advance(83 * 24 * HOUR);
    expect(await next()).toEqual(new Date("2026-03-31T05:30:00Z"));
  });

  it("notes an action whose sizes do not fit the group", async () => {
    const play = await group(1);
    await schedule(play, { StartTime: new Date(play.clock.now() + MINUTE), MinSize: 11 });
    await play.settle();
    expect((await play.group()).MinSize).toBe(0);
    expect((await play.activities())[0]).toMatchObject({ StatusCode: "Failed" });
  });

  it("does nothing while ScheduledActions is suspended (aws-semantics 3.3)", async () => {
    const play = await group(1);
    await play.call("SuspendProcesses", { AutoScalingGroupName, ScalingProcesses: ["ScheduledActions"] });
    await schedule(play, { StartTime: new Date(play.clock.now() + MINUTE), DesiredCapacity: 3 });
    await play.settle();
    expect(await desired(play)).toBe(1);
  });

  it("refuses times that are past, broken expressions and actions that change nothing", async () => {
    const play = await group(1);
    for (const action of [
      { StartTime: new Date(play.clock.now() - MINUTE), MinSize: 1 },
      { Recurrence: "61 * * * *", MinSize: 1 },
      { Recurrence: "* * * *", MinSize: 1 },
      { StartTime: new Date(play.clock.now() + MINUTE) },
      { StartTime: new Date(play.clock.now() + MINUTE), MinSize: 3, MaxSize: 2 },
    ]) {
      await expect(schedule(play, action)).rejects.toMatchObject({ name: "ValidationError" });
    }
  });
});
