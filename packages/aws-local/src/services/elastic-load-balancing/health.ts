/** The states of a target and their reasons, as DescribeTargetHealth words them (aws-semantics 3.7). */
import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import type { HostAnswer, TargetState } from "../../region.ts";

export interface Health {
  readonly state: TargetState;
  readonly reason?: elb.TargetHealthReasonEnum;
  readonly description?: string;
}

export const HEALTHY: Health = { state: "healthy" };

export const REGISTERING: Health = {
  state: "initial",
  reason: "Elb.RegistrationInProgress",
  description: "Target registration is in progress",
};

export const FIRST_CHECKS: Health = {
  state: "initial",
  reason: "Elb.InitialHealthChecking",
  description: "Initial health checks in progress",
};

export const DRAINING: Health = {
  state: "draining",
  reason: "Target.DeregistrationInProgress",
  description: "Target deregistration is in progress",
};

export const NOT_REGISTERED: Health = {
  state: "unused",
  reason: "Target.NotRegistered",
  description: "Target is not registered to the target group",
};

export const GROUP_NOT_IN_USE: Health = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target group is not configured to receive traffic from the load balancer",
};

export const ZONE_NOT_IN_USE: Health = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target is in an Availability Zone that is not enabled for the load balancer",
};

export const STOPPED: Health = {
  state: "unused",
  reason: "Target.InvalidState",
  description: "Target is in the stopped state",
};

/** What a failed check says of the target once enough of them have come together. */
export function unhealthyAfter(answer: HostAnswer): Health {
  if (answer === "timeout") return { state: "unhealthy", reason: "Target.Timeout", description: "Request timed out" };
  if (answer === "refused") {
    return { state: "unhealthy", reason: "Target.FailedHealthChecks", description: "Health checks failed" };
  }
  return {
    state: "unhealthy",
    reason: "Target.ResponseCodeMismatch",
    description: `Health checks failed with these codes: [${answer.status}]`,
  };
}
