/** Scaling activities: the record of what a group did, why, and how far it has come. */
import type { ScalingActivityStatusCode } from "@aws-sdk/client-auto-scaling";
import type { Surroundings } from "../../region.ts";
import type { Group } from "./groups.ts";

export interface ScalingActivity {
  readonly activityId: string;
  readonly groupName: string;
  readonly groupArn: string;
  readonly cause: string;
  readonly startTime: number;
  readonly availabilityZone: string | undefined;
  readonly subnetId: string | undefined;
  description: string;
  statusCode: ScalingActivityStatusCode;
  statusMessage: string | undefined;
  progress: number;
  endTime: number | undefined;
}

export interface Activities {
  begin(group: Group, activity: NewActivity): ScalingActivity;
  /** Notes how far it has come. */
  note(activity: ScalingActivity, statusCode: ScalingActivityStatusCode, progress: number): void;
  end(
    group: Group,
    activity: ScalingActivity,
    statusCode: "Successful" | "Failed" | "Cancelled",
    statusMessage?: string,
  ): void;
}

export interface NewActivity {
  readonly description: string;
  readonly cause: string;
  readonly statusCode: ScalingActivityStatusCode;
  readonly availabilityZone?: string | undefined;
  readonly subnetId?: string | undefined;
}

const SIX_WEEKS = 42 * 86_400_000;

export function createActivities({ clock, random }: Surroundings): Activities {
  function begin(group: Group, wanted: NewActivity): ScalingActivity {
    const activity: ScalingActivity = {
      activityId: random.uuid(),
      groupName: group.name,
      groupArn: group.arn,
      description: wanted.description,
      cause: wanted.cause,
      startTime: clock.now(),
      availabilityZone: wanted.availabilityZone,
      subnetId: wanted.subnetId,
      statusCode: wanted.statusCode,
      statusMessage: undefined,
      progress: 0,
      endTime: undefined,
    };
    forgetOld(group);
    group.activities.all.push(activity);
    group.activities.open += 1;
    return activity;
  }

  /** DescribeScalingActivities answers for six weeks. */
  function forgetOld(group: Group): void {
    const { all } = group.activities;
    const horizon = clock.now() - SIX_WEEKS;
    const keepFrom = all.findIndex((activity) => activity.startTime >= horizon);
    if (keepFrom > 0) all.splice(0, keepFrom);
  }

  function note(activity: ScalingActivity, statusCode: ScalingActivityStatusCode, progress: number): void {
    activity.statusCode = statusCode;
    activity.progress = progress;
  }

  function end(
    group: Group,
    activity: ScalingActivity,
    statusCode: "Successful" | "Failed" | "Cancelled",
    statusMessage?: string,
  ): void {
    if (activity.endTime !== undefined) return;
    activity.statusCode = statusCode;
    activity.statusMessage = statusMessage;
    activity.progress = 100;
    activity.endTime = clock.now();
    if (statusMessage !== undefined) activity.description += `. Status Reason: ${statusMessage}`;
    group.activities.open -= 1;
    group.activities.lastEndedAt = clock.now();
  }

  return { begin, note, end };
}

/** `Details` of an activity: text with JSON in it. */
export function activityDetails(activity: ScalingActivity): Record<string, string> {
  return {
    ...(activity.subnetId === undefined ? {} : { "Subnet ID": activity.subnetId }),
    ...(activity.availabilityZone === undefined ? {} : { "Availability Zone": activity.availabilityZone }),
  };
}

/** The time in causes and events: whole seconds. */
export function secondsText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
