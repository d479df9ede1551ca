/** Secrets with their versions; a stage names at most one version of a secret. */
import { InvalidRequestException, ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";
import { AwsError } from "../../aws-error.ts";

export interface Version {
  readonly id: string;
  readonly createdAt: number;
  readonly value: SecretValue;
  readonly stages: Set<string>;
  lastAccessed: number | undefined;
}

export interface SecretValue {
  readonly string: string | undefined;
  readonly binary: Uint8Array | undefined;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  changedAt: number;
  description: string | undefined;
  kmsKeyId: string | undefined;
  readonly tags: Map<string, string>;
  /** In order of creation. */
  readonly versions: Map<string, Version>;
  /** When DeleteSecret was called, and when the secret will be gone. */
  deletion: { at: number; until: number } | undefined;
}

export interface Secrets {
  readonly byName: Map<string, Secret>;
  /** By name, ARN, or ARN without its six random characters; deleted ones too. */
  find(id: string): Secret;
  /** As `find`, but what is scheduled for deletion cannot be used. */
  usable(id: string): Secret;
}

export function createSecrets(): Secrets {
  const byName = new Map<string, Secret>();

  function find(id: string): Secret {
    const found = byName.get(id) ?? [...byName.values()].find(({ arn }) => arn === id || arn.slice(0, -7) === id);
    if (found === undefined)
      throw new ResourceNotFoundException({
        message: "Secrets Manager can't find the specified secret.",
        $metadata: {},
      });
    return found;
  }

  function usable(id: string): Secret {
    const secret = find(id);
    if (secret.deletion !== undefined)
      throw new InvalidRequestException({
        message: "You can't perform this operation on the secret because it was marked for deletion.",
        $metadata: {},
      });
    return secret;
  }

  return { byName, find, usable };
}

export const versionAt = (secret: Secret, stage: string): Version | undefined =>
  [...secret.versions.values()].find(({ stages }) => stages.has(stage));

/**
 * Puts a stage on a version, and takes it off the one that had it. The version that loses AWSCURRENT becomes
 * AWSPREVIOUS (User Guide, "What's in a Secrets Manager secret?").
 */
export function moveStage(secret: Secret, stage: string, to: Version): void {
  const from = versionAt(secret, stage);
  if (from === to) return;
  from?.stages.delete(stage);
  to.stages.add(stage);
  if (stage === "AWSCURRENT" && from !== undefined) moveStage(secret, "AWSPREVIOUS", from);
}

export const stagesByVersion = (secret: Secret): Record<string, string[]> =>
  Object.fromEntries(
    [...secret.versions.values()].flatMap(({ id, stages }) => (stages.size === 0 ? [] : [[id, [...stages]] as const])),
  );

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);
