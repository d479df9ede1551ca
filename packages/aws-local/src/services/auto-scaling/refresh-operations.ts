/** Operations on instance refreshes. */
import type {
  InstanceRefresh as InstanceRefreshShown,
  RefreshPreferences as RefreshPreferencesShown,
} from "@aws-sdk/client-auto-scaling";
import { launchOf } from "./describe.ts";
import type { Group, Groups } from "./groups.ts";
import { type Launching, notModelled } from "./launching.ts";
import { page } from "./paging.ts";
import type { Refreshes } from "./refresh.ts";
import { type RefreshPreferences, refreshPreferences } from "./refresh-preferences.ts";
import type { InstanceRefresh } from "./refresh-state.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";

export function refreshOperations(
  groups: Groups,
  refreshes: Refreshes,
  launching: Launching,
  changed: (group: Group) => void,
): AutoScalingOperations {
  return {
    StartInstanceRefresh(input) {
      if ((input.Strategy ?? "Rolling") !== "Rolling") throw notModelled(`Strategy ${input.Strategy}`);
      const group = groups.require(input.AutoScalingGroupName);
      const desired = input.DesiredConfiguration;
      const refresh = refreshes.start(
        group,
        refreshPreferences(group, input.Preferences),
        desired === undefined ? undefined : launching.source(desired),
      );
      changed(group);
      return { InstanceRefreshId: refresh.id };
    },

    CancelInstanceRefresh(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const refresh = refreshes.cancel(group, input.WaitForTransitioningInstances ?? true);
      changed(group);
      return { InstanceRefreshId: refresh.id };
    },

    RollbackInstanceRefresh(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const refresh = refreshes.rollBack(group);
      changed(group);
      return { InstanceRefreshId: refresh.id };
    },

    DescribeInstanceRefreshes(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const ids = input.InstanceRefreshIds ?? [];
      const chosen = group.refreshes.toReversed().filter(({ id }) => ids.length === 0 || ids.includes(id));
      const { items, next } = page(chosen, input, { most: 100, usual: 50 });
      return { InstanceRefreshes: items.map((refresh) => refreshOf(group, refresh)), ...next };
    },
  };
}

function refreshOf(group: Group, refresh: InstanceRefresh): InstanceRefreshShown {
  const { rollback, desired } = refresh;
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: group.name,
    Status: refresh.status,
    StatusReason: refresh.statusReason,
    ...(refresh.startedAt === undefined ? {} : { StartTime: new Date(refresh.startedAt) }),
    ...(refresh.endedAt === undefined ? {} : { EndTime: new Date(refresh.endedAt) }),
    PercentageComplete: refresh.percentage,
    InstancesToUpdate: refresh.remaining,
    ProgressDetails: {
      LivePoolProgress: { PercentageComplete: refresh.percentage, InstancesToUpdate: refresh.remaining },
    },
    Preferences: preferencesOf(refresh.preferences),
    ...(desired === undefined ? {} : { DesiredConfiguration: launchOf(desired) }),
    ...(rollback === undefined
      ? {}
      : {
          RollbackDetails: {
            RollbackReason: rollback.reason,
            RollbackStartTime: new Date(rollback.startedAt),
            PercentageCompleteOnRollback: rollback.percentage,
            InstancesToUpdateOnRollback: rollback.remaining,
          },
        }),
    Strategy: "Rolling",
  };
}

function preferencesOf(preferences: RefreshPreferences): RefreshPreferencesShown {
  const checkpoints = preferences.checkpointPercentages;
  return {
    MinHealthyPercentage: preferences.minHealthyPercentage,
    MaxHealthyPercentage: preferences.maxHealthyPercentage,
    InstanceWarmup: preferences.instanceWarmup,
    ...(checkpoints.length === 0
      ? {}
      : { CheckpointPercentages: [...checkpoints], CheckpointDelay: preferences.checkpointDelay }),
    SkipMatching: preferences.skipMatching,
    AutoRollback: preferences.autoRollback,
    ScaleInProtectedInstances: preferences.protectedInstances,
    StandbyInstances: preferences.standbyInstances,
    BakeTime: preferences.bakeTime,
  };
}
