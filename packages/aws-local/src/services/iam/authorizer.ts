/** May this role do that? The wire layer puts each service's own code in the place of `AccessDenied`. */
import { AwsError } from "../../aws-error.ts";
import type { AuthorizationRequest, Authorizer, Surroundings } from "../../region.ts";
import { type Context, type Decision, evaluate } from "./evaluate.ts";
import type { Identities, Role } from "./roles.ts";

export function authorizer(surroundings: Surroundings, known: Identities): Authorizer {
  const { account } = surroundings;
  return {
    authorize(request) {
      const role = known.roles.get(request.roleName);
      if (role === undefined)
        throw new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
      const policies = known.policiesOf(role);
      const session = `arn:aws:sts::${account}:assumed-role/${request.roleName}/${request.sessionName}`;
      for (const resource of request.resources) {
        const { decision } = evaluate(policies, {
          action: request.action,
          resource,
          get context() {
            return { ...contextOf(surroundings, role, request), ...request.context };
          },
        });
        if (decision !== "allowed") throw denied(session, request.action, resource, decision);
      }
    },
  };
}

/** The global condition keys that every request of a role carries. */
function contextOf({ account, clock, region }: Surroundings, role: Role, request: AuthorizationRequest): Context {
  const now = clock.now();
  return {
    "aws:PrincipalArn": role.arn,
    "aws:PrincipalAccount": account,
    "aws:PrincipalType": "AssumedRole",
    "aws:userid": `${role.id}:${request.sessionName}`,
    "aws:RequestedRegion": region,
    "aws:CurrentTime": new Date(now).toISOString(),
    "aws:EpochTime": String(Math.floor(now / 1000)),
    // On AWS the SDK speaks TLS; that this endpoint does not is no fault of the caller's.
    "aws:SecureTransport": "true",
    ...Object.fromEntries([...role.tags].map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}

function denied(session: string, action: string, resource: string, decision: Exclude<Decision, "allowed">): AwsError {
  const reason =
    decision === "explicitDeny"
      ? "with an explicit deny in an identity-based policy"
      : `because no identity-based policy allows the ${action} action`;
  const on = resource === "*" ? "" : ` on resource: ${resource}`;
  return new AwsError("AccessDenied", `User: ${session} is not authorized to perform: ${action}${on} ${reason}`, 403);
}
