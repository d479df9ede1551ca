/** SimulatePrincipalPolicy and SimulateCustomPolicy: what the policies would answer, without asking for real. */
import type * as sdk from "@aws-sdk/client-iam";
import type { Operations } from "../../service.ts";
import { type Context, type Evaluation, evaluate } from "./evaluate.ts";
import { marked } from "./marker.ts";
import type { Policy } from "./policy.ts";
import { type Identities, missing, policyDocument } from "./roles.ts";
import { notModelled } from "./validation.ts";

interface Simulation {
  readonly ActionNames: readonly string[];
  readonly ResourceArns?: readonly string[] | undefined;
  readonly ContextEntries?: readonly sdk.ContextEntry[] | undefined;
}

export function simulationOperations(known: Identities) {
  return {
    SimulatePrincipalPolicy(input) {
      refuseUnmodelled(input);
      const name = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([^/]+)$/.exec(input.PolicySourceArn)?.[1];
      const role = known.roles.get(name ?? "") ?? missing(`Could not find entity with arn ${input.PolicySourceArn}.`);
      const { items, ...rest } = marked(
        simulated([...known.policiesOf(role), ...read(input.PolicyInputList)], input),
        asked,
        input,
      );
      return { EvaluationResults: items, ...rest };
    },

    SimulateCustomPolicy(input) {
      refuseUnmodelled(input);
      const { items, ...rest } = marked(simulated(read(input.PolicyInputList), input), asked, input);
      return { EvaluationResults: items, ...rest };
    },
  } satisfies Operations<typeof sdk>;
}

/** One result for each action and resource. */
function simulated(
  policies: readonly Policy[],
  { ActionNames, ResourceArns = ["*"], ContextEntries = [] }: Simulation,
) {
  const context: Context = Object.fromEntries(
    ContextEntries.map(({ ContextKeyName = "", ContextKeyValues = [] }) => [ContextKeyName, ContextKeyValues]),
  );
  return ActionNames.flatMap((action) =>
    ResourceArns.map((resource) => result(action, resource, evaluate(policies, { action, resource, context }))),
  );
}

const asked = (result: sdk.EvaluationResult): string => `${result.EvalActionName} ${result.EvalResourceName}`;

const result = (action: string, resource: string, evaluation: Evaluation): sdk.EvaluationResult => ({
  EvalActionName: action,
  EvalResourceName: resource,
  EvalDecision: evaluation.decision,
  MatchedStatements: evaluation.matched.map(({ policy }) => ({ SourcePolicyId: policy.id })),
  MissingContextValues: [...evaluation.missingContext],
});

const read = (texts: readonly string[] | undefined): Policy[] =>
  (texts ?? []).map((text, index) => policyDocument(text, `PolicyInputList.${index + 1}`).policy);

function refuseUnmodelled(input: {
  readonly PermissionsBoundaryPolicyInputList?: unknown;
  readonly ResourcePolicy?: unknown;
  readonly CallerArn?: unknown;
  readonly ResourceHandlingOption?: unknown;
}): void {
  notModelled("PermissionsBoundaryPolicyInputList", input.PermissionsBoundaryPolicyInputList);
  notModelled("ResourcePolicy", input.ResourcePolicy);
  notModelled("CallerArn", input.CallerArn);
  notModelled("ResourceHandlingOption", input.ResourceHandlingOption);
}
