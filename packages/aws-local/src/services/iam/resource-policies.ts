/**
 * Asks the policy of a queue, topic or function whether an AWS service may use it. A service has no policies of its
 * own here, so the resource's policy alone decides.
 */
import type { ResourcePolicies, Surroundings } from "../../region.ts";
import { evaluate } from "./evaluate.ts";
import { type Policy, readPolicy } from "./policy.ts";

export function resourcePolicies({ account, region }: Surroundings): ResourcePolicies {
  /** A policy is asked for each message, and read once. */
  const known = new Map<string, Policy>();

  function policyOf(text: string): Policy {
    const policy = known.get(text) ?? readPolicy(text, "resource");
    known.set(text, policy);
    return policy;
  }

  return {
    allows(policy, { principal, action, resource }) {
      if (policy === undefined || policy === "") return false;
      const { decision } = evaluate([policyOf(policy)], {
        action,
        resource,
        principal: { type: "Service", value: principal.service },
        context: {
          "aws:SourceArn": principal.sourceArn,
          "aws:SourceAccount": account,
          "aws:PrincipalServiceName": principal.service,
          "aws:PrincipalIsAWSService": "true",
          "aws:RequestedRegion": region,
          // AWS's own services never come over plain HTTP.
          "aws:SecureTransport": "true",
        },
      });
      return decision === "allowed";
    },
  };
}
