/**
 * The load balancer's side of a member: registered before it goes in service, drained before it leaves. A target
 * group that was deleted behind the group's back has no targets any more.
 */
import type { Instances, TargetGroups, TargetState } from "../../region.ts";
import { isSuspended, type Member } from "./groups.ts";

export interface Registration {
  exists(targetGroupArn: string): boolean;
  /** With every target group of its group. */
  register(member: Member): void;
  registerWith(targetGroupArn: string, member: Member): void;
  /** Begins draining everywhere; the target groups to wait for. */
  deregister(member: Member): readonly string[];
  deregisterFrom(targetGroupArn: string, member: Member): void;
  /** Undefined where it is not registered and drains no longer. */
  state(targetGroupArn: string, instanceId: string): TargetState | undefined;
  isDraining(instanceId: string, targetGroupArns: readonly string[]): boolean;
}

export function createRegistration(targetGroups: TargetGroups, instances: Instances): Registration {
  function register(member: Member): void {
    for (const { arn, removing } of member.group.targetGroups.values()) if (!removing) registerWith(arn, member);
  }

  /** An instance that does not run cannot be registered; the health check will find it. */
  function registerWith(arn: string, member: Member): void {
    // With AddToLoadBalancer suspended an instance is not registered, and not later either when the process resumes.
    if (isSuspended(member.group, "AddToLoadBalancer") || !targetGroups.exists(arn)) return;
    if (instances.find(member.instanceId)?.state === "running") targetGroups.register(arn, member.instanceId);
  }

  function deregister(member: Member): readonly string[] {
    const registered = [...member.group.targetGroups.keys()].filter(
      (arn) => state(arn, member.instanceId) !== undefined,
    );
    for (const arn of registered) targetGroups.deregister(arn, member.instanceId);
    return registered;
  }

  function deregisterFrom(arn: string, { instanceId }: Member): void {
    if (state(arn, instanceId) !== undefined) targetGroups.deregister(arn, instanceId);
  }

  function state(arn: string, instanceId: string): TargetState | undefined {
    return targetGroups.exists(arn) ? targetGroups.health(arn, instanceId)?.state : undefined;
  }

  return {
    exists: targetGroups.exists,
    register,
    registerWith,
    deregister,
    deregisterFrom,
    state,
    isDraining: (instanceId, arns) => arns.some((arn) => state(arn, instanceId) !== undefined),
  };
}
