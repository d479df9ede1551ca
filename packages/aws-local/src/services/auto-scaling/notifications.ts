/**
 * What Auto Scaling tells others: events on the default bus, messages to the targets of lifecycle hooks, and messages
 * to the topics of `PutNotificationConfiguration`. All best effort.
 */
import { AwsError } from "../../aws-error.ts";
import type { EventIntake, Queues, Surroundings, Topics } from "../../region.ts";
import { activityDetails, type ScalingActivity } from "./activities.ts";
import type { Group, Member } from "./groups.ts";
import type { LifecycleAction } from "./hooks.ts";
import type { Place } from "./lifecycle.ts";

export interface Notifications {
  lifecycleAction(member: Member, action: LifecycleAction, passage: { origin: Place; destination: Place }): void;
  /** An instance came or went, or could not. */
  outcome(group: Group, instanceId: string, kind: "Launch" | "Terminate", activity: ScalingActivity): void;
  instanceRefresh(group: Group, refreshId: string, what: string, more?: Readonly<Record<string, string>>): void;
  /** Throws the ValidationError of PutLifecycleHook when the target does not take the message. */
  testHookTarget(group: Group, targetArn: string): void;
  testTopic(group: Group, topicArn: string): void;
}

/** The types of `PutNotificationConfiguration`. */
export const NOTIFICATION_TYPES = [
  "autoscaling:EC2_INSTANCE_LAUNCH",
  "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
  "autoscaling:EC2_INSTANCE_TERMINATE",
  "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
  "autoscaling:TEST_NOTIFICATION",
] as const;

export function createNotifications(
  surroundings: Surroundings,
  neighbours: { readonly events: EventIntake; readonly queues: Queues; readonly topics: Topics },
): Notifications {
  const { clock, random, region, account } = surroundings;
  const { events } = neighbours;

  function lifecycleAction(
    member: Member,
    action: LifecycleAction,
    passage: { origin: Place; destination: Place },
  ): void {
    const { group } = member;
    const launching = action.hook.transition === "autoscaling:EC2_INSTANCE_LAUNCHING";
    const detail = {
      LifecycleActionToken: action.token,
      AutoScalingGroupName: group.name,
      LifecycleHookName: action.hook.name,
      EC2InstanceId: member.instanceId,
      LifecycleTransition: action.hook.transition,
      ...(action.hook.notificationMetadata === undefined
        ? {}
        : { NotificationMetadata: action.hook.notificationMetadata }),
      Origin: passage.origin,
      Destination: passage.destination,
    };
    events.emit({
      source: "aws.autoscaling",
      detailType: launching ? "EC2 Instance-launch Lifecycle Action" : "EC2 Instance-terminate Lifecycle Action",
      resources: [group.arn],
      detail,
    });
    const { notificationTargetArn } = action.hook;
    if (notificationTargetArn !== undefined) tryToSend(group, notificationTargetArn, { ...envelope(), ...detail });
  }

  function outcome(group: Group, instanceId: string, kind: "Launch" | "Terminate", activity: ScalingActivity): void {
    const successful = activity.statusCode === "Successful";
    const detail = {
      // A success is told while the activity is being closed: AWS's samples show InProgress, a failure shows Failed.
      StatusCode: successful ? "InProgress" : "Failed",
      Description: activity.description,
      AutoScalingGroupName: group.name,
      ActivityId: activity.activityId,
      Details: activityDetails(activity),
      RequestId: activity.activityId,
      StatusMessage: activity.statusMessage ?? "",
      EndTime: isoText(activity.endTime ?? clock.now()),
      EC2InstanceId: instanceId,
      StartTime: isoText(activity.startTime),
      Cause: activity.cause,
    };
    events.emit({
      source: "aws.autoscaling",
      detailType: `EC2 Instance ${kind} ${successful ? "Successful" : "Unsuccessful"}`,
      // A launch that EC2 refused has no instance.
      resources:
        instanceId === "" ? [group.arn] : [group.arn, `arn:aws:ec2:${region}:${account}:instance/${instanceId}`],
      detail,
    });
    const type = `autoscaling:EC2_INSTANCE_${kind.toUpperCase()}${successful ? "" : "_ERROR"}`;
    const body = {
      ...envelope(),
      ...detail,
      Event: type,
      Progress: activity.progress,
      AutoScalingGroupARN: group.arn,
    };
    for (const [topicArn, types] of group.notifications) {
      if (types.has(type))
        tryToSend(group, topicArn, body, `Auto Scaling: ${kind.toLowerCase()} for group "${group.name}"`);
    }
  }

  function instanceRefresh(
    group: Group,
    refreshId: string,
    what: string,
    more: Readonly<Record<string, string>> = {},
  ): void {
    events.emit({
      source: "aws.autoscaling",
      detailType: `EC2 Auto Scaling Instance Refresh ${what}`,
      resources: [group.arn],
      detail: { InstanceRefreshId: refreshId, AutoScalingGroupName: group.name, ...more },
    });
  }

  function testHookTarget(group: Group, targetArn: string): void {
    try {
      send(group, targetArn, testMessage(group));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(
        "ValidationError",
        `Unable to publish test message to notification target ${targetArn} using IAM role. ` +
          "Please check your target and role configuration and try to put lifecycle hook again.",
      );
    }
  }

  function testTopic(group: Group, topicArn: string): void {
    tryToSend(group, topicArn, testMessage(group), `Auto Scaling: test notification for group "${group.name}"`);
  }

  const testMessage = (group: Group): Record<string, unknown> => ({
    ...envelope(),
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    Event: "autoscaling:TEST_NOTIFICATION",
  });

  /** What every message starts with. */
  const envelope = (): Record<string, unknown> => ({
    AccountId: account,
    RequestId: random.uuid(),
    Service: "AWS Auto Scaling",
    Time: isoText(clock.now()),
  });

  /** Notifications are best effort: a target that refuses one later on stops nothing. */
  function tryToSend(group: Group, targetArn: string, body: Record<string, unknown>, subject?: string): void {
    try {
      send(group, targetArn, body, subject);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  }

  function send(group: Group, targetArn: string, body: Record<string, unknown>, subject?: string): void {
    const from = { service: "autoscaling.amazonaws.com", sourceArn: group.arn };
    const text = JSON.stringify(body);
    if (targetArn.startsWith("arn:aws:sqs:")) neighbours.queues.deliver(targetArn, text, from);
    else {
      const title = subject ?? `Auto Scaling: Lifecycle action for group "${group.name}"`;
      neighbours.topics.publish(targetArn, { subject: title, body: text }, from);
    }
  }

  return { lifecycleAction, outcome, instanceRefresh, testHookTarget, testTopic };
}

/** Milliseconds, as the events of Auto Scaling carry them. */
const isoText = (time: number): string => new Date(time).toISOString();
