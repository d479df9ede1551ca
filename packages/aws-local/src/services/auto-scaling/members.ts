/** What sets members in motion: launch, attach, terminate, detach, standby. `state-machine.ts` takes it from there. */
import type { Hosts, Instance, Instances, LaunchRequest, LifecycleObserver, Surroundings } from "../../region.ts";
import type { Activities, ScalingActivity } from "./activities.ts";
import type { Group, Groups, Member } from "./groups.ts";
import type { HookRunner } from "./hooks.ts";
import { isLaunching, isLeaving } from "./lifecycle.ts";
import { createMotion } from "./motion.ts";
import type { Notifications } from "./notifications.ts";
import type { Registration } from "./registration.ts";
import { createStateMachine } from "./state-machine.ts";

export interface Members {
  /** Throws EC2's `AwsError` where the instance cannot be launched. */
  launch(group: Group, request: LaunchRequest, template: Member["launchTemplate"], how: LaunchHow): Member;
  /** Takes an instance that already runs; no hooks. */
  attach(group: Group, instance: Instance, cause: string): ScalingActivity;
  /** Moves a warmed instance into the group; launch hooks run for the second time. */
  leavePool(member: Member, cause: string): void;
  terminate(member: Member, how: TerminateHow): ScalingActivity;
  /** The instance ended without the group's doing: no hooks, nothing to drain. */
  noticeDeath(member: Member, cause: string): void;
  detach(member: Member, cause: string): ScalingActivity;
  enterStandby(member: Member, cause: string): ScalingActivity;
  exitStandby(member: Member, cause: string): ScalingActivity;
}

export interface LaunchHow {
  readonly pool: boolean;
  readonly cause: string;
}

export interface TerminateHow {
  readonly cause: string;
  /** Runs terminate hooks and waits for connection draining; true unless said otherwise. */
  readonly graceful?: boolean;
  /** Returns to the warm pool instead. */
  readonly toPool?: boolean;
}

export interface MembersSurroundings {
  readonly surroundings: Surroundings;
  readonly groups: Groups;
  readonly instances: Instances;
  readonly hosts: Hosts;
  readonly activities: Activities;
  readonly hooks: HookRunner;
  readonly notifications: Notifications;
  readonly registration: Registration;
  readonly capacityChanged: (group: Group) => void;
  readonly observer: LifecycleObserver | undefined;
}

export function createMembers(given: MembersSurroundings): Members {
  const { groups, instances, hosts, activities, hooks, notifications, registration, capacityChanged } = given;
  const { clock, timings } = given.surroundings;
  const motion = createMotion({
    clock,
    groupPass: timings.groupPass,
    groups,
    hosts,
    activities,
    capacityChanged,
    observer: given.observer,
    advance: (member) => advance(member),
  });
  const advance = createStateMachine({
    clock,
    instances,
    activities,
    hooks,
    notifications,
    registration,
    motion,
    members: { terminate, noticeDeath },
  });

  function launch(group: Group, request: LaunchRequest, template: Member["launchTemplate"], how: LaunchHow): Member {
    const instance = instances.launch(request);
    const activity = motion.begin(group, `Launching a new EC2 instance: ${instance.instanceId}`, how.cause, instance);
    activities.note(activity, "PreInService", 30);
    return motion.join(group, instance, template, {
      state: "Pending",
      pool: how.pool,
      origin: "EC2",
      hooks: true,
      activity,
    });
  }

  function attach(group: Group, instance: Instance, cause: string): ScalingActivity {
    const activity = motion.begin(group, `Attaching an existing EC2 instance: ${instance.instanceId}`, cause, instance);
    motion.join(group, instance, undefined, { state: "Pending", pool: false, origin: "EC2", hooks: false, activity });
    return activity;
  }

  function leavePool(member: Member, cause: string): void {
    const description = `Launching a new EC2 instance from warm pool: ${member.instanceId}`;
    const activity = motion.begin(member.group, description, cause, member);
    activities.note(activity, "PreInService", 30);
    member.protectedFromScaleIn = member.group.settings.newInstancesProtectedFromScaleIn;
    motion.move(member, { state: "Pending", pool: false, origin: "WarmPool", hooks: true, activity });
  }

  /** One that already leaves goes on leaving, unless it now has to go at once. */
  function terminate(member: Member, how: TerminateHow): ScalingActivity {
    const { lifecycle, group } = member;
    const graceful = how.graceful ?? true;
    const leaving = isLeaving(lifecycle) && "activity" in lifecycle ? lifecycle.activity : undefined;
    if (leaving !== undefined && (graceful || lifecycle.state === "Terminating:Proceed")) return leaving;
    hooks.drop(member);
    if (isLaunching(lifecycle))
      activities.end(group, lifecycle.activity, "Cancelled", "The instance is being terminated");
    const description = `Terminating EC2 instance: ${member.instanceId}`;
    if (leaving === undefined) given.observer?.terminating(member.instanceId, how.cause);
    const activity = leaving ?? motion.begin(group, description, how.cause, member);
    member.replacement = undefined;
    const registered = lifecycle.pool ? [] : registration.deregister(member);
    const draining = graceful ? registered : [];
    activities.note(activity, draining.length > 0 ? "WaitingForELBConnectionDraining" : "InProgress", 20);
    motion.move(member, {
      state: "Terminating",
      pool: lifecycle.pool,
      // What was retained has had its hooks.
      hooks: graceful && lifecycle.state !== "Terminating:Retained",
      destination: how.toPool === true ? "WarmPool" : "EC2",
      draining,
      activity,
    });
    return activity;
  }

  function noticeDeath(member: Member, cause: string): void {
    const { lifecycle, group } = member;
    if (isLaunching(lifecycle)) {
      const reason = "Instance became unhealthy while waiting for instance to be in InService state";
      activities.end(group, lifecycle.activity, "Cancelled", reason);
      notifications.outcome(group, member.instanceId, "Launch", lifecycle.activity);
      group.backOff.failed = true;
    }
    terminate(member, { cause, graceful: false });
  }

  function detach(member: Member, cause: string): ScalingActivity {
    const activity = motion.begin(member.group, `Detaching EC2 instance: ${member.instanceId}`, cause, member);
    const draining = drain(member, activity);
    motion.move(member, { state: "Detaching", pool: member.lifecycle.pool, draining, activity });
    return activity;
  }

  function enterStandby(member: Member, cause: string): ScalingActivity {
    const activity = motion.begin(member.group, `Moving EC2 instance to Standby: ${member.instanceId}`, cause, member);
    const draining = drain(member, activity);
    motion.move(member, { state: "EnteringStandby", pool: false, draining, activity });
    return activity;
  }

  function drain(member: Member, activity: ScalingActivity): readonly string[] {
    member.replacement = undefined;
    const draining = registration.deregister(member);
    activities.note(activity, draining.length > 0 ? "WaitingForELBConnectionDraining" : "InProgress", 50);
    return draining;
  }

  function exitStandby(member: Member, cause: string): ScalingActivity {
    const description = `Moving EC2 instance out of Standby: ${member.instanceId}`;
    const activity = motion.begin(member.group, description, cause, member);
    activities.note(activity, "PreInService", 30);
    member.health = "Healthy";
    member.healthCause = undefined;
    motion.move(member, { state: "Pending", pool: false, origin: "AutoScalingGroup", hooks: false, activity });
    return activity;
  }

  return { launch, attach, leavePool, terminate, noticeDeath, detach, enterStandby, exitStandby };
}
