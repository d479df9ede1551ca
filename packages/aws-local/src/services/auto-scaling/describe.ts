/**
 * What describes show of groups, instances and activities. A read may lag behind (`timings.staleReads`): then it
 * shows the state and the sizes before the last change, and leaves out instances that joined since.
 */
import type {
  Activity,
  AutoScalingGroup,
  AutoScalingInstanceDetails,
  Instance,
  LaunchTemplateSpecification,
  LifecycleHook as LifecycleHookShown,
  TagDescription,
  WarmPoolConfiguration,
} from "@aws-sdk/client-auto-scaling";
import type { Surroundings } from "../../region.ts";
import { activityDetails, type ScalingActivity } from "./activities.ts";
import type { Group, GroupSettings, GroupTag, LaunchSource, Member, TemplateSpecification } from "./groups.ts";
import { globalTimeout, type LifecycleHook } from "./hooks.ts";
import { type Lifecycle, lifecycleState } from "./lifecycle.ts";
import { pooled } from "./warm-pool.ts";

export interface Describe {
  /** One read: everything in it lags by the same time. */
  read(): Reading;
}

export interface Reading {
  group(group: Group, withInstances: boolean): AutoScalingGroup;
  /** Undefined for an instance that the read does not know yet. */
  instance(member: Member): AutoScalingInstanceDetails | undefined;
  pool(group: Group): Instance[];
}

export function createDescribe({ clock, random, timings }: Surroundings): Describe {
  const { low, high } = timings.staleReads;

  function read(): Reading {
    const horizon = high > 0 ? clock.now() - random.integer(low, high) : Number.POSITIVE_INFINITY;
    const lifecycleOf = (member: Member): Lifecycle | undefined =>
      member.changedAt > horizon ? member.previousLifecycle : member.lifecycle;
    const settingsOf = ({ settings, previousSettings }: Group): GroupSettings =>
      previousSettings !== undefined && previousSettings.changedAt > horizon ? previousSettings.settings : settings;

    const shown = (members: Iterable<Member>, pool: boolean): Instance[] => {
      const instances: Instance[] = [];
      for (const member of members) {
        const lifecycle = lifecycleOf(member);
        if (lifecycle !== undefined && lifecycle.pool === pool) instances.push(instanceOf(member, lifecycle));
      }
      return instances;
    };

    return {
      group: (group, withInstances) =>
        groupOf(group, settingsOf(group), withInstances ? shown(group.members.values(), false) : undefined),
      instance(member) {
        const lifecycle = lifecycleOf(member);
        return lifecycle === undefined ? undefined : detailsOf(member, lifecycle);
      },
      pool: (group) => shown(group.members.values(), true),
    };
  }

  return { read };
}

function groupOf(group: Group, settings: GroupSettings, instances: Instance[] | undefined): AutoScalingGroup {
  const targetGroupArns = [...group.targetGroups.values()].flatMap(({ arn, removing }) => (removing ? [] : [arn]));
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    ...launchOf(settings.launch),
    MinSize: settings.minSize,
    MaxSize: settings.maxSize,
    DesiredCapacity: settings.desiredCapacity,
    DefaultCooldown: settings.defaultCooldown,
    AvailabilityZones: [...new Set(settings.placements.map(({ availabilityZone }) => availabilityZone))],
    LoadBalancerNames: [],
    TargetGroupARNs: targetGroupArns,
    TrafficSources: targetGroupArns.map((arn) => ({ Identifier: arn, Type: "elbv2" })),
    HealthCheckType: settings.healthCheckType,
    HealthCheckGracePeriod: settings.healthCheckGracePeriod,
    Instances: instances ?? [],
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
      ProcessName,
      SuspensionReason,
    })),
    VPCZoneIdentifier: settings.vpcZoneIdentifier ?? "",
    EnabledMetrics: [...group.enabledMetrics].map((Metric) => ({ Metric, Granularity: "1Minute" })),
    ...(group.deleting ? { Status: "Delete in progress" } : {}),
    Tags: [...group.tags.values()].map((tag) => tagOf(group, tag)),
    TerminationPolicies: [...settings.terminationPolicies],
    NewInstancesProtectedFromScaleIn: settings.newInstancesProtectedFromScaleIn,
    ServiceLinkedRoleARN: settings.serviceLinkedRoleArn,
    MaxInstanceLifetime: settings.maxInstanceLifetime,
    CapacityRebalance: settings.capacityRebalance,
    ...(group.warmPool === undefined
      ? {}
      : { WarmPoolConfiguration: warmPoolOf(group.warmPool), WarmPoolSize: pooled(group).length }),
    Context: settings.context,
    DefaultInstanceWarmup: settings.defaultInstanceWarmup,
    ...(settings.maintenance === undefined
      ? {}
      : {
          InstanceMaintenancePolicy: {
            MinHealthyPercentage: settings.maintenance.min,
            MaxHealthyPercentage: settings.maintenance.max,
          },
        }),
    ...(settings.retainOnTerminateHookAbandon === undefined
      ? {}
      : {
          InstanceLifecyclePolicy: {
            RetentionTriggers: { TerminateHookAbandon: settings.retainOnTerminateHookAbandon ? "retain" : "terminate" },
          },
        }),
    AvailabilityZoneDistribution: { CapacityDistributionStrategy: "balanced-best-effort" },
    DeletionProtection: settings.deletionProtection,
  };
}

