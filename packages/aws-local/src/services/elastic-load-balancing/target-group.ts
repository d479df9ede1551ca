/** A target group and its targets, as the parts of this service share them. */
import type { Timer } from "../../clock.ts";
import type { Health } from "./health.ts";
import type { LoadBalancer } from "./load-balancer.ts";

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly order: number;
  readonly protocol: "HTTP" | "HTTPS";
  readonly protocolVersion: string;
  readonly port: number;
  readonly vpcId: string;
  healthCheck: HealthCheck;
  /** All that there are, from their defaults on. */
  readonly attributes: Map<string, string>;
  /** By instance and port. */
  readonly targets: Map<string, Target>;
  /** The load balancer whose listeners forward here. A group serves one at most. */
  usedBy: LoadBalancer | undefined;
  /** The next round of health checks. */
  nextRound: Timer | undefined;
}

export interface HealthCheck {
  readonly protocol: "HTTP" | "HTTPS";
  /** A number, or `traffic-port` for the one that the target serves on. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly matcher: string;
}

/** One registration: registering anew makes a new one, so that late answers to checks find nobody. */
export interface Target {
  readonly group: TargetGroup;
  readonly instanceId: string;
  readonly port: number;
  readonly zone: string;
  readonly address: string;
  health: Health;
  changedAt: number;
  /** What it was before `changedAt`; undefined for not registered. */
  previous: Health | undefined;
  /** Checks passed, or failed, one after the other. */
  passed: number;
  failed: number;
  /** The end of its draining. */
  drained: { readonly at: number; readonly timer: Timer } | undefined;
}

export const targetKey = (instanceId: string, port: number): string => `${instanceId}:${port}`;

export const deregistrationDelay = (group: TargetGroup): number =>
  Number(group.attributes.get("deregistration_delay.timeout_seconds")) * 1000;

/** `targetgroup/moodle/0123456789abcdef`, as metrics name it. */
export const targetGroupDimension = (group: TargetGroup): string => group.arn.split(":").slice(5).join(":");

/** Whether it is asked for its health: in use, and not on its way out. */
export const isChecked = ({ health }: Target): boolean =>
  health.state === "initial" || health.state === "healthy" || health.state === "unhealthy";

export const checkPort = ({ group, port }: Target): number =>
  group.healthCheck.port === "traffic-port" ? port : Number(group.healthCheck.port);

/** With fewer healthy targets than this, traffic goes to all (attributes `target_group_health.unhealthy_state_routing.…`). */
export function healthyNeeded({ attributes }: TargetGroup, targets: number): number {
  const prefix = "target_group_health.unhealthy_state_routing.minimum_healthy_targets";
  const percentage = Number(attributes.get(`${prefix}.percentage`));
  const count = Number(attributes.get(`${prefix}.count`));
  return Number.isNaN(percentage) ? count : Math.max(count, (targets * percentage) / 100);
}
