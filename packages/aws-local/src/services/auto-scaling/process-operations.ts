/** What a group is to do and to leave: suspended processes, and the metrics that it collects. */
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import { secondsText } from "./activities.ts";
import type { Group, Groups } from "./groups.ts";
import { GROUP_METRICS } from "./metrics.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";

/** `SuspendProcesses`. */
export const SCALING_PROCESSES = [
  "AZRebalance",
  "AddToLoadBalancer",
  "AlarmNotification",
  "HealthCheck",
  "InstanceRefresh",
  "Launch",
  "ReplaceUnhealthy",
  "ScheduledActions",
  "Terminate",
] as const;

export function processOperations(
  clock: Clock,
  groups: Groups,
  changed: (group: Group) => void,
): AutoScalingOperations {
  return {
    SuspendProcesses(input) {
      const group = groups.require(input.AutoScalingGroupName);
      for (const process of requireProcesses(input.ScalingProcesses)) {
        group.suspended.set(process, `User suspended at ${secondsText(clock.now())}`);
      }
      return {};
    },

    ResumeProcesses(input) {
      const group = groups.require(input.AutoScalingGroupName);
      for (const process of requireProcesses(input.ScalingProcesses)) group.suspended.delete(process);
      changed(group);
      return {};
    },

    EnableMetricsCollection(input) {
      const group = groups.require(input.AutoScalingGroupName);
      if (input.Granularity !== "1Minute") throw new AwsError("ValidationError", "Granularity must be 1Minute");
      for (const metric of requireMetrics(input.Metrics)) group.enabledMetrics.add(metric);
      return {};
    },

    DisableMetricsCollection(input) {
      const group = groups.require(input.AutoScalingGroupName);
      for (const metric of requireMetrics(input.Metrics)) group.enabledMetrics.delete(metric);
      return {};
    },
  };
}

/** None means all. */
function requireProcesses(processes: readonly string[] | undefined): readonly string[] {
  for (const process of processes ?? []) {
    if (!SCALING_PROCESSES.some((known) => known === process)) {
      throw new AwsError("ValidationError", `Invalid scaling process name: ${process}`);
    }
  }
  return processes === undefined || processes.length === 0 ? SCALING_PROCESSES : processes;
}

/** None means all. */
function requireMetrics(metrics: readonly string[] | undefined): readonly string[] {
  for (const metric of metrics ?? []) {
    if (!GROUP_METRICS.some((known) => known === metric))
      throw new AwsError("ValidationError", `Invalid metric: ${metric}`);
  }
  return metrics === undefined || metrics.length === 0 ? GROUP_METRICS : metrics;
}
