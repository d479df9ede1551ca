/** Describes of scaling activities and of what the service knows at all: limits and lists of types. */
import type { Filter } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { ScalingActivity } from "./activities.ts";
import { activityOf } from "./describe.ts";
import { MAXIMUM_GROUPS } from "./group-operations.ts";
import type { Groups } from "./groups.ts";
import { GROUP_METRICS } from "./metrics.ts";
import { page } from "./paging.ts";
import { SCALING_PROCESSES } from "./process-operations.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";
import { TERMINATION_POLICIES } from "./termination-policy.ts";

const MAXIMUM_LAUNCH_CONFIGURATIONS = 200;

export function accountOperations(groups: Groups): AutoScalingOperations {
  return {
    /** Newest first. Unknown ids are left out without an error. */
    DescribeScalingActivities(input) {
      const { AutoScalingGroupName: name, ActivityIds: ids = [] } = input;
      const deleted = input.IncludeDeletedGroups === true ? groups.deletedActivities : [];
      const isDeleted = new Set(deleted);
      const live = [...groups.all.values()].flatMap(({ activities }) => activities.all);
      if (name !== undefined && input.IncludeDeletedGroups !== true) groups.require(name);
      const chosen = [...deleted, ...live]
        .filter(({ groupName }) => name === undefined || groupName === name)
        .filter(({ activityId }) => ids.length === 0 || ids.includes(activityId))
        .filter((activity) => (input.Filters ?? []).every((filter) => passes(activity, filter)))
        .reverse()
        .sort((one, other) => other.startTime - one.startTime);
      const { items, next } = page(chosen, input, { most: 100 });
      return { Activities: items.map((activity) => activityOf(activity, isDeleted.has(activity))), ...next };
    },

    DescribeAccountLimits: () => ({
      MaxNumberOfAutoScalingGroups: MAXIMUM_GROUPS,
      MaxNumberOfLaunchConfigurations: MAXIMUM_LAUNCH_CONFIGURATIONS,
      NumberOfAutoScalingGroups: groups.all.size,
      NumberOfLaunchConfigurations: 0,
    }),

    // Neither can be made here, so there are none.
    DescribeLaunchConfigurations: () => ({ LaunchConfigurations: [] }),

    DescribeLoadBalancers(input) {
      groups.require(input.AutoScalingGroupName);
      return { LoadBalancers: [] };
    },

    DescribeScalingProcessTypes: () => ({
      Processes: SCALING_PROCESSES.map((ProcessName) => ({ ProcessName })),
    }),

    DescribeTerminationPolicyTypes: () => ({ TerminationPolicyTypes: [...TERMINATION_POLICIES] }),

    DescribeMetricCollectionTypes: () => ({
      Metrics: GROUP_METRICS.map((Metric) => ({ Metric })),
      Granularities: [{ Granularity: "1Minute" }],
    }),
  };
}

function passes(activity: ScalingActivity, { Name: name, Values: values = [] }: Filter): boolean {
  const [first = ""] = values;
  if (name === "StartTimeLowerBound") return activity.startTime >= Date.parse(first);
  if (name === "StartTimeUpperBound") return activity.startTime <= Date.parse(first);
  if (name === "Status") return values.includes(activity.statusCode);
  throw new AwsError("ValidationError", `Filter type ${name} is not correct.`);
}
