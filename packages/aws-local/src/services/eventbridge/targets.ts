/** Operations on the targets of a rule. */

import * as sdk from "@aws-sdk/client-eventbridge";
import { isJson } from "../../json.ts";
import type { Operations } from "../../service.ts";
import { page } from "./paging.ts";
import type { Registry } from "./registry.ts";
import { stepsOf, unknownPlaceholders } from "./target-input.ts";
import { notModelled, validationException } from "./validation.ts";

/** Quota "Targets per rule" of the EventBridge guide. */
const mostTargets = 5;

export function targetOperations(registry: Registry) {
  return {
    PutTargets(input) {
      const { targets } = registry.rule(input.Rule, input.EventBusName);
      input.Targets.forEach(validate);
      const ids = new Set([...targets.keys(), ...input.Targets.map(({ Id }) => Id)]);
      if (ids.size > mostTargets)
        throw new sdk.LimitExceededException({
          message: "The requested resource exceeds the maximum number allowed.",
          $metadata: {},
        });
      for (const target of input.Targets) targets.set(target.Id, target);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    RemoveTargets(input) {
      const { targets } = registry.rule(input.Rule, input.EventBusName);
      for (const id of input.Ids) targets.delete(id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    ListTargetsByRule(input) {
      const { targets } = registry.rule(input.Rule, input.EventBusName);
      const { items, nextToken } = page(
        [...targets.values()],
        ({ Id = "" }) => Id,
        input.Limit ?? 100,
        input.NextToken,
      );
      return { Targets: items, NextToken: nextToken };
    },
  } satisfies Operations<typeof sdk>;
}

type ValidatedTarget = sdk.Target & { Id: string; Arn: string };

function validate(target: ValidatedTarget): void {
  const service = serviceOf(target);
  for (const parameter of unmodelledParameters) notModelled(`${parameter} of a target`, target[parameter]);
  if (!["sqs", "sns", "lambda"].includes(service)) notModelled(`a target such as ${target.Arn}`, target.Arn);
  if (target.Arn.endsWith(".fifo") && service === "sqs" && target.SqsParameters?.MessageGroupId === undefined)
    throw validationException(`Parameter(s) SqsParameters must be specified for target: ${target.Id}.`);
  validateInput(target);
  const deadLetters = target.DeadLetterConfig?.Arn;
  if (deadLetters !== undefined && !/^arn:aws:sqs:[^:]+:\d{12}:(?!.*\.fifo$)/.test(deadLetters))
    throw validationException(
      `Parameter DeadLetterConfig.Arn ${deadLetters} is not valid: it must be a standard queue.`,
    );
}

const unmodelledParameters = [
  "RoleArn",
  "KinesisParameters",
  "RunCommandParameters",
  "EcsParameters",
  "BatchParameters",
  "HttpParameters",
  "RedshiftDataParameters",
  "SageMakerPipelineParameters",
  "AppSyncParameters",
] as const;

function serviceOf({ Arn }: ValidatedTarget): string {
  const service = /^arn:aws[a-z-]*:([^:]+):[^:]*:[^:]*:.+$/.exec(Arn)?.[1];
  if (service === undefined)
    throw validationException(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  return service;
}

function validateInput(target: ValidatedTarget): void {
  const { Id, Input, InputPath, InputTransformer } = target;
  if ([Input, InputPath, InputTransformer].filter((way) => way !== undefined).length > 1)
    throw validationException(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  if (Input !== undefined && !isJson(Input)) throw validationException(`Invalid Input for target ${Id}.`);
  for (const path of [InputPath, ...Object.values(InputTransformer?.InputPathsMap ?? {})])
    if (path !== undefined && stepsOf(path) === undefined)
      throw validationException(`Invalid InputPath for target ${Id}.`);
  if (InputTransformer === undefined) return;
  const [unknown] = unknownPlaceholders(InputTransformer);
  if (unknown !== undefined)
    throw validationException(`InputTemplate for target ${Id} contains invalid placeholder ${unknown}.`);
}
