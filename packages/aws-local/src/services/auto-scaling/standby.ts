/** Standby, attach and detach: instances that leave or enter without hooks, and what that does to desired capacity. */
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import type { Instances } from "../../region.ts";
import { type ScalingActivity, secondsText } from "./activities.ts";
import { type Group, type Groups, type Member, membersOf } from "./groups.ts";
import type { Members } from "./members.ts";

export interface Standby {
  enter(group: Group, instanceIds: readonly string[], decrement: boolean): ScalingActivity[];
  exit(group: Group, instanceIds: readonly string[]): ScalingActivity[];
  attach(group: Group, instanceIds: readonly string[]): void;
  detach(group: Group, instanceIds: readonly string[], decrement: boolean): ScalingActivity[];
}

const MOST_INSTANCES = 20;

export function createStandby(
  clock: Clock,
  groups: Groups,
  instances: Instances,
  members: Members,
  setDesiredCapacity: (group: Group, desiredCapacity: number) => void,
): Standby {
  function enter(group: Group, instanceIds: readonly string[], decrement: boolean): ScalingActivity[] {
    const chosen = inService(group, instanceIds);
    const cause = leave(group, chosen, decrement, "place into standby", "moved to standby");
    return chosen.map((member) => members.enterStandby(member, cause(member)));
  }

  function detach(group: Group, instanceIds: readonly string[], decrement: boolean): ScalingActivity[] {
    limit(instanceIds);
    const chosen = membersOf(group, instanceIds);
    for (const { lifecycle, instanceId } of chosen) {
      const detachable = ["InService", "Standby", "Running", "Stopped"].includes(lifecycle.state);
      if (!detachable) throw wrongState(instanceId, "InService or Standby");
    }
    const counting = chosen.filter(({ lifecycle }) => lifecycle.state === "InService");
    const cause = leave(group, counting, decrement, "detach", "detached");
    return chosen.map((member) => members.detach(member, cause(member)));
  }

  /** Lowers desired capacity if asked to, never under the minimum; answers with the cause of each activity. */
  function leave(
    group: Group,
    leaving: readonly Member[],
    decrement: boolean,
    what: string,
    done: string,
  ): (member: Member) => string {
    const { minSize, maxSize, desiredCapacity } = group.settings;
    const now = secondsText(clock.now());
    if (!decrement)
      return (member) => `At ${now} instance ${member.instanceId} was ${done} in response to a user request.`;
    if (desiredCapacity - leaving.length < minSize) {
      throw new AwsError(
        "ValidationError",
        `AutoScalingGroup ${group.name} has min-size=${minSize}, max-size=${maxSize}, and desired-size=${desiredCapacity}. ` +
          `To ${what} ${leaving.length} instance${leaving.length === 1 ? "" : "s"}, please update the AutoScalingGroup sizes appropriately.`,
      );
    }
    let from = desiredCapacity;
    setDesiredCapacity(group, desiredCapacity - leaving.length);
    return (member) => {
      const shrinking = leaving.includes(member) ? `, shrinking the capacity from ${from} to ${--from}` : "";
      return `At ${now} instance ${member.instanceId} was ${done} in response to a user request${shrinking}.`;
    };
  }

  function exit(group: Group, instanceIds: readonly string[]): ScalingActivity[] {
    limit(instanceIds);
    const chosen = membersOf(group, instanceIds);
    for (const { lifecycle, instanceId } of chosen) {
      if (lifecycle.state !== "Standby") throw wrongState(instanceId, "Standby");
    }
    const from = enlarge(group, chosen.length, "move out of standby");
    const now = secondsText(clock.now());
    return chosen.map((member, index) =>
      members.exitStandby(
        member,
        `At ${now} instance ${member.instanceId} was moved out of standby in response to a user request, ` +
          `increasing the capacity from ${from + index} to ${from + index + 1}.`,
      ),
    );
  }

  function attach(group: Group, instanceIds: readonly string[]): void {
    limit(instanceIds);
    const found = instanceIds.map((instanceId) => {
      const instance = instances.find(instanceId);
      if (instance === undefined) throw new AwsError("ValidationError", `Invalid Instance ID: ${instanceId}`);
      if (instance.state !== "running") {
        throw new AwsError(
          "ValidationError",
          `Instance ${instanceId} is not in correct state. The instance(s) must be in 'running' state.`,
        );
      }
      const owner = groups.members.get(instanceId)?.group.name;
      if (owner !== undefined) {
        throw new AwsError("ValidationError", `Instance ${instanceId} is already part of AutoScalingGroup: ${owner}`);
      }
      if (!group.settings.placements.some(({ availabilityZone }) => availabilityZone === instance.availabilityZone)) {
        throw new AwsError(
          "ValidationError",
          `Instance ${instanceId} is not in one of the Availability Zones of the group.`,
        );
      }
      return instance;
    });
    const from = enlarge(group, found.length, "attach");
    const now = secondsText(clock.now());
    found.forEach((instance, index) => {
      const cause =
        `At ${now} an instance was attached in response to a user request, ` +
        `increasing the capacity from ${from + index} to ${from + index + 1}.`;
      members.attach(group, instance, cause);
    });
  }

  /** Raises desired capacity, never over the maximum; answers with what it was. */
  function enlarge(group: Group, count: number, what: string): number {
    const { minSize, maxSize, desiredCapacity } = group.settings;
    if (desiredCapacity + count > maxSize) {
      throw new AwsError(
        "ValidationError",
        `AutoScalingGroup ${group.name} has min-size=${minSize}, max-size=${maxSize}, and desired-size=${desiredCapacity}. ` +
          `To ${what} ${count} instance${count === 1 ? "" : "s"}, please update the AutoScalingGroup sizes appropriately.`,
      );
    }
    setDesiredCapacity(group, desiredCapacity + count);
    return desiredCapacity;
  }

  function inService(group: Group, instanceIds: readonly string[]): Member[] {
    limit(instanceIds);
    const chosen = membersOf(group, instanceIds);
    for (const { lifecycle, instanceId } of chosen) {
      if (lifecycle.state !== "InService") throw wrongState(instanceId, "InService");
    }
    return chosen;
  }

  return { enter, exit, attach, detach };
}

function limit(instanceIds: readonly string[]): void {
  if (instanceIds.length === 0) throw new AwsError("ValidationError", "At least one instance ID must be specified.");
  if (instanceIds.length <= MOST_INSTANCES) return;
  throw new AwsError("ValidationError", `The maximum number of instance IDs is ${MOST_INSTANCES}.`);
}

const wrongState = (instanceId: string, states: string): AwsError =>
  new AwsError("ValidationError", `The instance ${instanceId} is not in ${states}.`);
