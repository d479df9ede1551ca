/**
 * The instance lifecycle, one step at a time. The order is AWS's: at launch hooks, then the load balancer, then in
 * service; at the end the load balancer's draining, then hooks, then EC2 (Auto Scaling guide, instance lifecycle).
 */

import type { Clock } from "../../clock.ts";
import type { Instance, Instances } from "../../region.ts";
import type { Activities, ScalingActivity } from "./activities.ts";
import { secondsText } from "./activities.ts";
import type { Member } from "./groups.ts";
import type { HookRunner, HooksEnd } from "./hooks.ts";
import { isLaunching, type Lifecycle } from "./lifecycle.ts";
import type { Members } from "./members.ts";
import type { Motion } from "./motion.ts";
import type { Notifications } from "./notifications.ts";
import type { Registration } from "./registration.ts";

export interface StateMachineParts {
  readonly clock: Clock;
  readonly instances: Instances;
  readonly activities: Activities;
  readonly hooks: HookRunner;
  readonly notifications: Notifications;
  readonly registration: Registration;
  readonly motion: Motion;
  readonly members: Pick<Members, "terminate" | "noticeDeath">;
}

type In<State extends Lifecycle["state"]> = Extract<Lifecycle, { state: State }>;

/** The step of a member that is on its way, if it is ready for one. */
export function createStateMachine(parts: StateMachineParts): (member: Member) => void {
  const { clock, instances, activities, hooks, notifications, registration, motion, members } = parts;

  function advance(member: Member): void {
    const { lifecycle } = member;
    switch (lifecycle.state) {
      case "Pending":
        start(member, lifecycle);
        break;
      case "Pending:Proceed":
        if (lifecycle.pool) restInPool(member, lifecycle.activity);
        else enterService(member, lifecycle);
        break;
      case "Terminating":
        leaveService(member, lifecycle);
        break;
      case "Terminating:Proceed":
        if (lifecycle.destination === "WarmPool") restInPool(member, lifecycle.activity);
        else terminate(member, lifecycle);
        break;
      case "Detaching":
        detach(member, lifecycle);
        break;
      case "EnteringStandby":
        standBy(member, lifecycle);
        break;
      default:
        motion.rest(member);
    }
  }

  // ---- In ----------------------------------------------------------------------------------------------------------

  function start(member: Member, lifecycle: In<"Pending">): void {
    const instance = instances.find(member.instanceId);
    if (isDead(instance)) {
      members.noticeDeath(member, endedCause(clock.now()));
      return;
    }
    // From the warm pool, where it rested stopped.
    if (instance.state === "stopped") instances.start(member.instanceId);
    if (instance.state !== "running") return;
    if (lifecycle.hooks && waitForLaunchHooks(member, lifecycle)) return;
    motion.move(member, { ...lifecycle, state: "Pending:Proceed" });
  }

  /** False where there is no hook. */
  function waitForLaunchHooks(member: Member, lifecycle: In<"Pending">): boolean {
    const destination = lifecycle.pool ? "WarmPool" : "AutoScalingGroup";
    const places = { origin: lifecycle.origin, destination } as const;
    const actions = hooks.begin(member, "autoscaling:EC2_INSTANCE_LAUNCHING", places, (end) =>
      launchHooksEnded(member, end),
    );
    if (actions.length === 0) return false;
    activities.note(lifecycle.activity, "MidLifecycleAction", 40);
    motion.move(member, { ...lifecycle, state: "Pending:Wait", actions });
    return true;
  }

  function launchHooksEnded(member: Member, end: HooksEnd): void {
    const { lifecycle } = member;
    if (lifecycle.state !== "Pending:Wait") return;
    if (end.result === "ABANDON") {
      abandonLaunch(member, lifecycle.activity, end.reason);
      return;
    }
    activities.note(lifecycle.activity, "PreInService", 70);
    const { pool, origin, hooks: hooked, activity } = lifecycle;
    motion.move(member, { state: "Pending:Proceed", pool, origin, hooks: hooked, activity });
  }

  /** The instance is terminated and, by the next pass, replaced. */
  function abandonLaunch(member: Member, activity: ScalingActivity, reason: string): void {
    const { group } = member;
    activities.end(group, activity, "Cancelled", reason);
    notifications.outcome(group, member.instanceId, "Launch", activity);
    group.backOff.failed = true;
    const now = secondsText(clock.now());
    members.terminate(member, {
      cause: `At ${now} an instance was taken out of service in response to a launch failure.`,
    });
  }

  /** Registered before it is in service; nobody waits for it to become healthy there. */
  function enterService(member: Member, lifecycle: In<"Pending:Proceed">): void {
    const { group } = member;
    if (instances.find(member.instanceId)?.state !== "running") {
      members.noticeDeath(member, endedCause(clock.now()));
      return;
    }
    registration.register(member);
    motion.move(member, { state: "InService", pool: false, since: clock.now() });
    activities.end(group, lifecycle.activity, "Successful");
    if (!lifecycle.hooks) return;
    notifications.outcome(group, member.instanceId, "Launch", lifecycle.activity);
    group.backOff.failures = 0;
  }

  /** Into the warm pool, from a launch or from the group. */
  function restInPool(member: Member, activity: ScalingActivity): void {
    const { group, instanceId } = member;
    const poolState = group.warmPool?.poolState ?? "Stopped";
    const instance = instances.find(instanceId);
    if (isDead(instance)) {
      members.noticeDeath(member, endedCause(clock.now()));
      return;
    }
    if (poolState === "Stopped" && instance.state === "running") instances.stop(instanceId);
    if (instance.state !== (poolState === "Stopped" ? "stopped" : "running")) return;
    const kind = isLaunching(member.lifecycle) ? "Launch" : "Terminate";
    motion.move(member, { state: poolState, pool: true });
    activities.end(group, activity, "Successful");
    notifications.outcome(group, instanceId, kind, activity);
    group.backOff.failures = 0;
  }

  // ---- Out ---------------------------------------------------------------------------------------------------------

  /** Waits for the whole draining, then for the hooks; a dead instance waits for nothing. */
  function leaveService(member: Member, lifecycle: In<"Terminating">): void {
    const dead = isDead(instances.find(member.instanceId));
    if (!dead && registration.isDraining(member.instanceId, lifecycle.draining)) return;
    if (!dead && lifecycle.hooks && waitForTerminateHooks(member, lifecycle)) return;
    proceedToTerminate(member, lifecycle);
  }

  /** False where there is no hook. */
  function waitForTerminateHooks(member: Member, lifecycle: In<"Terminating">): boolean {
    const { pool, destination, activity } = lifecycle;
    const places = { origin: pool ? "WarmPool" : "AutoScalingGroup", destination } as const;
    const actions = hooks.begin(member, "autoscaling:EC2_INSTANCE_TERMINATING", places, (end) =>
      terminateHooksEnded(member, end),
    );
    if (actions.length === 0) return false;
    activities.note(activity, "MidLifecycleAction", 60);
    motion.move(member, { state: "Terminating:Wait", actions, pool, destination, activity });
    return true;
  }

  /** Both results lead to termination, unless the group's policy retains what was abandoned. */
  function terminateHooksEnded(member: Member, end: HooksEnd): void {
    const { lifecycle, group } = member;
    if (lifecycle.state !== "Terminating:Wait") return;
    if (end.result === "ABANDON" && group.settings.retainOnTerminateHookAbandon === true) {
      activities.end(group, lifecycle.activity, "Cancelled", end.reason);
      motion.move(member, { state: "Terminating:Retained", pool: lifecycle.pool });
      return;
    }
    proceedToTerminate(member, lifecycle);
  }

  function proceedToTerminate(member: Member, lifecycle: In<"Terminating" | "Terminating:Wait">): void {
    const { pool, destination, activity } = lifecycle;
    activities.note(activity, "InProgress", 80);
    motion.move(member, { state: "Terminating:Proceed", asked: false, pool, destination, activity });
  }

  function terminate(member: Member, lifecycle: In<"Terminating:Proceed">): void {
    const { group, instanceId } = member;
    const { activity } = lifecycle;
    if (!lifecycle.asked) {
      member.lifecycle = { ...lifecycle, asked: true };
      if (!isDead(instances.find(instanceId))) instances.terminate(instanceId, activity.description);
    }
    const instance = instances.find(instanceId);
    if (instance !== undefined && instance.state !== "terminated") return;
    motion.leave(member, { state: "Terminated", pool: lifecycle.pool });
    activities.end(group, activity, "Successful");
    notifications.outcome(group, instanceId, "Terminate", activity);
  }

  function detach(member: Member, lifecycle: In<"Detaching">): void {
    if (registration.isDraining(member.instanceId, lifecycle.draining)) return;
    motion.leave(member, { state: "Detached", pool: lifecycle.pool });
    activities.end(member.group, lifecycle.activity, "Successful");
  }

  function standBy(member: Member, lifecycle: In<"EnteringStandby">): void {
    if (registration.isDraining(member.instanceId, lifecycle.draining)) return;
    motion.move(member, { state: "Standby", pool: false });
    activities.end(member.group, lifecycle.activity, "Successful");
  }

  return advance;
}

const endedCause = (now: number): string =>
  `At ${secondsText(now)} an instance was taken out of service in response to an EC2 health check indicating it has ` +
  "been terminated or stopped.";

export function isDead(
  instance: Instance | undefined,
): instance is undefined | (Instance & { readonly state: "shutting-down" | "terminated" }) {
  return instance === undefined || instance.state === "shutting-down" || instance.state === "terminated";
}
