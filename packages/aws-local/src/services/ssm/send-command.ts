/** SendCommand: what it accepts, and which instances it reaches. */
import * as ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../../aws-error.ts";
import type { Instance, Instances } from "../../region.ts";
import type { Validated } from "../../service.ts";
import { hasTag, type ManagedNodes } from "./agents.ts";
import type { CommandRequest, Limit } from "./command.ts";
import {
  type DocumentStep,
  effectiveParameters,
  executionTimeoutOf,
  type ParameterValues,
} from "./document-content.ts";
import type { DocumentVersion } from "./document-versions.ts";
import type { Documents } from "./documents.ts";
import { validationError } from "./validation-error.ts";

type Input = Validated<ssm.SendCommandRequest>;

interface Neighbours {
  readonly documents: Documents;
  readonly nodes: ManagedNodes;
  readonly instances: Instances;
}

/** Seconds within which a command has to start when the caller names none. */
const defaultTimeoutSeconds = 3600;
const mostInstanceIds = 50;

/** The checks of SendCommand, in the order in which AWS answers: the document, its parameters, the instances. */
export function commandRequest(input: Input, { documents, nodes, instances }: Neighbours): CommandRequest {
  refuseUnmodelled(input);
  const document = documents.resolve(input.DocumentName, input.DocumentVersion);
  checkHash(input, document);
  const parameters: ParameterValues = input.Parameters ?? {};
  const effective = effectiveParameters(document.content, parameters);
  const instanceIds = targetInstances(input, nodes, instances);
  return {
    document,
    step: onlyStep(document),
    documentVersion: input.DocumentVersion ?? "$DEFAULT",
    parameters,
    effectiveParameters: effective,
    instanceIds,
    targets: (input.Targets ?? []).map(({ Key, Values }) => ({ key: Key ?? "", values: Values ?? [] })),
    comment: input.Comment ?? "",
    timeoutSeconds: input.TimeoutSeconds ?? defaultTimeoutSeconds,
    executionTimeout: executionTimeoutOf(document.content, effective),
    maxConcurrency: limit(input.MaxConcurrency ?? "50", (share) => Math.max(1, Math.ceil(share * instanceIds.length))),
    maxErrors: limit(input.MaxErrors ?? "0", (share) => Math.floor(share * instanceIds.length)),
  };
}

function refuseUnmodelled(input: Input): void {
  const unmodelled = [
    input.OutputS3BucketName === undefined ? undefined : "OutputS3BucketName",
    input.NotificationConfig === undefined ? undefined : "NotificationConfig",
    input.CloudWatchOutputConfig?.CloudWatchOutputEnabled === true ? "CloudWatchOutputConfig" : undefined,
    input.AlarmConfiguration === undefined ? undefined : "AlarmConfiguration",
  ].filter((name) => name !== undefined);
  if (unmodelled.length > 0)
    throw new AwsError("NotImplemented", `${unmodelled.join(", ")} of SendCommand is not modelled here`, 501);
}

function checkHash(input: Input, document: DocumentVersion): void {
  if (input.DocumentHash === undefined) return;
  if (input.DocumentHashType === "Sha1") throw validationError("Sha1 hashes have been deprecated.");
  if (input.DocumentHash !== document.hash)
    throw new ssm.InvalidDocument({
      message: `The hash of the document ${document.name} is ${document.hash}, not ${input.DocumentHash}.`,
      $metadata: {},
    });
}

/** A host answers with one result for the whole document, so two steps could not be told apart. */
function onlyStep(document: DocumentVersion): DocumentStep {
  const [step, another] = document.content.steps;
  if (step === undefined || another !== undefined)
    throw new AwsError("NotImplemented", "running documents of more than one step is not modelled here", 501);
  return step;
}

// ---- Instances --------------------------------------------------------------------------------------------------

function targetInstances(input: Input, nodes: ManagedNodes, instances: Instances): readonly string[] {
  const named = input.InstanceIds ?? [];
  const targets = input.Targets ?? [];
  if (named.length > 0 && targets.length > 0) throw validationError("InstanceIds and Targets can't both be specified.");
  if (named.length === 0 && targets.length === 0) throw invalidInstanceId();
  if (targets.length > 0) return targeted(targets, nodes, instances);
  checkNamed(named, nodes, instances);
  return named;
}

/**
 * One error for the agent that has not registered yet, the one that never will and the instance that is gone, and it
 * fails the whole call, whatever the other instances are. AWS's text does not say which instance it means.
 */
function checkNamed(instanceIds: readonly string[], nodes: ManagedNodes, instances: Instances): void {
  if (instanceIds.length > mostInstanceIds)
    throw validationError(
      "1 validation error detected: Value at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
    );
  if (new Set(instanceIds).size < instanceIds.length)
    throw new ssm.DuplicateInstanceId({
      message: "You can't specify a managed node ID in more than one place.",
      $metadata: {},
    });
  const valid = instanceIds.every(
    (instanceId) => nodes.isRegistered(instanceId) && isValid(instances.find(instanceId)),
  );
  if (!valid) throw invalidInstanceId();
}

const isValid = (instance: Instance | undefined): boolean =>
  instance !== undefined && instance.state !== "shutting-down" && instance.state !== "terminated";

const invalidInstanceId = (): ssm.InvalidInstanceId =>
  new ssm.InvalidInstanceId({ message: "Instances not in a valid state for account", $metadata: {} });

/** Several targets narrow each other down. */
function targeted(targets: readonly ssm.Target[], nodes: ManagedNodes, instances: Instances): readonly string[] {
  let candidates = namedTargets(targets, instances) ?? nodes.registeredInstances();
  for (const { Key, Values } of targets)
    candidates = candidates.filter((instance) => matchesTarget(instance, Key ?? "", Values ?? []));
  return candidates.filter(isValid).map(({ instanceId }) => instanceId);
}

/** Instances may be named one by one; these need not be registered, and are then undeliverable. */
function namedTargets(targets: readonly ssm.Target[], instances: Instances): readonly Instance[] | undefined {
  const named = targets.find(({ Key }) => Key?.toLowerCase() === "instanceids");
  return named?.Values?.flatMap((instanceId) => instances.find(instanceId) ?? []);
}

function matchesTarget(instance: Instance, key: string, values: readonly string[]): boolean {
  if (key.toLowerCase() === "instanceids") return values.includes(instance.instanceId);
  if (key.startsWith("tag:")) return hasTag(instance, key.slice("tag:".length), values);
  if (key === "tag-key") return values.some((name) => name in instance.tags);
  throw new AwsError("NotImplemented", `targets by ${key} are not modelled here`, 501);
}

// ---- Limits -----------------------------------------------------------------------------------------------------

function limit(written: string, ofShare: (share: number) => number): Limit {
  const percent = /^(\d+)%$/.exec(written)?.[1];
  return { written, count: percent === undefined ? Number(written) : ofShare(Number(percent) / 100) };
}
