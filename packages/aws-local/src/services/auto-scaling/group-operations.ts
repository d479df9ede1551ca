/** Operations on groups: create, update, delete, sizes, describe. */
import {
  AlreadyExistsFault,
  LimitExceededFault,
  ResourceInUseFault,
  ScalingActivityInProgressFault,
} from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { Surroundings } from "../../region.ts";
import { secondsText } from "./activities.ts";
import type { Capacity } from "./capacity.ts";
import type { Describe } from "./describe.ts";
import type { Group, GroupSettings, Groups } from "./groups.ts";
import { putHook } from "./hooks.ts";
import type { Members } from "./members.ts";
import { page } from "./paging.ts";
import { requireNoCooldown } from "./policies.ts";
import type { Registration } from "./registration.ts";
import type { ScheduledActions } from "./scheduled-actions.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";
import type { SettingsReader } from "./settings.ts";
import type { Sizes } from "./sizes.ts";
import { putTags, tagMatches } from "./tag-operations.ts";
import { attachTargetGroups } from "./traffic-operations.ts";

export interface GroupParts {
  readonly surroundings: Surroundings;
  readonly groups: Groups;
  readonly registration: Registration;
  readonly members: Members;
  readonly capacity: Capacity;
  readonly settings: SettingsReader;
  readonly sizes: Sizes;
  readonly describe: Describe;
  readonly scheduledActions: ScheduledActions;
  /** The first group starts the regular pass. */
  readonly groupsChanged: () => void;
}

/** Quotas of the service (EC2 Auto Scaling quotas page). */
export const MAXIMUM_GROUPS = 500;

