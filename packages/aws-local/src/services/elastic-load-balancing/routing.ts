/** Where requests go: what a data plane follows. */
import type { RoutedGroup, RoutedHealth, Routing } from "../../region.ts";
import { forwardsTo } from "./load-balancer.ts";
import type { Registry } from "./registry.ts";
import { deregistrationDelay, healthyNeeded, isChecked, type Target, type TargetGroup } from "./target-group.ts";
import type { Targets } from "./targets.ts";

interface RoutingObserver {
  follow(listenerArn: string, tell: (routing: Routing) => void): void;
}

export function createRouting(registry: Registry, targets: Targets): RoutingObserver {
  const followers: (() => void)[] = [];
  const changed = (): void => {
    for (const follower of followers) follower();
  };
  targets.onHealthChange(changed);
  registry.onSettingsChange(changed);

  return {
    follow(listenerArn, tell) {
      registry.listener(listenerArn);
      let told = "";
      const follower = (): void => {
        const routing = routingOf(registry, listenerArn);
        const text = JSON.stringify(routing);
        if (text === told) return;
        told = text;
        tell(routing);
      };
      followers.push(follower);
      follower();
    },
  };
}

/** A listener that was deleted sends requests nowhere. */
function routingOf({ listeners, targetGroup }: Registry, listenerArn: string): Routing {
  return forwardsTo(listeners.get(listenerArn)?.actions ?? []).map((arn) => routed(targetGroup(arn)));
}

function routed(group: TargetGroup): RoutedGroup {
  const serving = servingTargets(group);
  return {
    targetGroupArn: group.arn,
    deregistrationDelay: deregistrationDelay(group),
    targets: [...group.targets.values()].map((target) => ({
      instanceId: target.instanceId,
      address: target.address,
      port: target.port,
      health: routedHealth(target),
      takesRequests: serving.includes(target),
    })),
  };
}

function routedHealth({ health: { state }, drained }: Target): RoutedHealth {
  if (state !== "draining") return { state };
  if (drained === undefined) throw new Error("a target that drains has an end of its draining");
  return { state, until: drained.at };
}

export const servingInstances = (group: TargetGroup): readonly string[] => [
  ...new Set(servingTargets(group).map(({ instanceId }) => instanceId)),
];

/** The healthy, or all that are in use when too few are healthy (ELB guide, "Health checks for target groups": fail open). */
function servingTargets(group: TargetGroup): readonly Target[] {
  const able = [...group.targets.values()].filter(isChecked);
  const healthy = able.filter(({ health }) => health.state === "healthy");
  return healthy.length < healthyNeeded(group, able.length) ? able : healthy;
}
