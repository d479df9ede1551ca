/**
 * Keeps members moving: records each change of state, tells the machine what Auto Scaling wants it to become, and
 * looks every moment at those that are on their way.
 */
import type { Clock, Timer } from "../../clock.ts";
import type { Hosts, Instance, LifecycleObserver } from "../../region.ts";
import type { Activities, ScalingActivity } from "./activities.ts";
import type { Group, Groups, Member } from "./groups.ts";
import { isLeaving, type Lifecycle, lifecycleState } from "./lifecycle.ts";

export interface Motion {
  begin(
    group: Group,
    description: string,
    cause: string,
    where: { readonly availabilityZone: string; readonly subnetId: string },
  ): ScalingActivity;
  /** A new member, in its first state. */
  join(group: Group, instance: Instance, launchTemplate: Member["launchTemplate"], lifecycle: Lifecycle): Member;
  move(member: Member, lifecycle: Lifecycle): void;
  /** The last state: the group has the member no longer. */
  leave(member: Member, lifecycle: Lifecycle): void;
  /** It stays where it is until something else moves it. */
  rest(member: Member): void;
  tellHost(member: Member): void;
}

export interface MotionSurroundings {
  readonly clock: Clock;
  readonly groupPass: number;
  readonly groups: Groups;
  readonly hosts: Hosts;
  readonly activities: Activities;
  /** What the group has is no longer what it had. */
  readonly capacityChanged: (group: Group) => void;
  readonly observer: LifecycleObserver | undefined;
  /** One step of the state machine. */
  readonly advance: (member: Member) => void;
}

export function createMotion(given: MotionSurroundings): Motion {
  const { clock, groups, hosts, activities } = given;
  const inMotion = new Set<Member>();
  const moment = shortDelay(given.groupPass);
  let next: Timer | undefined;

  function begin(
    group: Group,
    description: string,
    cause: string,
    where: { readonly availabilityZone: string; readonly subnetId: string },
  ): ScalingActivity {
    const { availabilityZone, subnetId } = where;
    return activities.begin(group, { description, cause, statusCode: "InProgress", availabilityZone, subnetId });
  }

  function join(
    group: Group,
    instance: Instance,
    launchTemplate: Member["launchTemplate"],
    lifecycle: Lifecycle,
  ): Member {
    const member: Member = {
      group,
      instanceId: instance.instanceId,
      instanceType: instance.instanceType,
      imageId: instance.imageId,
      availabilityZone: instance.availabilityZone,
      subnetId: instance.subnetId,
      launchTemplate,
      spot: instance.spot,
      joinedAt: clock.now(),
      lifecycle,
      previousLifecycle: undefined,
      changedAt: clock.now(),
      health: "Healthy",
      healthCause: undefined,
      protectedFromScaleIn: group.settings.newInstancesProtectedFromScaleIn,
      replacement: undefined,
    };
    group.members.set(member.instanceId, member);
    groups.members.set(member.instanceId, member);
    move(member, lifecycle);
    member.previousLifecycle = undefined;
    return member;
  }

  function move(member: Member, lifecycle: Lifecycle): void {
    member.previousLifecycle = member.lifecycle;
    member.lifecycle = lifecycle;
    member.changedAt = clock.now();
    tellHost(member);
    given.observer?.moved(member.instanceId, lifecycleState(lifecycle));
    inMotion.add(member);
    keepMoving();
    given.capacityChanged(member.group);
  }

  function leave(member: Member, lifecycle: Lifecycle): void {
    move(member, lifecycle);
    inMotion.delete(member);
    member.group.members.delete(member.instanceId);
    groups.members.delete(member.instanceId);
  }

  function keepMoving(): void {
    if (next !== undefined || inMotion.size === 0) return;
    next = clock.after(moment, () => {
      next = undefined;
      for (const member of [...inMotion]) given.advance(member);
      keepMoving();
    });
  }

  /** `autoscaling/target-lifecycle-state` of the instance metadata. */
  function tellHost(member: Member): void {
    const host = hosts.find(member.instanceId);
    if (host !== undefined) host.metadata.targetLifecycleState = targetLifecycleState(member);
  }

  return { begin, join, move, leave, rest: (member) => inMotion.delete(member), tellHost };
}

/** What Auto Scaling waits between two steps, and before it looks at a group again: short beside its regular pass. */
export function shortDelay(groupPass: number): number {
  return Math.min(1_000, groupPass / 10);
}

function targetLifecycleState({ lifecycle, group }: Member): string {
  if (lifecycle.state === "Detaching" || lifecycle.state === "Detached") return "Detached";
  if (lifecycle.state === "EnteringStandby" || lifecycle.state === "Standby") return "Standby";
  const toPool = "destination" in lifecycle && lifecycle.destination === "WarmPool";
  if (isLeaving(lifecycle) && !toPool) return lifecycle.pool ? "Warmed:Terminated" : "Terminated";
  if (lifecycle.pool || toPool) return `Warmed:${group.warmPool?.poolState ?? "Stopped"}`;
  return "InService";
}
