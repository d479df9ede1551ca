/**
 * What Auto Scaling remembers: groups, their settings and their members. State and look-ups only; behaviour is in
 * the files beside this one.
 */
import type { MixedInstancesPolicy } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { ScalingActivity } from "./activities.ts";
import type { LifecycleHook } from "./hooks.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { ScalingPolicy } from "./policies.ts";
import type { InstanceRefresh } from "./refresh-state.ts";
import type { ScheduledAction } from "./scheduled-actions.ts";

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  settings: GroupSettings;
  /** Instances of the group and of its warm pool, by id, oldest first. */
  readonly members: Map<string, Member>;
  readonly hooks: Map<string, LifecycleHook>;
  readonly tags: Map<string, GroupTag>;
  readonly targetGroups: Map<string, TargetGroupAttachment>;
  /** Suspended processes and why. */
  readonly suspended: Map<string, string>;
  readonly enabledMetrics: Set<string>;
  /** Notification types by topic. */
  readonly notifications: Map<string, Set<string>>;
  readonly policies: Map<string, ScalingPolicy>;
  readonly scheduledActions: Map<string, ScheduledAction>;
  readonly activities: ActivityLog;
  warmPool: WarmPool | undefined;
  /** Newest last; at most the last one is active. */
  readonly refreshes: InstanceRefresh[];
  /** Why desired capacity last changed: the first sentences of the causes of the activities that follow. */
  capacityCauses: string[];
  readonly backOff: LaunchBackOff;
  /** Zones that could not be launched into, and until when they are left alone. */
  readonly failingZones: Map<string, number>;
  /** `DeleteAutoScalingGroup` was called. */
  deleting: boolean;
  /** For reads that lag behind: the settings before the last change. */
  previousSettings: { readonly settings: GroupSettings; readonly changedAt: number } | undefined;
}

export interface GroupSettings {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly defaultCooldown: number;
  readonly launch: LaunchSource;
  readonly placements: readonly Placement[];
  /** As given, for describes. */
  readonly vpcZoneIdentifier: string | undefined;
  readonly healthCheckType: string;
  readonly healthCheckGracePeriod: number;
  readonly terminationPolicies: readonly string[];
  readonly newInstancesProtectedFromScaleIn: boolean;
  readonly capacityRebalance: boolean;
  readonly maxInstanceLifetime: number | undefined;
  readonly defaultInstanceWarmup: number | undefined;
  readonly maintenance: { readonly min: number; readonly max: number } | undefined;
  readonly retainOnTerminateHookAbandon: boolean | undefined;
  readonly deletionProtection: "none" | "prevent-force-deletion" | "prevent-all-deletion";
  readonly context: string | undefined;
  readonly serviceLinkedRoleArn: string;
}

/** A subnet and its zone. */
export interface Placement {
  readonly availabilityZone: string;
  readonly subnetId: string;
}

export interface TemplateSpecification {
  readonly id: string;
  readonly name: string;
  /** As given: a number, `$Latest`, `$Default`, or undefined. */
  readonly version: string | undefined;
}

export type LaunchSource =
  | { readonly kind: "template"; readonly template: TemplateSpecification }
  | {
      readonly kind: "mixed";
      readonly template: TemplateSpecification;
      readonly instanceTypes: readonly string[];
      readonly onDemandBase: number;
      readonly onDemandPercentage: number;
      /** As given, for describes. */
      readonly policy: MixedInstancesPolicy;
    };

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagateAtLaunch: boolean;
}

export interface TargetGroupAttachment {
  readonly arn: string;
  /** At creation: in service at once, as AWS shows it. */
  readonly atCreation: boolean;
  removing: boolean;
}

export interface WarmPool {
  readonly minSize: number;
  readonly maxGroupPreparedCapacity: number | undefined;
  readonly poolState: "Stopped" | "Running";
  readonly reuseOnScaleIn: boolean;
  readonly deleting: boolean;
}

export interface ActivityLog {
  /** Oldest first. */
  readonly all: ScalingActivity[];
  /** Those under way. */
  open: number;
  lastEndedAt: number | undefined;
}

/** Auto Scaling slows down launches that keep failing. */
export interface LaunchBackOff {
  /** A launch failed since the last pass. */
  failed: boolean;
  /** Passes in a row that saw a failure. */
  failures: number;
  until: number;
}

export interface Member {
  readonly group: Group;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly imageId: string;
  readonly availabilityZone: string;
  readonly launchTemplate: { readonly id: string; readonly name: string; readonly version: string } | undefined;
  readonly subnetId: string;
  readonly spot: boolean;
  /** When the group took it in. */
  readonly joinedAt: number;
  lifecycle: Lifecycle;
  health: "Healthy" | "Unhealthy";
  /** Why it is unhealthy, as the cause of the activity that replaces it says it. */
  healthCause: string | undefined;
  protectedFromScaleIn: boolean;
  /** Is replaced as soon as its successor is in service. */
  replacement: { readonly cause: string } | undefined;
  /** For reads that lag behind: the state before the last change; none before it joined. */
  previousLifecycle: Lifecycle | undefined;
  changedAt: number;
}

export interface Groups {
  readonly all: Map<string, Group>;
  /** Every member of every group, by instance. */
  readonly members: Map<string, Member>;
  /** Activities of deleted groups, for `IncludeDeletedGroups`. */
  readonly deletedActivities: ScalingActivity[];
  require(name: string): Group;
  requireMember(instanceId: string): Member;
}

export function createGroups(): Groups {
  const all = new Map<string, Group>();
  const members = new Map<string, Member>();

  function require(name: string): Group {
    const group = all.get(nameInArn(name));
    if (group === undefined) {
      throw new AwsError("ValidationError", `AutoScalingGroup name not found - AutoScalingGroup ${name} not found`);
    }
    return group;
  }

  function requireMember(instanceId: string): Member {
    const member = members.get(instanceId);
    if (member === undefined) {
      throw new AwsError(
        "ValidationError",
        `Instance Id not found - No managed instance found for instance ID: ${instanceId}`,
      );
    }
    return member;
  }

  return { all, members, deletedActivities: [], require, requireMember };
}

/** Where AWS takes a name it takes an ARN as well. */
export function nameInArn(nameOrArn: string): string {
  return nameOrArn.startsWith("arn:") ? (nameOrArn.split(":autoScalingGroupName/")[1] ?? nameOrArn) : nameOrArn;
}

/** The members that an operation names; each must belong to the group. */
export function membersOf(group: Group, instanceIds: readonly string[]): Member[] {
  return instanceIds.map((instanceId) => {
    const member = group.members.get(instanceId);
    if (member === undefined) {
      throw new AwsError(
        "ValidationError",
        `The instance ${instanceId} is not part of Auto Scaling group ${group.name}.`,
      );
    }
    return member;
  });
}

export function isSuspended(group: Group, process: string): boolean {
  return group.suspended.has(process);
}
