/** The policy of a function: who else may invoke it. */
import type * as lambda from "@aws-sdk/client-lambda";
import { ResourceConflictException, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import type { Operations } from "../../service.ts";
import { notModelled } from "./errors.ts";
import { type LambdaFunction, type PolicyStatement, policyDocument } from "./function.ts";
import type { FunctionRegistry } from "./registry.ts";

export function permissionOperations(registry: FunctionRegistry) {
  return {
    AddPermission(input) {
      const target = registry.need(input.FunctionName, input.Qualifier);
      if (target.policy[input.StatementId] !== undefined)
        throw new ResourceConflictException({
          Type: "User",
          message: `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          $metadata: {},
        });
      const statement = statementOf(target, input);
      target.policy[input.StatementId] = statement;
      return { Statement: JSON.stringify(statement) };
    },

    RemovePermission(input) {
      const target = registry.need(input.FunctionName, input.Qualifier);
      if (target.policy[input.StatementId] === undefined)
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
      delete target.policy[input.StatementId];
      return {};
    },

    GetPolicy(input) {
      const target = registry.need(input.FunctionName, input.Qualifier);
      const document = policyDocument(target);
      if (document === undefined) throw notFound("The resource you requested does not exist.");
      return { Policy: document, RevisionId: target.revisionId };
    },
  } satisfies Operations<typeof lambda>;
}

type AddPermissionInput = Pick<
  lambda.AddPermissionRequest,
  | "SourceArn"
  | "SourceAccount"
  | "EventSourceToken"
  | "FunctionUrlAuthType"
  | "InvokedViaFunctionUrl"
  | "PrincipalOrgID"
> & { StatementId: string; Action: string; Principal: string };

function statementOf(target: LambdaFunction, input: AddPermissionInput): PolicyStatement {
  for (const name of ["EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID"] as const)
    if (input[name] !== undefined) throw notModelled(name);
  const principal = /^\d{12}$/.test(input.Principal) ? `arn:aws:iam::${input.Principal}:root` : input.Principal;
  const condition = {
    ...(input.SourceAccount !== undefined && { StringEquals: { "AWS:SourceAccount": input.SourceAccount } }),
    ...(input.SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
  };
  return {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal: principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal },
    Action: input.Action,
    Resource: target.arn,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

const notFound = (message: string): Error => new ResourceNotFoundException({ Type: "User", message, $metadata: {} });
