/** Operations on lifecycle hooks and on the notifications of a group. */
import { AwsError } from "../../aws-error.ts";
import { hookOf } from "./describe.ts";
import type { Groups } from "./groups.ts";
import { type HookRunner, LIFECYCLE_TRANSITIONS, putHook } from "./hooks.ts";
import { NOTIFICATION_TYPES, type Notifications } from "./notifications.ts";
import { page } from "./paging.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";

export function hookOperations(groups: Groups, hooks: HookRunner, notifications: Notifications): AutoScalingOperations {
  return {
    PutLifecycleHook(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const before = group.hooks.get(input.LifecycleHookName);
      const hook = putHook(group, {
        name: input.LifecycleHookName,
        transition: input.LifecycleTransition,
        heartbeatTimeout: input.HeartbeatTimeout,
        defaultResult: input.DefaultResult,
        notificationMetadata: input.NotificationMetadata,
        notificationTargetArn: input.NotificationTargetARN,
        roleArn: input.RoleARN,
      });
      if (input.NotificationTargetARN === undefined || hook.notificationTargetArn === undefined) return {};
      try {
        notifications.testHookTarget(group, hook.notificationTargetArn);
      } catch (error) {
        if (before === undefined) group.hooks.delete(hook.name);
        else group.hooks.set(before.name, before);
        throw error;
      }
      return {};
    },

    DeleteLifecycleHook(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const hook = group.hooks.get(input.LifecycleHookName);
      if (hook === undefined) {
        throw new AwsError("ValidationError", `No Lifecycle Hook found with name: ${input.LifecycleHookName}`);
      }
      group.hooks.delete(hook.name);
      hooks.hookDeleted(group, hook);
      return {};
    },

    DescribeLifecycleHooks(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const names = input.LifecycleHookNames ?? [];
      const chosen = [...group.hooks.values()].filter(({ name }) => names.length === 0 || names.includes(name));
      return { LifecycleHooks: chosen.map((hook) => hookOf(group, hook)) };
    },

    DescribeLifecycleHookTypes: () => ({ LifecycleHookTypes: [...LIFECYCLE_TRANSITIONS] }),

    PutNotificationConfiguration(input) {
      const group = groups.require(input.AutoScalingGroupName);
      for (const type of input.NotificationTypes) {
        if (!NOTIFICATION_TYPES.some((known) => known === type)) {
          throw new AwsError("ValidationError", `"${type}" is not a valid Notification Type`);
        }
      }
      group.notifications.set(input.TopicARN, new Set(input.NotificationTypes));
      notifications.testTopic(group, input.TopicARN);
      return {};
    },

    DeleteNotificationConfiguration(input) {
      groups.require(input.AutoScalingGroupName).notifications.delete(input.TopicARN);
      return {};
    },

    DescribeNotificationConfigurations(input) {
      const names = input.AutoScalingGroupNames ?? [];
      const chosen = [...groups.all.values()].filter(({ name }) => names.length === 0 || names.includes(name));
      const shown = chosen.flatMap((group) =>
        [...group.notifications].flatMap(([TopicARN, types]) =>
          [...types].map((NotificationType) => ({ AutoScalingGroupName: group.name, TopicARN, NotificationType })),
        ),
      );
      const { items, next } = page(shown, input, { most: 100, usual: 50 });
      return { NotificationConfigurations: items, ...next };
    },

    DescribeAutoScalingNotificationTypes: () => ({ AutoScalingNotificationTypes: [...NOTIFICATION_TYPES] }),
  };
}
