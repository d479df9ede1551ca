/** Operations on scaling policies and scheduled actions. */
import type { ScalingPolicy as PolicyShown, ScheduledUpdateGroupAction } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import type { Group, Groups } from "./groups.ts";
import { notModelled } from "./launching.ts";
import { page } from "./paging.ts";
import { ADJUSTMENT_TYPES, type Policies, type ScalingPolicy } from "./policies.ts";
import { nextRun, type ScheduledAction, type ScheduledActions } from "./scheduled-actions.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";

export function policyOperations(groups: Groups, policies: Policies): AutoScalingOperations {
  return {
    PutScalingPolicy(input) {
      if (input.MinAdjustmentStep !== undefined) throw notModelled("MinAdjustmentStep");
      const policy = policies.put(groups.require(input.AutoScalingGroupName), input);
      return { PolicyARN: policy.arn, Alarms: [] };
    },

    ExecutePolicy(input) {
      const group = input.AutoScalingGroupName === undefined ? undefined : groups.require(input.AutoScalingGroupName);
      policies.execute(group, input.PolicyName, {
        honorCooldown: input.HonorCooldown ?? false,
        metricValue: input.MetricValue,
        breachThreshold: input.BreachThreshold,
      });
      return {};
    },

    DeletePolicy(input) {
      const group = input.AutoScalingGroupName === undefined ? undefined : groups.require(input.AutoScalingGroupName);
      const found = policies.find(group, input.PolicyName);
      found.group.policies.delete(found.policy.name);
      return {};
    },

    DescribePolicies(input) {
      const { AutoScalingGroupName: name, PolicyNames: names = [], PolicyTypes: types = [] } = input;
      const chosen = name === undefined ? [...groups.all.values()] : [groups.require(name)];
      const shown = chosen.flatMap((group) =>
        [...group.policies.values()]
          .filter((policy) => names.length === 0 || names.includes(policy.name) || names.includes(policy.arn))
          .filter(({ type }) => types.length === 0 || types.includes(type))
          .map((policy) => policyOf(group, policy)),
      );
      const { items, next } = page(shown, input, { most: 100, usual: 50 });
      return { ScalingPolicies: items, ...next };
    },

    DescribeAdjustmentTypes: () => ({
      AdjustmentTypes: ADJUSTMENT_TYPES.map((AdjustmentType) => ({ AdjustmentType })),
    }),
  };
}

function policyOf(group: Group, policy: ScalingPolicy): PolicyShown {
  return {
    AutoScalingGroupName: group.name,
    PolicyName: policy.name,
    PolicyARN: policy.arn,
    PolicyType: policy.type,
    AdjustmentType: policy.adjustmentType,
    MinAdjustmentMagnitude: policy.minAdjustmentMagnitude,
    ...(policy.type === "SimpleScaling"
      ? { ScalingAdjustment: policy.adjustment, Cooldown: policy.cooldown }
      : {
          StepAdjustments: [...policy.steps],
          MetricAggregationType: policy.metricAggregationType,
          EstimatedInstanceWarmup: policy.estimatedInstanceWarmup,
        }),
    Alarms: [],
    Enabled: policy.enabled,
  };
}

export function scheduleOperations(
  clock: Clock,
  groups: Groups,
  scheduledActions: ScheduledActions,
): AutoScalingOperations {
  return {
    PutScheduledUpdateGroupAction(input) {
      scheduledActions.put(groups.require(input.AutoScalingGroupName), input);
      return {};
    },

    DeleteScheduledAction(input) {
      scheduledActions.remove(groups.require(input.AutoScalingGroupName), input.ScheduledActionName);
      return {};
    },

    BatchPutScheduledUpdateGroupAction(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const failed = input.ScheduledUpdateGroupActions.flatMap((action) =>
        failureOf(action.ScheduledActionName, () => scheduledActions.put(group, action)),
      );
      return { FailedScheduledUpdateGroupActions: failed };
    },

    BatchDeleteScheduledAction(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const failed = input.ScheduledActionNames.flatMap((name) =>
        failureOf(name, () => scheduledActions.remove(group, name)),
      );
      return { FailedScheduledActions: failed };
    },

    DescribeScheduledActions(input) {
      const { AutoScalingGroupName: name, ScheduledActionNames: names = [] } = input;
      const from = input.StartTime?.getTime() ?? Number.NEGATIVE_INFINITY;
      const to = input.EndTime?.getTime() ?? Number.POSITIVE_INFINITY;
      const chosen = name === undefined ? [...groups.all.values()] : [groups.require(name)];
      const shown = chosen.flatMap((group) =>
        [...group.scheduledActions.values()]
          .filter((action) => names.length === 0 || names.includes(action.name))
          .map((action) => actionOf(group, action, clock.now()))
          .filter(({ StartTime }) => {
            const start = StartTime?.getTime() ?? 0;
            return start >= from && start <= to;
          }),
      );
      const { items, next } = page(shown, input, { most: 100, usual: 50 });
      return { ScheduledUpdateGroupActions: items, ...next };
    },
  };
}

function failureOf(
  name: string,
  attempt: () => void,
): { ScheduledActionName: string; ErrorCode: string; ErrorMessage: string }[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return [{ ScheduledActionName: name, ErrorCode: error.code, ErrorMessage: error.message }];
  }
}

/** The start time of a recurring action is its next run. */
function actionOf(group: Group, action: ScheduledAction, now: number): ScheduledUpdateGroupAction {
  const next = nextRun(action, now);
  const start = next === undefined ? {} : { Time: new Date(next), StartTime: new Date(next) };
  return {
    AutoScalingGroupName: group.name,
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    ...start,
    ...(action.endTime === undefined ? {} : { EndTime: new Date(action.endTime) }),
    Recurrence: action.recurrence,
    TimeZone: action.timeZone,
    MinSize: action.minSize,
    MaxSize: action.maxSize,
    DesiredCapacity: action.desiredCapacity,
  };
}
