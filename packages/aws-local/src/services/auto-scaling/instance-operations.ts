/** Operations on single instances: lifecycle actions, termination, health, protection, standby, attach and detach. */
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import { type ScalingActivity, secondsText } from "./activities.ts";
import { activityOf, type Describe } from "./describe.ts";
import { type Group, type Groups, type Member, membersOf } from "./groups.ts";
import type { Health } from "./health.ts";
import { type ActionRequest, type HookRunner, knownResult } from "./hooks.ts";
import { countsAsCapacity } from "./lifecycle.ts";
import type { Members } from "./members.ts";
import { page } from "./paging.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";
import type { Sizes } from "./sizes.ts";
import type { Standby } from "./standby.ts";

export interface InstanceParts {
  readonly clock: Clock;
  readonly groups: Groups;
  readonly members: Members;
  readonly hooks: HookRunner;
  readonly health: Health;
  readonly standby: Standby;
  readonly sizes: Sizes;
  readonly describe: Describe;
  readonly changed: (group: Group) => void;
}

const MOST_DESCRIBED = 50;
const MOST_PROTECTED = 50;
const MOST_TERMINATED = 100;

export function instanceOperations(parts: InstanceParts): AutoScalingOperations {
  const { clock, groups, members, hooks, health, standby, sizes } = parts;

  /** A user's termination: not held up by protection, and replaced unless desired capacity drops with it. */
  function terminate(member: Member, decrement: boolean): ScalingActivity {
    const { group, instanceId, lifecycle } = member;
    if (lifecycle.pool && lifecycle.state !== "Terminating:Retained") {
      throw new AwsError(
        "ValidationError",
        `The instance ${instanceId} is in the warm pool and cannot be terminated with this operation.`,
      );
    }
    const { desiredCapacity, minSize } = group.settings;
    const shrinks = decrement && countsAsCapacity(lifecycle);
    if (shrinks && desiredCapacity - 1 < minSize) {
      throw new AwsError(
        "ValidationError",
        `Currently, desiredSize equals minSize (${minSize}). Terminating instance without replacement will violate ` +
          "group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
      );
    }
    const shrinking = shrinks ? `, shrinking the capacity from ${desiredCapacity} to ${desiredCapacity - 1}` : "";
    if (shrinks) sizes.setDesiredCapacity(group, desiredCapacity - 1);
    const cause = `At ${secondsText(clock.now())} instance ${instanceId} was taken out of service in response to a user request${shrinking}.`;
    return members.terminate(member, { cause });
  }

  function terminateMany(
    groupName: string | undefined,
    instanceIds: readonly string[],
    decrement: boolean,
  ): ScalingActivity[] {
    if (groupName === undefined)
      throw new AwsError("ValidationError", "AutoScalingGroupName is required when using InstanceIds");
    if (instanceIds.length > MOST_TERMINATED)
      throw new AwsError("ValidationError", `At most ${MOST_TERMINATED} instances can be terminated at a time.`);
    const chosen = membersOf(groups.require(groupName), instanceIds);
    return chosen.map((member) => terminate(member, decrement));
  }

  function protect(group: Group, instanceIds: readonly string[], isProtected: boolean): void {
    if (instanceIds.length > MOST_PROTECTED) {
      throw new AwsError("ValidationError", `At most ${MOST_PROTECTED} instance IDs can be specified.`);
    }
    const chosen = membersOf(group, instanceIds);
    for (const { lifecycle, instanceId } of chosen) {
      const allowed = ["InService", "EnteringStandby", "Standby", "Running", "Stopped"].includes(lifecycle.state);
      if (!allowed) {
        throw new AwsError(
          "ValidationError",
          `The instance ${instanceId} is not in InService or EnteringStandby or Standby.`,
        );
      }
    }
    for (const member of chosen) member.protectedFromScaleIn = isProtected;
    parts.changed(group);
  }

  return {
    CompleteLifecycleAction(input) {
      const group = groups.require(input.AutoScalingGroupName);
      hooks.complete(group, actionRequest(input), knownResult(input.LifecycleActionResult));
      return {};
    },

    RecordLifecycleActionHeartbeat(input) {
      hooks.heartbeat(groups.require(input.AutoScalingGroupName), actionRequest(input));
      return {};
    },

    TerminateInstanceInAutoScalingGroup(input) {
      const { InstanceId, InstanceIds, AutoScalingGroupName, ShouldDecrementDesiredCapacity: decrement } = input;
      if (InstanceIds !== undefined && InstanceIds.length > 0) {
        return {
          Activities: terminateMany(AutoScalingGroupName, InstanceIds, decrement).map((each) => activityOf(each)),
        };
      }
      if (InstanceId === undefined) throw new AwsError("ValidationError", "An instance ID must be specified");
      return { Activity: activityOf(terminate(groups.requireMember(InstanceId), decrement)) };
    },

    SetInstanceHealth(input) {
      const member = groups.requireMember(input.InstanceId);
      health.set(member, input.HealthStatus, input.ShouldRespectGracePeriod ?? true);
      parts.changed(member.group);
      return {};
    },

    SetInstanceProtection(input) {
      protect(groups.require(input.AutoScalingGroupName), input.InstanceIds, input.ProtectedFromScaleIn);
      return {};
    },

    EnterStandby(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const activities = standby.enter(group, input.InstanceIds ?? [], input.ShouldDecrementDesiredCapacity);
      return { Activities: activities.map((activity) => activityOf(activity)) };
    },

    ExitStandby(input) {
      const activities = standby.exit(groups.require(input.AutoScalingGroupName), input.InstanceIds ?? []);
      return { Activities: activities.map((activity) => activityOf(activity)) };
    },

    AttachInstances(input) {
      standby.attach(groups.require(input.AutoScalingGroupName), input.InstanceIds ?? []);
      return {};
    },

    DetachInstances(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const activities = standby.detach(group, input.InstanceIds ?? [], input.ShouldDecrementDesiredCapacity);
      return { Activities: activities.map((activity) => activityOf(activity)) };
    },

    DescribeAutoScalingInstances(input) {
      const ids = input.InstanceIds ?? [];
      if (ids.length > MOST_DESCRIBED) {
        throw new AwsError(
          "ValidationError",
          `The number of instance ids that may be passed in is limited to ${MOST_DESCRIBED}`,
        );
      }
      const chosen =
        ids.length === 0 ? [...groups.members.values()] : ids.flatMap((id) => groups.members.get(id) ?? []);
      const { items, next } = page(chosen, input, { most: MOST_DESCRIBED });
      const reading = parts.describe.read();
      return { AutoScalingInstances: items.flatMap((member) => reading.instance(member) ?? []), ...next };
    },
  };
}

function actionRequest(input: {
  readonly LifecycleHookName: string;
  readonly LifecycleActionToken?: string | undefined;
  readonly InstanceId?: string | undefined;
}): ActionRequest {
  return { hookName: input.LifecycleHookName, token: input.LifecycleActionToken, instanceId: input.InstanceId };
}
