/** Roles from the grants that stand beside the functions. */
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type { Grant } from "@warden/functions/grant";
import { type Condition, type Resources as GrantedResources, statementsOf } from "@warden/functions/policy";
import { type DeployContext, named } from "./context.ts";

export type Resources = GrantedResources<string>;

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
  const statements = statementsOf(grants, resources, context.stage).map(({ action, resources, conditions }) => ({
    ...{ Effect: "Allow", Action: action, Resource: resources },
    ...(conditions.length > 0 && { Condition: conditionOf(conditions) }),
  }));
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

const conditionOf = (conditions: readonly Condition[]): object =>
  Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }]));

const policy = (statements: readonly object[]): object => ({ Version: "2012-10-17", Statement: statements });
