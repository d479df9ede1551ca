/** What an Application Load Balancer tells CloudWatch about its targets, each minute. */
import type { Metrics, Surroundings } from "../../region.ts";
import { loadBalancerPath } from "./load-balancer.ts";
import type { Registry } from "./registry.ts";
import { type TargetGroup, targetGroupDimension } from "./target-group.ts";

const PERIOD = 60_000;

/** Reported while targets are registered (ELB guide, "CloudWatch metrics"); those not yet judged count for neither. */
export function publishMetrics({ clock }: Surroundings, registry: Registry, metrics: Metrics): void {
  clock.every(PERIOD, () => {
    for (const group of registry.targetGroups.values()) publish(group, metrics);
  });
}

function publish(group: TargetGroup, metrics: Metrics): void {
  const { usedBy, targets } = group;
  if (usedBy === undefined || targets.size === 0) return;
  const dimensions = { TargetGroup: targetGroupDimension(group), LoadBalancer: loadBalancerPath(usedBy) };
  const counts = { healthy: 0, unhealthy: 0 };
  for (const { health } of targets.values()) {
    if (health.state === "healthy" || health.state === "unhealthy") counts[health.state] += 1;
  }
  metrics.put("AWS/ApplicationELB", "HealthyHostCount", counts.healthy, dimensions);
  metrics.put("AWS/ApplicationELB", "UnHealthyHostCount", counts.unhealthy, dimensions);
}
