/**
 * The embedded EC2 Auto Scaling: puts the parts of this folder together and runs the regular pass over all groups.
 */
import * as sdk from "@aws-sdk/client-auto-scaling";
import type { Timer } from "../../clock.ts";
import type {
  AlarmActions,
  EventIntake,
  Hosts,
  Instances,
  LaunchTemplates,
  LifecycleObserver,
  Metrics,
  Queues,
  Subnets,
  Surroundings,
  TargetGroups,
  Topics,
} from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { accountOperations } from "./account-operations.ts";
import { createActivities } from "./activities.ts";
import { type Capacity, createCapacity } from "./capacity.ts";
import { createDescribe } from "./describe.ts";
import { groupOperations } from "./group-operations.ts";
import { createGroups, type Group, nameInArn } from "./groups.ts";
import { createHealth } from "./health.ts";
import { hookOperations } from "./hook-operations.ts";
import { createHookRunner } from "./hooks.ts";
import { instanceOperations } from "./instance-operations.ts";
import { createLaunching } from "./launching.ts";
import { createMembers, type Members } from "./members.ts";
import { METRICS_PERIOD, putGroupMetrics } from "./metrics.ts";
import { createNotifications } from "./notifications.ts";
import { createPolicies } from "./policies.ts";
import { policyOperations, scheduleOperations } from "./policy-operations.ts";
import { processOperations } from "./process-operations.ts";
import { createRefreshes } from "./refresh.ts";
import { refreshOperations } from "./refresh-operations.ts";
import { activeRefresh, instanceWarmup, refreshedLaunchSource } from "./refresh-state.ts";
import { createRegistration } from "./registration.ts";
import { createReplacement, surplusPercentage } from "./replacement.ts";
import { createScheduledActions } from "./scheduled-actions.ts";
import { createSettingsReader } from "./settings.ts";
import { createSizes } from "./sizes.ts";
import { createStandby } from "./standby.ts";
import { tagOperations } from "./tag-operations.ts";
import { forgetRemoved, trafficOperations } from "./traffic-operations.ts";
import { createWarmPools } from "./warm-pool.ts";
import { warmPoolOperations } from "./warm-pool-operations.ts";

export interface AutoScalingNeighbours {
  readonly instances: Instances;
  readonly launchTemplates: LaunchTemplates;
  readonly subnets: Subnets;
  readonly targetGroups: TargetGroups;
  readonly events: EventIntake;
  readonly metrics: Metrics;
  readonly queues: Queues;
  readonly topics: Topics;
  readonly hosts: Hosts;
  readonly observer?: LifecycleObserver;
}

export interface AutoScaling {
  readonly service: EmbeddedService;
  /** For CloudWatch: alarms that execute scaling policies. */
  readonly alarmActions: AlarmActions;
  /** For policies on groups: the ARN by name, and the name of the group that an instance is in. */
  autoScalingGroupArn(name: string): string | undefined;
  autoScalingGroupOfInstance(instanceId: string): string | undefined;
  /** For `autoscaling:ResourceTag/…` in policies; none for a group that does not exist. */
  tagsOf(groupArn: string): Readonly<Record<string, string>>;
}

export function createAutoScaling(surroundings: Surroundings, neighbours: AutoScalingNeighbours): AutoScaling {
  const { clock, random, timings } = surroundings;
  const { instances, hosts } = neighbours;
  const groups = createGroups();
  const activities = createActivities(surroundings);
  const notifications = createNotifications(surroundings, neighbours);
  const { observer } = neighbours;
  const hooks = createHookRunner(surroundings, notifications, observer);
  const launching = createLaunching(neighbours.launchTemplates);
  const registration = createRegistration(neighbours.targetGroups, instances);
  const settings = createSettingsReader(surroundings, launching, neighbours.subnets);
  const describe = createDescribe(surroundings);

  // Members tell the pass that something changed, and the pass moves members: each gets the other when it asks.
  const theMembers = (): Members => members;
  const theCapacity = (): Capacity => capacity;
  const capacityChanged = (group: Group): void => capacity.request(group);

  const health = createHealth({ clock, instances, registration, members: theMembers });
  const replacement = createReplacement({ clock, random, instances, hosts, members: theMembers });
  const refreshes = createRefreshes(surroundings, launching, theMembers, notifications);
  const warmPools = createWarmPools(clock, theMembers, theCapacity);
  const members = createMembers({
    surroundings,
    groups,
    instances,
    hosts,
    activities,
    hooks,
    notifications,
    registration,
    capacityChanged,
    observer,
  });
  const capacity = createCapacity({
    surroundings,
    launching,
    members: theMembers,
    activities,
    notifications,
    before(group) {
      health.check(group);
      forgetRemoved(group, registration);
      replacement.look(group);
      refreshes.step(group);
    },
    after: warmPools.step,
    launchSource: refreshedLaunchSource,
    surplusPercentage: (group) => surplusPercentage(group, activeRefresh(group)?.preferences.maxHealthyPercentage),
    warmup: instanceWarmup,
    takeFromPool: warmPools.take,
  });
  const sizes = createSizes(clock, theCapacity);
  const policies = createPolicies(surroundings, groups, sizes.setDesiredCapacity);
  const scheduledActions = createScheduledActions(surroundings, sizes, activities);
  const standby = createStandby(clock, groups, instances, members, sizes.setDesiredCapacity);

  const regular: Timer[] = [];
  /** The regular pass and the metrics run only while there are groups. */
  function groupsChanged(): void {
    if (groups.all.size === 0) for (const timer of regular.splice(0)) timer.cancel();
    if (groups.all.size === 0 || regular.length > 0) return;
    regular.push(
      clock.every(timings.groupPass, () => {
        for (const group of [...groups.all.values()]) capacity.pass(group);
      }),
      clock.every(METRICS_PERIOD, () => putGroupMetrics(groups, neighbours.metrics)),
    );
  }

  const service = embeddedService(sdk, "autoscaling", {
    ...groupOperations({
      surroundings,
      groups,
      registration,
      members,
      capacity,
      settings,
      sizes,
      describe,
      scheduledActions,
      groupsChanged,
    }),
    ...instanceOperations({
      clock,
      groups,
      members,
      hooks,
      health,
      standby,
      sizes,
      describe,
      changed: capacityChanged,
    }),
    ...processOperations(clock, groups, capacityChanged),
    ...hookOperations(groups, hooks, notifications),
    ...trafficOperations(groups, registration),
    ...policyOperations(groups, policies),
    ...scheduleOperations(clock, groups, scheduledActions),
    ...refreshOperations(groups, refreshes, launching, capacityChanged),
    ...warmPoolOperations(groups, warmPools, describe),
    ...tagOperations(groups),
    ...accountOperations(groups),
  });

  return {
    service,
    alarmActions: { executePolicy: policies.executePolicy },
    autoScalingGroupArn: (name) => groups.all.get(name)?.arn,
    autoScalingGroupOfInstance: (instanceId) => groups.members.get(instanceId)?.group.name,
    tagsOf(groupArn) {
      const group = groups.all.get(nameInArn(groupArn));
      return Object.fromEntries([...(group?.tags.values() ?? [])].map(({ key, value }) => [key, value]));
    },
  };
}