export function groupOperations(parts: GroupParts): AutoScalingOperations {
  const { surroundings, groups, registration, members, capacity, sizes } = parts;
  const { clock, random, region, account } = surroundings;

  function newGroup(name: string, settings: GroupSettings): Group {
    return {
      name,
      arn: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${random.uuid()}:autoScalingGroupName/${name}`,
      createdAt: clock.now(),
      settings,
      members: new Map(),
      hooks: new Map(),
      tags: new Map(),
      targetGroups: new Map(),
      suspended: new Map(),
      enabledMetrics: new Set(),
      notifications: new Map(),
      policies: new Map(),
      scheduledActions: new Map(),
      activities: { all: [], open: 0, lastEndedAt: undefined },
      warmPool: undefined,
      refreshes: [],
      capacityCauses: [
        `At ${secondsText(clock.now())} a user request created an AutoScalingGroup changing the desired capacity ` +
          `from 0 to ${settings.desiredCapacity}.`,
      ],
      backOff: { failed: false, failures: 0, until: 0 },
      failingZones: new Map(),
      deleting: false,
      previousSettings: undefined,
    };
  }

  function requireStaying(name: string): Group {
    const group = groups.require(name);
    if (group.deleting) throw new AwsError("ValidationError", `AutoScalingGroup ${group.name} is pending delete`);
    return group;
  }

  function requireNewName(name: string): void {
    if (groups.all.has(name)) {
      throw new AlreadyExistsFault({
        message: `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
        $metadata: {},
      });
    }
    if (groups.all.size >= MAXIMUM_GROUPS) {
      throw new LimitExceededFault({
        message: "The maximum number of Auto Scaling groups has been reached.",
        $metadata: {},
      });
    }
  }

  /** Without force an empty group only; with it all instances end without hooks and without draining. */
  function deleteGroup(group: Group, force: boolean): void {
    requireDeletable(group, force);
    if (!force) {
      forget(group);
      return;
    }
    group.deleting = true;
    parts.scheduledActions.removeAll(group);
    const cause = `At ${secondsText(clock.now())} a user request force deleted the AutoScalingGroup.`;
    for (const member of [...group.members.values()]) members.terminate(member, { cause, graceful: false });
    forgetWhenEmpty(group);
  }

  function requireDeletable(group: Group, force: boolean): void {
    const { deletionProtection } = group.settings;
    if (deletionProtection === "prevent-all-deletion" || (deletionProtection === "prevent-force-deletion" && force)) {
      throw new AwsError(
        "ValidationError",
        `The Auto Scaling group ${group.name} has deletion protection ${deletionProtection}.`,
      );
    }
    if (force) return;
    if (group.members.size > 0) {
      throw new ResourceInUseFault({
        message:
          "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
        $metadata: {},
      });
    }
    if (group.activities.open > 0) {
      throw new ScalingActivityInProgressFault({
        message: "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
        $metadata: {},
      });
    }
  }

  function forgetWhenEmpty(group: Group): void {
    if (group.members.size === 0) forget(group);
    else clock.after(surroundings.timings.groupPass, () => forgetWhenEmpty(group));
  }

  function forget(group: Group): void {
    parts.scheduledActions.removeAll(group);
    groups.all.delete(group.name);
    groups.deletedActivities.push(...group.activities.all);
    parts.groupsChanged();
  }

  return {
    CreateAutoScalingGroup(input) {
      requireNewName(input.AutoScalingGroupName);
      const group = newGroup(input.AutoScalingGroupName, parts.settings.create(input));
      const sources = (input.TrafficSources ?? []).map(({ Identifier }) => Identifier);
      attachTargetGroups(group, registration, [...(input.TargetGroupARNs ?? []), ...sources], true);
      for (const hook of input.LifecycleHookSpecificationList ?? []) {
        putHook(group, {
          name: hook.LifecycleHookName,
          transition: hook.LifecycleTransition,
          heartbeatTimeout: hook.HeartbeatTimeout,
          defaultResult: hook.DefaultResult,
          notificationMetadata: hook.NotificationMetadata,
          notificationTargetArn: hook.NotificationTargetARN,
          roleArn: hook.RoleARN,
        });
      }
      putTags(group, input.Tags ?? []);
      groups.all.set(group.name, group);
      parts.groupsChanged();
      capacity.request(group);
      return {};
    },

    UpdateAutoScalingGroup(input) {
      const group = requireStaying(input.AutoScalingGroupName);
      const settings = parts.settings.update(group.settings, input);
      sizes.apply(
        group,
        settings,
        (from, to) =>
          `At ${secondsText(clock.now())} a user request update of AutoScalingGroup constraints to min: ${settings.minSize}, ` +
          `max: ${settings.maxSize}, desired: ${to} changing the desired capacity from ${from} to ${to}.`,
      );
      return {};
    },

    DeleteAutoScalingGroup(input) {
      deleteGroup(groups.require(input.AutoScalingGroupName), input.ForceDelete ?? false);
      return {};
    },

    SetDesiredCapacity(input) {
      const group = requireStaying(input.AutoScalingGroupName);
      const { DesiredCapacity: wanted } = input;
      sizes.requireWithinLimits(group, wanted);
      if (input.HonorCooldown === true) requireNoCooldown(group, clock.now());
      const cause =
        `At ${secondsText(clock.now())} a user request explicitly set group desired capacity changing the desired ` +
        `capacity from ${group.settings.desiredCapacity} to ${wanted}.`;
      sizes.setDesiredCapacity(group, wanted, cause);
      return {};
    },

    DescribeAutoScalingGroups(input) {
      const names = input.AutoScalingGroupNames ?? [];
      const matching = [...groups.all.values()].filter(
        (group) =>
          (names.length === 0 || names.includes(group.name) || names.includes(group.arn)) &&
          (input.Filters ?? []).every((filter) => tagMatches(group, filter)),
      );
      const { items, next } = page(matching, input, { most: 100, usual: 50 });
      const reading = parts.describe.read();
      return {
        AutoScalingGroups: items.map((group) => reading.group(group, input.IncludeInstances ?? true)),
        ...next,
      };
    },
  };
}
