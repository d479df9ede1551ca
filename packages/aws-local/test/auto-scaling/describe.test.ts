import { describe, expect, it } from "vitest";
import { LAUNCH_HOOK, MINUTE, SECOND, type Stage, stage, TARGET_GROUP, TERMINATE_HOOK, TOPIC } from "./stage.ts";

const AutoScalingGroupName = "moodle";

describe("describes", () => {
  it("pages groups and instances, and refuses a token that it did not give", async () => {
    const play = stage();
    for (const name of ["one", "two", "three"]) await play.create({ AutoScalingGroupName: name, DesiredCapacity: 1 });
    await play.settle();
    const first = await play.call("DescribeAutoScalingGroups", { MaxRecords: 2 });
    expect(first.AutoScalingGroups?.map((group) => group.AutoScalingGroupName)).toEqual(["one", "two"]);
    const second = await play.call("DescribeAutoScalingGroups", { MaxRecords: 2, NextToken: first.NextToken });
    expect(second.AutoScalingGroups?.map((group) => group.AutoScalingGroupName)).toEqual(["three"]);
    expect(second.NextToken).toBeUndefined();
    const instances = await play.call("DescribeAutoScalingInstances", { MaxRecords: 2 });
    expect(instances.AutoScalingInstances).toHaveLength(2);
    expect(instances.NextToken).toBeDefined();
    await expect(play.call("DescribeAutoScalingGroups", { NextToken: "nonsense" })).rejects.toMatchObject({
      name: "InvalidNextToken",
    });
  });

  it("takes up to 50 instance ids, and leaves out those it does not know (aws-semantics 3.3)", async () => {
    const play = stage();
    await play.create();
    await play.settle();
    const [id = ""] = await play.ids();
    const InstanceIds = [id, "i-00000000000000000"];
    const { AutoScalingInstances } = await play.call("DescribeAutoScalingInstances", { InstanceIds });
    expect(AutoScalingInstances).toMatchObject([
      { InstanceId: id, LifecycleState: "InService", HealthStatus: "HEALTHY", AutoScalingGroupName },
    ]);
    const many = Array.from({ length: 51 }, () => id);
    await expect(play.call("DescribeAutoScalingInstances", { InstanceIds: many })).rejects.toMatchObject({
      name: "ValidationError",
    });
  });

  it("filters groups by tag, and leaves instances out when asked to", async () => {
    const play = stage();
    await play.create({ Tags: [{ Key: "site", Value: "a", PropagateAtLaunch: true }] });
    await play.create({ AutoScalingGroupName: "other" });
    await play.settle();
    const names = async (Name: string, ...Values: string[]): Promise<unknown[] | undefined> => {
      const answer = await play.call("DescribeAutoScalingGroups", { Filters: [{ Name, Values }] });
      return answer.AutoScalingGroups?.map((group) => group.AutoScalingGroupName);
    };
    expect(await names("tag:site", "a")).toEqual(["moodle"]);
    expect(await names("tag:site", "b")).toEqual([]);
    expect(await names("tag-key", "site")).toEqual(["moodle"]);
    const bare = await play.call("DescribeAutoScalingGroups", { IncludeInstances: false });
    expect(bare.AutoScalingGroups?.[0]?.Instances).toEqual([]);
  });

  it("creates, describes and deletes tags", async () => {
    const play = stage();
    await play.create();
    const tag = { ResourceId: "moodle", ResourceType: "auto-scaling-group", Key: "stage" };
    await play.call("CreateOrUpdateTags", { Tags: [{ ...tag, Value: "test", PropagateAtLaunch: true }] });
    const Filters = [{ Name: "key", Values: ["stage"] }];
    expect((await play.call("DescribeTags", { Filters })).Tags).toEqual([
      { ...tag, Value: "test", PropagateAtLaunch: true },
    ]);
    await play.call("DeleteTags", { Tags: [tag] });
    expect((await play.call("DescribeTags", { Filters })).Tags).toEqual([]);
  });

  it("tells the neighbours which group a name, an instance and a policy mean", async () => {
    const play = stage();
    await play.create({ Tags: [{ Key: "site", Value: "a", PropagateAtLaunch: true }] });
    await play.settle();
    const { AutoScalingGroupARN: arn = "" } = await play.group();
    const [id = ""] = await play.ids();
    expect(play.autoScaling.autoScalingGroupArn("moodle")).toBe(arn);
    expect(play.autoScaling.autoScalingGroupOfInstance(id)).toBe("moodle");
    expect(play.autoScaling.tagsOf(arn)).toEqual({ site: "a" });
    expect(play.autoScaling.tagsOf(`${arn}-gone`)).toEqual({});
  });

  it("may lag behind by the read-after-write gap, and never does where the gap is none", async () => {
    const play = stage({ timings: { staleReads: { low: 5 * SECOND, high: 5 * SECOND } } });
    await play.create();
    await play.settle();
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 2 });
    expect((await play.group()).DesiredCapacity).toBe(1);
    await play.clock.advance(3 * SECOND);
    expect(await play.ids()).toHaveLength(1);
    await play.clock.advance(5 * SECOND);
    expect((await play.group()).DesiredCapacity).toBe(2);
    expect(await play.states()).toEqual(["InService", "Pending"]);
  });

  it("answers account limits and its lists of types", async () => {
    const play = stage();
    await play.create();
    const limits = await play.call("DescribeAccountLimits", {});
    expect(limits).toMatchObject({ MaxNumberOfAutoScalingGroups: 500, NumberOfAutoScalingGroups: 1 });
    expect((await play.call("DescribeLifecycleHookTypes", {})).LifecycleHookTypes).toEqual([
      "autoscaling:EC2_INSTANCE_LAUNCHING",
      "autoscaling:EC2_INSTANCE_TERMINATING",
    ]);
    const processes = (await play.call("DescribeScalingProcessTypes", {})).Processes;
    expect(processes?.map(({ ProcessName }) => ProcessName)).toContain("InstanceRefresh");
  });

  it("filters scaling activities, newest first, and keeps those of deleted groups", async () => {
    const play = stage();
    await play.create();
    await play.settle();
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 0 });
    await play.settle();
    const activities = await play.activities();
    expect(activities.map(({ Description }) => Description?.split(":")[0])).toEqual([
      "Terminating EC2 instance",
      "Launching a new EC2 instance",
    ]);
    expect(activities[0]?.Cause).toContain("changing the desired capacity from 1 to 0");
    const failed = await play.call("DescribeScalingActivities", {
      AutoScalingGroupName,
      Filters: [{ Name: "Status", Values: ["Failed"] }],
    });
    expect(failed.Activities).toEqual([]);
    await play.call("DeleteAutoScalingGroup", { AutoScalingGroupName });
    const deleted = await play.call("DescribeScalingActivities", { IncludeDeletedGroups: true });
    expect(deleted.Activities?.[0]).toMatchObject({ AutoScalingGroupState: "Deleted" });
  });
});

