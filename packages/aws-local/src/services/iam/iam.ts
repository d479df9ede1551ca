/** The embedded IAM: roles and their policies, and the answers to "may this caller do that?". */
import * as sdk from "@aws-sdk/client-iam";
import type { Authorizer, ResourcePolicies, Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { authorizer } from "./authorizer.ts";
import { evaluate } from "./evaluate.ts";
import { instanceProfileOperations } from "./instance-profiles.ts";
import { managedPolicyOperations } from "./managed-policies.ts";
import { resourcePolicies } from "./resource-policies.ts";
import { roleOperations } from "./role-operations.ts";
import { identities } from "./roles.ts";
import { simulationOperations } from "./simulate.ts";

export interface Iam {
  readonly service: EmbeddedService;
  readonly authorizer: Authorizer;
  readonly resourcePolicies: ResourcePolicies;
  /** The role behind an instance profile, by the profile's name or ARN. */
  roleOfInstanceProfile(nameOrArn: string): string | undefined;
  /** Whether the role's trust policy lets this service or ARN assume it. */
  trusts(roleName: string, principal: { type: "AWS" | "Service"; value: string }): boolean;
}

export function createIam(surroundings: Surroundings): Iam {
  const known = identities(surroundings);
  return {
    service: embeddedService(sdk, "iam", {
      ...roleOperations(known),
      ...managedPolicyOperations(known),
      ...instanceProfileOperations(known),
      ...simulationOperations(known),
    }),
    authorizer: authorizer(surroundings, known),
    resourcePolicies: resourcePolicies(surroundings),
    roleOfInstanceProfile: (nameOrArn) => known.instanceProfiles.get(nameOrArn.replace(/^.*\//, ""))?.roleName,
    trusts(roleName, principal) {
      const role = known.roles.get(roleName);
      if (role === undefined) return false;
      const request = { action: "sts:AssumeRole", resource: role.arn, principal, context: {} };
      return evaluate([role.trustPolicy.policy], request).decision === "allowed";
    },
  };
}
