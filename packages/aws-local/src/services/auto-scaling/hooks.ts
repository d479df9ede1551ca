/**
 * Lifecycle hooks and the actions they begin: tokens, heartbeats, the two time-outs and the default result. Who waits
 * for the end of the actions is told once: CONTINUE when every hook continued, ABANDON as soon as one abandoned.
 */
import { LimitExceededFault } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { Timer } from "../../clock.ts";
import type { LifecycleObserver, ObservedAction, Surroundings } from "../../region.ts";
import type { Group, Member } from "./groups.ts";
import type { Place } from "./lifecycle.ts";
import type { Notifications } from "./notifications.ts";

export type LifecycleTransition = "autoscaling:EC2_INSTANCE_LAUNCHING" | "autoscaling:EC2_INSTANCE_TERMINATING";
export const LIFECYCLE_TRANSITIONS = [
  "autoscaling:EC2_INSTANCE_LAUNCHING",
  "autoscaling:EC2_INSTANCE_TERMINATING",
] as const;

export type LifecycleResult = "CONTINUE" | "ABANDON";

export interface LifecycleHook {
  readonly name: string;
  readonly transition: LifecycleTransition;
  /** Seconds. */
  readonly heartbeatTimeout: number;
  readonly defaultResult: LifecycleResult;
  readonly notificationMetadata: string | undefined;
  readonly notificationTargetArn: string | undefined;
  readonly roleArn: string | undefined;
}

/** One hook holding one instance. */
export interface LifecycleAction {
  readonly hook: LifecycleHook;
  readonly token: string;
  /** Heartbeats cannot go past it. */
  readonly globalDeadline: number;
  timer: Timer;
  result: LifecycleResult | undefined;
}

/** How the actions of one passage ended. */
export interface HooksEnd {
  readonly result: LifecycleResult;
  /** The sentence of an abandoned activity's status message. */
  readonly reason: string;
}

export interface HookRunner {
  /** Begins an action for every hook of the transition; none where there is no hook, and then `ended` is not called. */
  begin(
    member: Member,
    transition: LifecycleTransition,
    passage: { origin: Place; destination: Place },
    ended: (end: HooksEnd) => void,
  ): readonly LifecycleAction[];
  complete(group: Group, request: ActionRequest, result: LifecycleResult): void;
  heartbeat(group: Group, request: ActionRequest): void;
  /** A deleted hook's actions end: launching instances are abandoned, terminating ones continue (DeleteLifecycleHook). */
  hookDeleted(group: Group, hook: LifecycleHook): void;
  /** Drops actions whose instance is gone or whose group is being deleted. */
  drop(member: Member): void;
}

export interface ActionRequest {
  readonly hookName: string;
  readonly token: string | undefined;
  readonly instanceId: string | undefined;
}

const MAXIMUM_HOOKS = 50;
const FORTY_EIGHT_HOURS = 172_800;

/** Seconds that heartbeats can hold an instance: 48 hours or 100 times the heartbeat timeout, whichever is smaller. */
export function globalTimeout(hook: LifecycleHook): number {
  return Math.min(FORTY_EIGHT_HOURS, 100 * hook.heartbeatTimeout);
}

/** Adds or replaces a hook; members that are left out of an update keep their value. */
export function putHook(group: Group, wanted: HookRequest): LifecycleHook {
  const before = group.hooks.get(wanted.name);
  const transition = wanted.transition ?? before?.transition;
  if (transition === undefined) {
    throw new AwsError("ValidationError", "A lifecycle transition must be specified for new lifecycle hooks");
  }
  if (before === undefined && group.hooks.size >= MAXIMUM_HOOKS) {
    throw new LimitExceededFault({
      message: `Maximum number of lifecycle hooks per Auto Scaling group, ${MAXIMUM_HOOKS}, has been reached.`,
      $metadata: {},
    });
  }
  const target = wanted.notificationTargetArn ?? before?.notificationTargetArn;
  const hook: LifecycleHook = {
    name: wanted.name,
    transition: knownTransition(transition),
    heartbeatTimeout: heartbeatTimeout(wanted.heartbeatTimeout ?? before?.heartbeatTimeout ?? 3600),
    defaultResult: knownResult(wanted.defaultResult ?? before?.defaultResult ?? "ABANDON"),
    notificationMetadata: wanted.notificationMetadata ?? before?.notificationMetadata,
    // An empty string takes the target away.
    notificationTargetArn: target === undefined || target === "" ? undefined : knownTarget(target),
    roleArn: wanted.roleArn ?? before?.roleArn,
  };
  group.hooks.set(hook.name, hook);
  return hook;
}

export interface HookRequest {
  readonly name: string;
  readonly transition: string | undefined;
  readonly heartbeatTimeout: number | undefined;
  readonly defaultResult: string | undefined;
  readonly notificationMetadata: string | undefined;
  readonly notificationTargetArn: string | undefined;
  readonly roleArn: string | undefined;
}

function knownTransition(transition: string): LifecycleTransition {
  const known = LIFECYCLE_TRANSITIONS.find((candidate) => candidate === transition);
  if (known !== undefined) return known;
  throw new AwsError("ValidationError", `Lifecycle transition ${transition} is not valid.`);
}

export function knownResult(result: string): LifecycleResult {
  if (result === "CONTINUE" || result === "ABANDON") return result;
  throw new AwsError("ValidationError", "Lifecycle Action Result must be one of CONTINUE or ABANDON");
}

