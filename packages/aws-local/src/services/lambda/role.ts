/** What Lambda itself does with a function's role: poll its queues, write to its destinations. */
import type { Authorizer } from "../../region.ts";

/** Throws what the authorizer throws; does nothing where roles are not enforced. */
export type RoleCheck = (roleArn: string, sessionName: string, action: string, resource: string) => void;

export const roleCheck =
  (authorizer: Authorizer | undefined): RoleCheck =>
  (roleArn, sessionName, action, resource) =>
    authorizer?.authorize({
      roleName: roleNameOf(roleArn),
      sessionName,
      action,
      resources: [resource],
      context: {},
    });

/** A role's ARN may have a path before the name. */
export const roleNameOf = (roleArn: string): string => roleArn.split("/").at(-1) ?? roleArn;
