/** Target groups of a group: attach, detach, describe. Traffic sources are the newer name of the same thing. */
import type { TrafficSourceIdentifier } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { Group, Groups, TargetGroupAttachment } from "./groups.ts";
import { notModelled } from "./launching.ts";
import { page } from "./paging.ts";
import type { Registration } from "./registration.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";

/** Quotas: a call, and a group. */
const MOST_AT_A_TIME = 10;
const MOST_TARGET_GROUPS = 50;

export function trafficOperations(groups: Groups, registration: Registration): AutoScalingOperations {
  function describe(group: Group): { attachment: TargetGroupAttachment; state: string }[] {
    return [...group.targetGroups.values()].map((attachment) => ({ attachment, state: stateOf(group, attachment) }));
  }

  function stateOf(group: Group, { arn, atCreation, removing }: TargetGroupAttachment): string {
    if (removing) return "Removing";
    if (atCreation) return "InService";
    const states = [...group.members.values()].flatMap(({ lifecycle, instanceId }) =>
      lifecycle.state === "InService" ? [registration.state(arn, instanceId)] : [],
    );
    if (states.includes("healthy")) return "InService";
    return states.includes(undefined) ? "Adding" : "Added";
  }

  return {
    AttachLoadBalancerTargetGroups(input) {
      attachTargetGroups(groups.require(input.AutoScalingGroupName), registration, input.TargetGroupARNs, false);
      return {};
    },

    DetachLoadBalancerTargetGroups(input) {
      detachTargetGroups(groups.require(input.AutoScalingGroupName), registration, input.TargetGroupARNs);
      return {};
    },

    DescribeLoadBalancerTargetGroups(input) {
      const shown = describe(groups.require(input.AutoScalingGroupName)).map(({ attachment, state }) => ({
        LoadBalancerTargetGroupARN: attachment.arn,
        State: state,
      }));
      const { items, next } = page(shown, input, { most: 100 });
      return { LoadBalancerTargetGroups: items, ...next };
    },

    AttachTrafficSources(input) {
      const group = groups.require(input.AutoScalingGroupName);
      attachTargetGroups(group, registration, targetGroupArns(input.TrafficSources), false);
      return {};
    },

    DetachTrafficSources(input) {
      detachTargetGroups(
        groups.require(input.AutoScalingGroupName),
        registration,
        targetGroupArns(input.TrafficSources),
      );
      return {};
    },

    DescribeTrafficSources(input) {
      const group = groups.require(input.AutoScalingGroupName);
      const wanted = input.TrafficSourceType === undefined || input.TrafficSourceType === "elbv2";
      const shown = (wanted ? describe(group) : []).map(({ attachment, state }) => ({
        TrafficSource: attachment.arn,
        Identifier: attachment.arn,
        Type: "elbv2",
        State: state,
      }));
      const { items, next } = page(shown, input, { most: 50 });
      return { TrafficSources: items, ...next };
    },
  };
}

function targetGroupArns(sources: readonly (TrafficSourceIdentifier & { readonly Identifier: string })[]): string[] {
  return sources.map(({ Identifier, Type }) => {
    if (Type !== undefined && Type !== "elbv2") throw notModelled(`Traffic source type ${Type}`);
    if (Type === undefined && !Identifier.includes(":targetgroup/")) throw notModelled(`Traffic source ${Identifier}`);
    return Identifier;
  });
}

/** Members that are in service are registered at once. */
export function attachTargetGroups(
  group: Group,
  registration: Registration,
  arns: readonly string[],
  atCreation: boolean,
): void {
  if (arns.length > MOST_AT_A_TIME)
    throw new AwsError("ValidationError", `At most ${MOST_AT_A_TIME} target groups can be attached at a time.`);
  if (!arns.every((arn) => registration.exists(arn))) {
    throw new AwsError(
      "ValidationError",
      "Provided Target Groups may not be valid. Please ensure they exist and try again.",
    );
  }
  if (new Set([...group.targetGroups.keys(), ...arns]).size > MOST_TARGET_GROUPS) {
    throw new AwsError("ValidationError", `A group can have at most ${MOST_TARGET_GROUPS} target groups.`);
  }
  for (const arn of arns) {
    group.targetGroups.set(arn, { arn, atCreation, removing: false });
    for (const member of group.members.values()) {
      if (member.lifecycle.state === "InService") registration.registerWith(arn, member);
    }
  }
}

/** Shows `Removing` until the last target has drained. */
function detachTargetGroups(group: Group, registration: Registration, arns: readonly string[]): void {
  for (const arn of arns) {
    const attachment = group.targetGroups.get(arn);
    if (attachment === undefined)
      throw new AwsError("ValidationError", `Trying to remove Target Groups that are not part of the group: ${arn}`);
    attachment.removing = true;
    for (const member of group.members.values()) registration.deregisterFrom(arn, member);
  }
  forgetRemoved(group, registration);
}

/** Looked at in each pass. */
export function forgetRemoved(group: Group, registration: Registration): void {
  for (const { arn, removing } of group.targetGroups.values()) {
    if (!removing) continue;
    const draining = [...group.members.keys()].some((instanceId) => registration.state(arn, instanceId) !== undefined);
    if (!draining) group.targetGroups.delete(arn);
  }
}
