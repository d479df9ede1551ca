/** The load balancer, as the loop needs it. */
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { LoadBalancingPort, TargetStatus } from "@warden/control";
import { type InstanceId, instanceId } from "@warden/fleet";
import { calling } from "./classify.ts";
import type { Pace } from "./pacing.ts";

/** When the attribute cannot be read as a number: AWS's default (ALB guide, target group attributes). */
const defaultDelay = 300;

export function loadBalancingPort(client: ElasticLoadBalancingV2Client, pace: Pace): LoadBalancingPort {
  return {
    async targetHealth(targetGroupArn, ids) {
      await pace.take("describeTargets");
      const answer = await calling("elasticloadbalancing:DescribeTargetHealth", () =>
        client.send(
          new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: ids.map((Id) => ({ Id })) }),
        ),
      );
      const health = new Map<InstanceId, TargetStatus>(ids.map((id) => [id, "none"]));
      for (const each of answer.TargetHealthDescriptions ?? []) {
        if (each.Target?.Id !== undefined) health.set(instanceId(each.Target.Id), statusOf(each.TargetHealth?.State));
      }
      return health;
    },

    async deregister(targetGroupArn, ids) {
      await pace.take("registerTargets");
      await calling("elasticloadbalancing:DeregisterTargets", () =>
        client.send(
          new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: ids.map((Id) => ({ Id })) }),
        ),
      );
    },

    async deregistrationDelay(targetGroupArn) {
      await pace.take("describeTargets");
      const answer = await calling("elasticloadbalancing:DescribeTargetGroupAttributes", () =>
        client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn })),
      );
      const value = answer.Attributes?.find((each) => each.Key === "deregistration_delay.timeout_seconds")?.Value;
      const seconds = Number(value ?? defaultDelay);
      return (Number.isFinite(seconds) ? seconds : defaultDelay) * 1000;
    },
  };
}

function statusOf(state: string | undefined): TargetStatus {
  switch (state) {
    case "initial":
    case "healthy":
    case "unhealthy":
    case "draining":
      return state;
    case "unhealthy.draining":
      return "draining";
    default:
      return "unused";
  }
}
