/** Checks of what a request sets: names, and the health check of a target group with its defaults. */
import { invalidConfiguration, notModelled, requireRange, validationError } from "./errors.ts";
import { codesOf } from "./matcher.ts";
import type { HealthCheck } from "./target-group.ts";

interface HealthCheckInput {
  readonly HealthCheckProtocol?: string | undefined;
  readonly HealthCheckPort?: string | undefined;
  readonly HealthCheckPath?: string | undefined;
  readonly HealthCheckEnabled?: boolean | undefined;
  readonly HealthCheckIntervalSeconds?: number | undefined;
  readonly HealthCheckTimeoutSeconds?: number | undefined;
  readonly HealthyThresholdCount?: number | undefined;
  readonly UnhealthyThresholdCount?: number | undefined;
  readonly Matcher?: { readonly HttpCode?: string | undefined; readonly GrpcCode?: string | undefined } | undefined;
}

/** Of a group with targets by instance (ELB guide, "Health check settings"). */
const DEFAULTS: HealthCheck = {
  protocol: "HTTP",
  port: "traffic-port",
  path: "/",
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: "200",
};

/** What the request leaves out stays as it is, or as the defaults have it. */
export function healthCheckOf(input: HealthCheckInput, present: HealthCheck | undefined): HealthCheck {
  if (input.HealthCheckEnabled === false) {
    throw invalidConfiguration("Health check enabled must be true for target groups with target type 'instance'");
  }
  if (input.Matcher?.GrpcCode !== undefined) throw notModelled("A matcher of gRPC codes");
  const before = present ?? DEFAULTS;
  const wanted: HealthCheck = {
    protocol: protocolOf(input.HealthCheckProtocol) ?? before.protocol,
    port: input.HealthCheckPort ?? before.port,
    path: input.HealthCheckPath ?? before.path,
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: input.Matcher?.HttpCode ?? before.matcher,
  };
  requireSound(wanted);
  return wanted;
}

function requireSound(check: HealthCheck): void {
  requireRange(check.intervalSeconds, "healthCheckIntervalSeconds", 5, 300);
  requireRange(check.timeoutSeconds, "healthCheckTimeoutSeconds", 2, 120);
  requireRange(check.healthyThreshold, "healthyThresholdCount", 2, 10);
  requireRange(check.unhealthyThreshold, "unhealthyThresholdCount", 2, 10);
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw validationError("Health check interval must be greater than the timeout.");
  }
  if (!check.path.startsWith("/")) {
    throw validationError(`Health check path '${check.path}' must begin with a '/' character`);
  }
  if (check.port !== "traffic-port" && !isPort(check.port)) {
    throw validationError(`Health check port '${check.port}' must be 'traffic-port' or between '1' and '65535'`);
  }
  codesOf(check.matcher);
}

const isPort = (text: string): boolean => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;

function protocolOf(protocol: string | undefined): "HTTP" | "HTTPS" | undefined {
  if (protocol === undefined || protocol === "HTTP" || protocol === "HTTPS") return protocol;
  throw validationError(`Health check protocol '${protocol}' is not supported for target groups with protocol 'HTTP'`);
}

export function requireOrdinaryName(name: string, what: "Load balancer" | "Target group"): void {
  if (name.length > 32) throw validationError(`${what} name '${name}' cannot be longer than '32' characters`);
  if (!/^[a-zA-Z0-9-]+$/.test(name)) {
    throw validationError(
      `${what} name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`,
    );
  }
  if (/^-|-$/.test(name)) throw validationError(`${what} name '${name}' cannot begin or end with a hyphen(-)`);
  if (what === "Load balancer" && name.startsWith("internal-")) {
    throw validationError(`Load balancer name '${name}' cannot begin with 'internal-'`);
  }
}
