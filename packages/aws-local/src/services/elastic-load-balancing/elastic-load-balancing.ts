/** The embedded Elastic Load Balancing (version 2): Application Load Balancers before instances, without a data plane. */
import * as sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Hosts, Instances, Metrics, Routing, Subnets, Surroundings, TargetGroups } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { createHealthChecks } from "./health-checks.ts";
import { listenerOperations } from "./listener-operations.ts";
import { loadBalancerOperations } from "./load-balancer-operations.ts";
import { publishMetrics } from "./metrics.ts";
import { createRegistry, type Registry } from "./registry.ts";
import { createRouting, servingInstances } from "./routing.ts";
import { createTagStore } from "./tags.ts";
import { targetKey } from "./target-group.ts";
import { targetGroupOperations } from "./target-group-operations.ts";
import { targetOperations } from "./target-operations.ts";
import { createTargets, type Targets, targetHealthOf } from "./targets.ts";

interface LoadBalancingNeighbours {
  readonly instances: Instances;
  readonly hosts: Hosts;
  readonly metrics: Metrics;
  readonly subnets: Subnets;
  readonly vpcId: string;
}

export interface LoadBalancing {
  readonly service: EmbeddedService;
  readonly targetGroups: TargetGroups;
  /** The instances of a group that get traffic now. */
  serving(targetGroupArn: string): readonly string[];
  /** For a data plane: tells at once where a listener sends requests, and again after each change. */
  followRouting(listenerArn: string, tell: (routing: Routing) => void): void;
  /** For `aws:ResourceTag/…` in policies; none for a resource that does not exist. */
  tagsOf(arn: string): Readonly<Record<string, string>>;
}

export function createLoadBalancing(surroundings: Surroundings, neighbours: LoadBalancingNeighbours): LoadBalancing {
  const registry = createRegistry();
  const tags = createTagStore();
  const checks = createHealthChecks(surroundings, neighbours.hosts);
  const targets = createTargets(surroundings, neighbours.instances, (group) => checks.start(group, targets));
  publishMetrics(surroundings, registry, neighbours.metrics);

  return {
    service: embeddedService(sdk, "elasticloadbalancing", {
      ...tags.operations,
      ...loadBalancerOperations(surroundings, registry, targets, tags, neighbours),
      ...listenerOperations(surroundings, registry, targets, tags),
      ...targetGroupOperations(surroundings, registry, targets, tags, neighbours.vpcId),
      ...targetOperations(surroundings, registry, targets),
    }),
    targetGroups: targetGroupsFor(registry, targets),
    serving: (arn) => servingInstances(registry.targetGroup(arn)),
    followRouting: createRouting(registry, targets).follow,
    tagsOf: tags.of,
  };
}

/** Target groups as Auto Scaling sees them: by instance, on the group's own port, and never behind the times. */
function targetGroupsFor(registry: Registry, targets: Targets): TargetGroups {
  return {
    register(arn, instanceId) {
      const group = registry.targetGroup(arn);
      targets.register(group, [{ instanceId, port: group.port }]);
    },
    deregister(arn, instanceId) {
      const group = registry.targetGroup(arn);
      targets.deregister(group, instanceId, group.port);
    },
    health(arn, instanceId) {
      const group = registry.targetGroup(arn);
      const target = group.targets.get(targetKey(instanceId, group.port));
      return target === undefined ? undefined : targetHealthOf(target);
    },
    exists: (arn) => registry.targetGroups.has(arn),
    onHealthChange: targets.onHealthChange,
  };
}
