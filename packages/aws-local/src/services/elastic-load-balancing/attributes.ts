/** Attributes of load balancers and target groups: their defaults and what each may be (ELBv2 API Reference). */
import { validationError } from "./errors.ts";

interface Allowed {
  readonly default: string;
  readonly allows: (value: string) => boolean;
}

type AttributeTable = Readonly<Record<string, Allowed>>;

export interface Attribute {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

const oneOf = (...values: string[]): Allowed["allows"] => {
  return (value) => values.includes(value);
};
const between = (least: number, most: number): Allowed["allows"] => {
  return (value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
};
const either = (one: Allowed["allows"], other: Allowed["allows"]): Allowed["allows"] => {
  return (value) => one(value) || other(value);
};
const anything = (): boolean => true;
const trueOrFalse = oneOf("true", "false");
const WEEK = 604_800;

export const TARGET_GROUP_ATTRIBUTES: AttributeTable = {
  "deregistration_delay.timeout_seconds": { default: "300", allows: between(0, 3600) },
  "load_balancing.algorithm.anomaly_mitigation": { default: "off", allows: oneOf("on", "off") },
  "load_balancing.algorithm.type": {
    default: "round_robin",
    allows: oneOf("round_robin", "least_outstanding_requests", "weighted_random"),
  },
  "load_balancing.cross_zone.enabled": {
    default: "use_load_balancer_configuration",
    allows: oneOf("true", "false", "use_load_balancer_configuration"),
  },
  "slow_start.duration_seconds": { default: "0", allows: either(oneOf("0"), between(30, 900)) },
  "stickiness.app_cookie.cookie_name": { default: "", allows: (name) => !name.startsWith("AWSALB") },
  "stickiness.app_cookie.duration_seconds": { default: "86400", allows: between(1, WEEK) },
  "stickiness.enabled": { default: "false", allows: trueOrFalse },
  "stickiness.lb_cookie.duration_seconds": { default: "86400", allows: between(1, WEEK) },
  "stickiness.type": { default: "lb_cookie", allows: oneOf("lb_cookie", "app_cookie") },
  "target_group_health.dns_failover.minimum_healthy_targets.count": {
    default: "1",
    allows: either(oneOf("off"), between(1, 1000)),
  },
  "target_group_health.dns_failover.minimum_healthy_targets.percentage": {
    default: "off",
    allows: either(oneOf("off"), between(1, 100)),
  },
  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": {
    default: "1",
    allows: between(1, 1000),
  },
  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": {
    default: "off",
    allows: either(oneOf("off"), between(1, 100)),
  },
};

export const LOAD_BALANCER_ATTRIBUTES: AttributeTable = {
  "access_logs.s3.bucket": { default: "", allows: anything },
  "access_logs.s3.enabled": { default: "false", allows: trueOrFalse },
  "access_logs.s3.prefix": { default: "", allows: anything },
  "client_keep_alive.seconds": { default: "3600", allows: between(60, WEEK) },
  "connection_logs.s3.bucket": { default: "", allows: anything },
  "connection_logs.s3.enabled": { default: "false", allows: trueOrFalse },
  "connection_logs.s3.prefix": { default: "", allows: anything },
  "deletion_protection.enabled": { default: "false", allows: trueOrFalse },
  "idle_timeout.timeout_seconds": { default: "60", allows: between(1, 4000) },
  "load_balancing.cross_zone.enabled": { default: "true", allows: oneOf("true") },
  "routing.http.desync_mitigation_mode": {
    default: "defensive",
    allows: oneOf("monitor", "defensive", "strictest"),
  },
  "routing.http.drop_invalid_header_fields.enabled": { default: "false", allows: trueOrFalse },
  "routing.http.preserve_host_header.enabled": { default: "false", allows: trueOrFalse },
  "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": { default: "false", allows: trueOrFalse },
  "routing.http.xff_client_port.enabled": { default: "false", allows: trueOrFalse },
  "routing.http.xff_header_processing.mode": { default: "append", allows: oneOf("append", "preserve", "remove") },
  "routing.http2.enabled": { default: "true", allows: trueOrFalse },
  "waf.fail_open.enabled": { default: "false", allows: trueOrFalse },
  "zonal_shift.config.enabled": { default: "false", allows: trueOrFalse },
};

export const defaultsOf = (table: AttributeTable): Map<string, string> =>
  new Map(Object.entries(table).map(([key, allowed]) => [key, allowed.default]));

/** All or nothing. */
export function setAttributes(
  table: AttributeTable,
  attributes: Map<string, string>,
  wanted: readonly Attribute[],
  owner: "load balancer" | "target group",
): void {
  const changes = wanted.map(({ Key = "", Value = "" }) => {
    const allowed = table[Key];
    if (allowed === undefined) {
      throw validationError(`${capitalised(owner)} attribute key '${Key}' is not recognized`);
    }
    if (!allowed.allows(Value)) {
      throw validationError(`'${Value}' is not a valid value for the ${owner} attribute '${Key}'`);
    }
    return [Key, Value] as const;
  });
  for (const [key, value] of changes) attributes.set(key, value);
}

export const attributeList = (attributes: ReadonlyMap<string, string>): { Key: string; Value: string }[] =>
  [...attributes].map(([Key, Value]) => ({ Key, Value }));

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
