/** Group metrics: once a minute, for the groups that collect them. */
import type { Metrics } from "../../region.ts";
import type { Group, Groups } from "./groups.ts";
import { isLaunching, isResting } from "./lifecycle.ts";
import { warmPoolSize } from "./warm-pool.ts";

/** What EnableMetricsCollection knows. Instances have no weights here, so capacity and instances are the same number. */
export const GROUP_METRICS = [
  "GroupMinSize",
  "GroupMaxSize",
  "GroupDesiredCapacity",
  "GroupInServiceInstances",
  "GroupPendingInstances",
  "GroupStandbyInstances",
  "GroupTerminatingInstances",
  "GroupTotalInstances",
  "GroupInServiceCapacity",
  "GroupPendingCapacity",
  "GroupStandbyCapacity",
  "GroupTerminatingCapacity",
  "GroupTotalCapacity",
  "WarmPoolDesiredCapacity",
  "WarmPoolWarmedCapacity",
  "WarmPoolPendingCapacity",
  "WarmPoolTerminatingCapacity",
  "WarmPoolTotalCapacity",
  "GroupAndWarmPoolDesiredCapacity",
  "GroupAndWarmPoolTotalCapacity",
] as const;

type GroupMetric = (typeof GROUP_METRICS)[number];

export function putGroupMetrics(groups: Groups, metrics: Metrics): void {
  for (const group of groups.all.values()) {
    if (group.enabledMetrics.size === 0) continue;
    const values = measure(group);
    for (const name of GROUP_METRICS) {
      if (!group.enabledMetrics.has(name)) continue;
      metrics.put("AWS/AutoScaling", name, values[name], { AutoScalingGroupName: group.name });
    }
  }
}

export const METRICS_PERIOD = 60_000;

function measure(group: Group): Record<GroupMetric, number> {
  const { minSize, maxSize, desiredCapacity } = group.settings;
  const counts = {
    inService: 0,
    pending: 0,
    standby: 0,
    terminating: 0,
    warmed: 0,
    poolPending: 0,
    poolTerminating: 0,
  };
  for (const { lifecycle } of group.members.values()) {
    const launching = isLaunching(lifecycle);
    if (lifecycle.pool) counts[launching ? "poolPending" : isResting(lifecycle) ? "warmed" : "poolTerminating"] += 1;
    else if (lifecycle.state === "InService") counts.inService += 1;
    else if (lifecycle.state === "Standby") counts.standby += 1;
    else counts[launching ? "pending" : "terminating"] += 1;
  }
  const total = counts.inService + counts.pending + counts.standby + counts.terminating;
  const poolTotal = counts.warmed + counts.poolPending + counts.poolTerminating;
  const poolDesired = warmPoolSize(group);
  return {
    GroupMinSize: minSize,
    GroupMaxSize: maxSize,
    GroupDesiredCapacity: desiredCapacity,
    GroupInServiceInstances: counts.inService,
    GroupPendingInstances: counts.pending,
    GroupStandbyInstances: counts.standby,
    GroupTerminatingInstances: counts.terminating,
    GroupTotalInstances: total,
    GroupInServiceCapacity: counts.inService,
    GroupPendingCapacity: counts.pending,
    GroupStandbyCapacity: counts.standby,
    GroupTerminatingCapacity: counts.terminating,
    GroupTotalCapacity: total,
    WarmPoolDesiredCapacity: poolDesired,
    WarmPoolWarmedCapacity: counts.warmed,
    WarmPoolPendingCapacity: counts.poolPending,
    WarmPoolTerminatingCapacity: counts.poolTerminating,
    WarmPoolTotalCapacity: poolTotal,
    GroupAndWarmPoolDesiredCapacity: desiredCapacity + poolDesired,
    GroupAndWarmPoolTotalCapacity: total + poolTotal,
  };
}