function heartbeatTimeout(seconds: number): number {
  if (seconds >= 30 && seconds <= 7200) return seconds;
  throw new AwsError("ValidationError", "HeartbeatTimeout must be between 30 and 7200 seconds");
}

function knownTarget(arn: string): string {
  if (arn.startsWith("arn:aws:sqs:") || arn.startsWith("arn:aws:sns:")) return arn;
  throw new AwsError("ValidationError", `Invalid notification target ARN: ${arn}`);
}

interface Passage {
  readonly actions: LifecycleAction[];
  readonly ended: (end: HooksEnd) => void;
}

export function createHookRunner(
  surroundings: Surroundings,
  notifications: Notifications,
  observer?: LifecycleObserver,
): HookRunner {
  const { clock, random } = surroundings;
  /** By instance: an instance is in one transition at a time. */
  const passages = new Map<string, Passage>();

  function begin(
    member: Member,
    transition: LifecycleTransition,
    places: { origin: Place; destination: Place },
    ended: (end: HooksEnd) => void,
  ): readonly LifecycleAction[] {
    const hooks = [...member.group.hooks.values()].filter((hook) => hook.transition === transition);
    if (hooks.length === 0) return [];
    const passage: Passage = { actions: [], ended };
    passages.set(member.instanceId, passage);
    for (const hook of hooks) passage.actions.push(newAction(member, hook));
    for (const action of passage.actions) {
      observer?.actionBegan(observed(member, action));
      notifications.lifecycleAction(member, action, places);
    }
    return passage.actions;
  }

  function newAction(member: Member, hook: LifecycleHook): LifecycleAction {
    const action: LifecycleAction = {
      hook,
      token: random.uuid(),
      globalDeadline: clock.now() + globalTimeout(hook) * 1000,
      timer: clock.after(hook.heartbeatTimeout * 1000, () => expire(member, action)),
      result: undefined,
    };
    return action;
  }

  function complete(group: Group, request: ActionRequest, result: LifecycleResult): void {
    const { member, action } = find(group, request);
    end(member, action, { result, by: "answer", why: `Lifecycle Action Completed with ${result} Result` });
  }

  /** Restarts the countdown at the hook's timeout, never past the global deadline. */
  function heartbeat(group: Group, request: ActionRequest): void {
    const { member, action } = find(group, request);
    action.timer.cancel();
    const left = Math.min(action.hook.heartbeatTimeout * 1000, action.globalDeadline - clock.now());
    action.timer = clock.after(left, () => expire(member, action));
  }

  function expire(member: Member, action: LifecycleAction): void {
    end(member, action, { result: action.hook.defaultResult, by: "timeout", why: "Heartbeat Timeout" });
  }

  function end(member: Member, action: LifecycleAction, { result, by, why }: ActionEnd): void {
    const passage = passages.get(member.instanceId);
    if (passage === undefined || action.result !== undefined) return;
    action.timer.cancel();
    action.result = result;
    observer?.actionEnded(observed(member, action), result, by);
    // One ABANDON ends the passage: the hooks that are left are skipped.
    if (result !== "ABANDON" && passage.actions.some(isActive)) return;
    drop(member);
    passage.ended({
      result,
      reason: `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${action.token} was abandoned: ${why}`,
    });
  }

  function hookDeleted(group: Group, hook: LifecycleHook): void {
    const result = hook.transition === "autoscaling:EC2_INSTANCE_LAUNCHING" ? "ABANDON" : "CONTINUE";
    for (const member of [...group.members.values()]) {
      const action = passages.get(member.instanceId)?.actions.find((each) => each.hook.name === hook.name);
      if (action !== undefined && isActive(action))
        end(member, action, { result, by: "deletion", why: "Lifecycle Hook was deleted" });
    }
  }

  function drop(member: Member): void {
    for (const action of passages.get(member.instanceId)?.actions ?? []) action.timer.cancel();
    passages.delete(member.instanceId);
  }

  /** A token or an instance id identifies the action; the hook and the group must be its own. */
  function find(group: Group, request: ActionRequest): { member: Member; action: LifecycleAction } {
    const { hookName, token, instanceId } = request;
    if (token === undefined && instanceId === undefined) {
      throw new AwsError("ValidationError", "Either a lifecycle action token or an instance ID must be specified");
    }
    const candidates = instanceId === undefined ? group.members.values() : [group.members.get(instanceId)];
    for (const member of candidates) {
      if (member === undefined) continue;
      const action = passages
        .get(member.instanceId)
        ?.actions.find((each) => each.hook.name === hookName && (token === undefined || each.token === token));
      if (action !== undefined && isActive(action)) return { member, action };
    }
    const what = token === undefined ? `instance ID ${instanceId}` : `token ${token}`;
    throw new AwsError("ValidationError", `No active Lifecycle Action found with ${what}`);
  }

  return { begin, complete, heartbeat, hookDeleted, drop };
}

interface ActionEnd {
  readonly result: LifecycleResult;
  readonly by: "answer" | "timeout" | "deletion";
  readonly why: string;
}

function observed({ instanceId }: Member, { hook, token }: LifecycleAction): ObservedAction {
  return { instanceId, hook: hook.name, transition: hook.transition, token };
}

const isActive = (action: LifecycleAction): boolean => action.result === undefined;