export function launchOf(launch: LaunchSource): Pick<AutoScalingGroup, "LaunchTemplate" | "MixedInstancesPolicy"> {
  return launch.kind === "mixed"
    ? { MixedInstancesPolicy: launch.policy }
    : { LaunchTemplate: specificationOf(launch.template) };
}

function specificationOf({ id, name, version }: TemplateSpecification): LaunchTemplateSpecification {
  return { LaunchTemplateId: id, LaunchTemplateName: name, ...(version === undefined ? {} : { Version: version }) };
}

function instanceOf(member: Member, lifecycle: Lifecycle): Instance {
  return {
    InstanceId: member.instanceId,
    InstanceType: member.instanceType,
    AvailabilityZone: member.availabilityZone,
    LifecycleState: lifecycleState(lifecycle),
    HealthStatus: member.health,
    ...(member.launchTemplate === undefined ? {} : { LaunchTemplate: specificationOf(member.launchTemplate) }),
    ImageId: member.imageId,
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

function detailsOf(member: Member, lifecycle: Lifecycle): AutoScalingInstanceDetails {
  return {
    ...instanceOf(member, lifecycle),
    AutoScalingGroupName: member.group.name,
    // In capitals here, unlike in DescribeAutoScalingGroups.
    HealthStatus: member.health.toUpperCase(),
  };
}

export function tagOf(group: Group, tag: GroupTag): TagDescription {
  return {
    ResourceId: group.name,
    ResourceType: "auto-scaling-group",
    Key: tag.key,
    Value: tag.value,
    PropagateAtLaunch: tag.propagateAtLaunch,
  };
}

export function warmPoolOf(pool: NonNullable<Group["warmPool"]>): WarmPoolConfiguration {
  return {
    MinSize: pool.minSize,
    MaxGroupPreparedCapacity: pool.maxGroupPreparedCapacity,
    PoolState: pool.poolState,
    InstanceReusePolicy: { ReuseOnScaleIn: pool.reuseOnScaleIn },
    ...(pool.deleting ? { Status: "PendingDelete" } : {}),
  };
}

export function activityOf(activity: ScalingActivity, deleted = false): Activity {
  return {
    ActivityId: activity.activityId,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    ...(deleted ? { AutoScalingGroupState: "Deleted" } : {}),
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startTime),
    ...(activity.endTime === undefined ? {} : { EndTime: new Date(activity.endTime) }),
    StatusCode: activity.statusCode,
    ...(activity.statusMessage === undefined ? {} : { StatusMessage: activity.statusMessage }),
    Progress: activity.progress,
    Details: JSON.stringify(activityDetails(activity)),
  };
}

export function hookOf(group: Group, hook: LifecycleHook): LifecycleHookShown {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: group.name,
    LifecycleTransition: hook.transition,
    NotificationTargetARN: hook.notificationTargetArn,
    RoleARN: hook.roleArn,
    NotificationMetadata: hook.notificationMetadata,
    HeartbeatTimeout: hook.heartbeatTimeout,
    GlobalTimeout: globalTimeout(hook),
    DefaultResult: hook.defaultResult,
  };
}
