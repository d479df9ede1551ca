/**
 * Who is registered where, and in which state. Registering, draining, the fate of instances that stop or end, and the
 * verdict of health checks all meet here.
 */
import { TooManyTargetsException } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Instance, Instances, Surroundings, TargetGroups, TargetHealth } from "../../region.ts";
import { invalidTarget } from "./errors.ts";
import {
  DRAINING,
  FIRST_CHECKS,
  GROUP_NOT_IN_USE,
  HEALTHY,
  type Health,
  NOT_REGISTERED,
  REGISTERING,
  STOPPED,
  ZONE_NOT_IN_USE,
} from "./health.ts";
import { deregistrationDelay, type Target, type TargetGroup, targetKey } from "./target-group.ts";

export interface Targets {
  register(group: TargetGroup, wanted: readonly { readonly instanceId: string; readonly port: number }[]): void;
  /** Nothing happens for a target that is not registered. */
  deregister(group: TargetGroup, instanceId: string, port: number): void;
  /** A check begins: the target is past its registration. */
  checking(target: Target): void;
  passed(target: Target): void;
  /** `verdict` is what it is once enough checks have failed. */
  failed(target: Target, verdict: Health): void;
  /** A listener began or ceased to forward to the group. */
  usageChanged(group: TargetGroup): void;
  /** The group itself goes. */
  clear(group: TargetGroup): void;
  onHealthChange: TargetGroups["onHealthChange"];
}

/** Targets per target group of an Application Load Balancer (ELB guide, quotas). */
const MOST_TARGETS = 1000;

export function createTargets(
  { clock }: Surroundings,
  instances: Instances,
  startChecks: (group: TargetGroup) => void,
): Targets {
  const byInstance = new Map<string, Set<Target>>();
  const listeners: Parameters<TargetGroups["onHealthChange"]>[0][] = [];

  instances.onStateChange((instance) => {
    for (const target of [...(byInstance.get(instance.instanceId) ?? [])]) follow(target, instance);
  });

  // ---- coming and going ----

  function register(group: TargetGroup, wanted: readonly { instanceId: string; port: number }[]): void {
    const found = wanted.map(({ instanceId, port }) => ({ instance: runningInstance(instances, instanceId), port }));
    const added = found.filter(({ instance, port }) => !group.targets.has(targetKey(instance.instanceId, port)));
    if (group.targets.size + added.length > MOST_TARGETS) {
      throw new TooManyTargetsException({ message: "The maximum number of targets was exceeded.", $metadata: {} });
    }
    for (const { instance, port } of found) registerOne(group, instance, port);
    startChecks(group);
  }

  /** A target that is draining may come back at once; one that is registered stays as it is. */
  function registerOne(group: TargetGroup, { instanceId, privateIp, availabilityZone }: Instance, port: number): void {
    const before = group.targets.get(targetKey(instanceId, port));
    if (before !== undefined && before.health.state !== "draining") return;
    if (before !== undefined) forget(before);
    const target: Target = {
      group,
      instanceId,
      port,
      zone: availabilityZone,
      address: privateIp,
      health: entryHealth(group, availabilityZone),
      changedAt: clock.now(),
      previous: before?.health,
      passed: 0,
      failed: 0,
      drained: undefined,
    };
    remember(target);
    tell(target);
  }

  /** The delay is waited out in full, however idle the target is (ELB guide, "Deregistration delay"). */
  function deregister(group: TargetGroup, instanceId: string, port: number): void {
    const target = group.targets.get(targetKey(instanceId, port));
    if (target === undefined || target.health.state === "draining") return;
    const delay = deregistrationDelay(group);
    if (delay === 0 || target.health.reason === "Target.NotInUse") {
      drop(target);
      return;
    }
    // Before anybody is told: they ask until when.
    target.drained = { at: clock.now() + delay, timer: clock.after(delay, () => drop(target)) };
    change(target, DRAINING);
  }

  function drop(target: Target): void {
    forget(target);
    change(target, NOT_REGISTERED);
  }

  function remember(target: Target): void {
    target.group.targets.set(targetKey(target.instanceId, target.port), target);
    const together = byInstance.get(target.instanceId) ?? new Set();
    byInstance.set(target.instanceId, together.add(target));
  }

  function forget(target: Target): void {
    target.drained?.timer.cancel();
    target.group.targets.delete(targetKey(target.instanceId, target.port));
    const together = byInstance.get(target.instanceId);
    together?.delete(target);
    if (together?.size === 0) byInstance.delete(target.instanceId);
  }

  // ---- what instances and listeners do to targets ----

  /** A stopped instance gets no traffic and may come back; an ended one is deregistered for good. */
  function follow(target: Target, { instanceId, state }: Instance): void {
    if (state === "terminated") deregister(target.group, instanceId, target.port);
    else if (target.health.state === "draining") return;
    else if (state === "stopping" || state === "stopped") change(target, STOPPED);
    else if (state === "running" && target.health === STOPPED) enter(target);
  }

  function usageChanged(group: TargetGroup): void {
    for (const target of group.targets.values()) {
      if (target.health.state !== "draining" && target.health !== STOPPED) enter(target);
    }
  }

  /** Begins anew, as if registered now. */
  function enter(target: Target): void {
    target.passed = 0;
    target.failed = 0;
    change(target, entryHealth(target.group, target.zone));
    startChecks(target.group);
  }

  // ---- what health checks find ----

  /** One pass is enough at first, a row of them after illness (ELB guide, "Health checks"). */
  function passed(target: Target): void {
    target.failed = 0;
    target.passed += 1;
    const enough = target.health.state === "initial" ? 1 : target.group.healthCheck.healthyThreshold;
    if (target.passed >= enough) change(target, HEALTHY);
  }

  function failed(target: Target, verdict: Health): void {
    target.passed = 0;
    target.failed += 1;
    if (target.failed >= target.group.healthCheck.unhealthyThreshold) change(target, verdict);
  }

  function change(target: Target, health: Health): void {
    const before = target.health;
    if (before.reason === health.reason && before.state === health.state && before.description === health.description) {
      return;
    }
    target.previous = before;
    target.health = health;
    target.changedAt = clock.now();
    if (before.state !== health.state) tell(target);
  }

  function tell(target: Target): void {
    const told = targetHealthOf(target);
    for (const listener of listeners) listener(target.group.arn, told);
  }

  return {
    register,
    deregister,
    checking(target) {
      if (target.health === REGISTERING) change(target, FIRST_CHECKS);
    },
    passed,
    failed,
    usageChanged,
    clear(group) {
      for (const target of [...group.targets.values()]) drop(target);
    },
    onHealthChange: (listener) => void listeners.push(listener),
  };
}

export const targetHealthOf = ({ instanceId, port, health }: Target): TargetHealth => ({ instanceId, port, ...health });

function entryHealth({ usedBy }: TargetGroup, zone: string): Health {
  if (usedBy === undefined) return GROUP_NOT_IN_USE;
  return usedBy.subnets.some((subnet) => subnet.zone === zone) ? REGISTERING : ZONE_NOT_IN_USE;
}

function runningInstance(instances: Instances, instanceId: string): Instance {
  const instance = instances.find(instanceId);
  if (instance === undefined) throw invalidTarget(`Instance ID '${instanceId}' is not valid`);
  if (instance.state !== "running") {
    throw invalidTarget(`The following targets are not in a running state and cannot be registered: '${instanceId}'`);
  }
  return instance;
}
