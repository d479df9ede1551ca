/** Everything that has an ARN here: load balancers, listeners, target groups; and who forwards to whom. */
import { TargetGroupAssociationLimitException } from "@aws-sdk/client-elastic-load-balancing-v2";
import { listenerNotFound, loadBalancerNotFound, targetGroupNotFound } from "./errors.ts";
import { forwardsTo, type Listener, type LoadBalancer } from "./load-balancer.ts";
import type { TargetGroup } from "./target-group.ts";

export interface Registry {
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly listeners: Map<string, Listener>;
  readonly targetGroups: Map<string, TargetGroup>;
  /** Each throws its own not-found. */
  loadBalancer(arn: string): LoadBalancer;
  listener(arn: string): Listener;
  targetGroup(arn: string): TargetGroup;
  listenersOf(loadBalancer: LoadBalancer): readonly Listener[];
  /** Whether a listener forwards to the group. */
  isForwardedTo(group: TargetGroup): boolean;
  /** Works out anew which load balancer each group serves; tells the groups for which that changed. */
  followForwarding(changed: (group: TargetGroup) => void): void;
  /** Listeners or the settings of target groups are not what they were. */
  settingsChanged(): void;
  onSettingsChange(listener: () => void): void;
  /** Numbers everything in the order of its making. */
  nextOrder(): number;
}

export function createRegistry(): Registry {
  const loadBalancers = new Map<string, LoadBalancer>();
  const listeners = new Map<string, Listener>();
  const targetGroups = new Map<string, TargetGroup>();
  const observers: (() => void)[] = [];
  let orders = 0;

  function settingsChanged(): void {
    for (const observer of observers) observer();
  }

  function followForwarding(changed: (group: TargetGroup) => void): void {
    const users = new Map<string, LoadBalancer>();
    for (const listener of listeners.values()) {
      for (const arn of forwardsTo(listener.actions)) users.set(arn, listener.loadBalancer);
    }
    for (const group of targetGroups.values()) {
      const usedBy = users.get(group.arn);
      if (usedBy === group.usedBy) continue;
      group.usedBy = usedBy;
      changed(group);
    }
    settingsChanged();
  }

  return {
    loadBalancers,
    listeners,
    targetGroups,
    loadBalancer: (arn) => found(loadBalancers.get(arn), loadBalancerNotFound),
    listener: (arn) => found(listeners.get(arn), listenerNotFound),
    targetGroup: (arn) => found(targetGroups.get(arn), targetGroupNotFound),
    listenersOf: (loadBalancer) => [...listeners.values()].filter((listener) => listener.loadBalancer === loadBalancer),
    isForwardedTo: (group) =>
      [...listeners.values()].some((listener) => forwardsTo(listener.actions).includes(group.arn)),
    followForwarding,
    settingsChanged,
    onSettingsChange: (listener) => void observers.push(listener),
    nextOrder: () => orders++,
  };
}

/** A target group serves one load balancer (ELB guide, quotas). */
export function requireFreeFor(loadBalancer: LoadBalancer, groups: readonly TargetGroup[]): void {
  const taken = groups.find((group) => group.usedBy !== undefined && group.usedBy !== loadBalancer);
  if (taken === undefined) return;
  throw new TargetGroupAssociationLimitException({
    message: `The following target groups cannot be associated with more than one load balancer: ${taken.arn}`,
    $metadata: {},
  });
}

function found<Thing>(thing: Thing | undefined, error: () => Error): Thing {
  if (thing === undefined) throw error();
  return thing;
}
