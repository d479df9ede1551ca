/** Roles from the grants that stand beside the functions. */
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type { Grant, Resource } from "@warden/functions/grant";
import { type DeployContext, named } from "./context.ts";

/** What each name in a grant stands for in this deployment, as ARNs. */
export type Resources = Readonly<Record<Resource, readonly string[]>>;

/** @returns the role's ARN */
export async function deployRole(
  context: DeployContext,
  name: string,
  service: "lambda.amazonaws.com" | "ec2.amazonaws.com",
  grants: readonly Grant[],
  resources: Resources,
): Promise<string> {
  const RoleName = named(context, name);
  const { iam } = context.clients;
  const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(policy([trust])) }),
  );
  // A site may have none of what a grant is for, and a statement without a resource is no statement.
  const statements = grants.map((grant) => statement(grant, resources)).filter(({ Resource }) => Resource.length > 0);
  const PolicyDocument = JSON.stringify(policy(statements));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "grants", PolicyDocument }));
  return Role?.Arn ?? "";
}

/** @returns the profile's name */
export async function deployInstanceProfile(context: DeployContext, roleName: string): Promise<string> {
  const InstanceProfileName = named(context, roleName);
  await context.clients.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await context.clients.iam.send(
    new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: InstanceProfileName }),
  );
  return InstanceProfileName;
}

function statement(grant: Grant, resources: Resources) {
  return { Effect: "Allow", Action: grant.action, Resource: grant.on.flatMap((name) => resources[name]) };
}

const policy = (statements: readonly object[]): object => ({ Version: "2012-10-17", Statement: statements });