describe("metrics", () => {
  it("leaves instances in hooks out of the in-service metric until they are done (aws-semantics 3.1)", async () => {
    const play = stage();
    await play.create({ DesiredCapacity: 2, LifecycleHookSpecificationList: [LAUNCH_HOOK] });
    await play.call("EnableMetricsCollection", { AutoScalingGroupName, Granularity: "1Minute" });
    await play.settle(MINUTE + SECOND);
    const value = (name: string): number | undefined => play.metrics.findLast((metric) => metric.name === name)?.value;
    expect(value("GroupDesiredCapacity")).toBe(2);
    expect(value("GroupPendingInstances")).toBe(2);
    expect(value("GroupInServiceInstances")).toBe(0);
    await play.call("DisableMetricsCollection", { AutoScalingGroupName, Metrics: ["GroupMinSize"] });
    expect((await play.group()).EnabledMetrics?.map(({ Metric }) => Metric)).not.toContain("GroupMinSize");
  });
});

describe("events", () => {
  async function through(): Promise<Stage> {
    const play = stage({ deregistrationDelay: 0 });
    await play.create({
      TargetGroupARNs: [TARGET_GROUP],
      LifecycleHookSpecificationList: [LAUNCH_HOOK, { ...TERMINATE_HOOK, NotificationMetadata: "more" }],
    });
    await play.call("PutNotificationConfiguration", {
      AutoScalingGroupName,
      TopicARN: TOPIC,
      NotificationTypes: ["autoscaling:EC2_INSTANCE_LAUNCH"],
    });
    await play.settle(MINUTE);
    const [InstanceId = ""] = await play.ids();
    const complete = (LifecycleHookName: string): Promise<unknown> =>
      play.call("CompleteLifecycleAction", {
        AutoScalingGroupName,
        LifecycleHookName,
        InstanceId,
        LifecycleActionResult: "CONTINUE",
      });
    await complete("warden-launch");
    await play.settle(MINUTE);
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 0 });
    await play.settle(MINUTE);
    await complete("warden-terminate");
    await play.settle(MINUTE);
    return play;
  }

  it("tells of a life with the exact detail fields (aws-semantics 3.4)", async () => {
    const play = await through();
    expect(play.events.map(({ detailType }) => detailType)).toEqual([
      "EC2 Instance-launch Lifecycle Action",
      "EC2 Instance Launch Successful",
      "EC2 Instance-terminate Lifecycle Action",
      "EC2 Instance Terminate Successful",
    ]);
    const [launch, launched, terminate, terminated] = play.events;
    expect(Object.keys(launch?.detail ?? {}).sort()).toEqual([
      "AutoScalingGroupName",
      "Destination",
      "EC2InstanceId",
      "LifecycleActionToken",
      "LifecycleHookName",
      "LifecycleTransition",
      "Origin",
    ]);
    expect(terminate?.detail).toMatchObject({
      NotificationMetadata: "more",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      Origin: "AutoScalingGroup",
      Destination: "EC2",
    });
    for (const event of [launched, terminated]) {
      expect(Object.keys(event?.detail ?? {}).sort()).toEqual([
        "ActivityId",
        "AutoScalingGroupName",
        "Cause",
        "Description",
        "Details",
        "EC2InstanceId",
        "EndTime",
        "RequestId",
        "StartTime",
        "StatusCode",
        "StatusMessage",
      ]);
      expect(event?.detail).toMatchObject({
        StatusCode: "InProgress",
        Details: { "Availability Zone": "eu-west-1a", "Subnet ID": "subnet-a" },
      });
    }
    expect(launch?.resources).toEqual([
      expect.stringMatching(
        /^arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:.*:autoScalingGroupName\/moodle$/,
      ),
    ]);
  });

  it("publishes to the topics of PutNotificationConfiguration, a test message first", async () => {
    const play = await through();
    expect(play.messages.map(({ to, body }) => [to, body["Event"]])).toEqual([
      [TOPIC, "autoscaling:TEST_NOTIFICATION"],
      [TOPIC, "autoscaling:EC2_INSTANCE_LAUNCH"],
    ]);
  });
});
