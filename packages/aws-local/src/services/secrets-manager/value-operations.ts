/** Reading and writing the values of a secret, and moving the stages between their versions. */

import type * as sdk from "@aws-sdk/client-secrets-manager";
import {
  InvalidParameterException,
  InvalidRequestException,
  ResourceExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-secrets-manager";
import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { Operations } from "../../service.ts";
import {
  moveStage,
  notModelled,
  type Secret,
  type Secrets,
  type SecretValue,
  type Version,
  versionAt,
} from "./secrets.ts";
import type { Trail } from "./trail.ts";

/** Bytes of one value (limits-and-prices 1.3). */
const LONGEST_VALUE = 65_536;
/** `LastAccessedDate` is a date without time. */
const DAY = 24 * 60 * 60_000;

export function valueOperations(
  secrets: Secrets,
  { clock, random, trail }: { clock: Clock; random: Random; trail: Trail },
) {
  return {
    GetSecretValue({ SecretId, VersionId, VersionStage }) {
      const secret = secrets.usable(SecretId);
      const version =
        VersionId === undefined ? versionAt(secret, VersionStage ?? "AWSCURRENT") : secret.versions.get(VersionId);
      if (version === undefined || (VersionStage !== undefined && !version.stages.has(VersionStage)))
        throw new ResourceNotFoundException({
          message: `Secrets Manager can't find the specified secret value for ${VersionId === undefined ? `staging label: ${VersionStage ?? "AWSCURRENT"}` : `VersionId: ${VersionId}`}`,
          $metadata: {},
        });
      version.lastAccessed = Math.floor(clock.now() / DAY) * DAY;
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        SecretString: version.value.string,
        SecretBinary: version.value.binary,
        VersionStages: [...version.stages],
        CreatedDate: new Date(version.createdAt),
      };
    },

    PutSecretValue(input, call) {
      if (input.RotationToken !== undefined) throw notModelled("the parameter RotationToken");
      const secret = secrets.usable(input.SecretId);
      const version = addVersion(secret, requiredValue(input), input.ClientRequestToken ?? random.uuid(), clock);
      for (const stage of input.VersionStages ?? ["AWSCURRENT"]) moveStage(secret, stage, version);
      secret.changedAt = clock.now();
      trail.record("PutSecretValue", secret, { secretId: input.SecretId }, call);
      return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
    },

    UpdateSecret(input, call) {
      const secret = secrets.usable(input.SecretId);
      const value = valueIn(input);
      const version =
        value === undefined ? undefined : addVersion(secret, value, input.ClientRequestToken ?? random.uuid(), clock);
      if (version !== undefined) moveStage(secret, "AWSCURRENT", version);
      secret.description = input.Description ?? secret.description;
      secret.kmsKeyId = input.KmsKeyId ?? secret.kmsKeyId;
      secret.changedAt = clock.now();
      trail.record("UpdateSecret", secret, { secretId: input.SecretId }, call);
      return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
    },

    UpdateSecretVersionStage(input, call) {
      const secret = secrets.usable(input.SecretId);
      const { VersionStage: stage, RemoveFromVersionId, MoveToVersionId } = input;
      const holder = versionAt(secret, stage);
      assertHolder(stage, holder, RemoveFromVersionId, MoveToVersionId);
      if (MoveToVersionId === undefined) holder?.stages.delete(stage);
      else moveStage(secret, stage, versionOf(secret, MoveToVersionId));
      secret.changedAt = clock.now();
      const { SecretId: secretId } = input;
      trail.record(
        "UpdateSecretVersionStage",
        secret,
        { secretId, versionStage: stage, removeFromVersionId: RemoveFromVersionId, moveToVersionId: MoveToVersionId },
        call,
      );
      return { ARN: secret.arn, Name: secret.name };
    },

    ListSecretVersionIds({ SecretId, IncludeDeprecated, NextToken, MaxResults }) {
      if (NextToken !== undefined || MaxResults !== undefined) throw notModelled("paging of versions");
      const secret = secrets.find(SecretId);
      const shown = [...secret.versions.values()].filter(({ stages }) => IncludeDeprecated === true || stages.size > 0);
      return {
        ARN: secret.arn,
        Name: secret.name,
        Versions: shown.map(({ id, stages, createdAt, lastAccessed }) => ({
          VersionId: id,
          VersionStages: [...stages],
          CreatedDate: new Date(createdAt),
          ...(lastAccessed === undefined ? {} : { LastAccessedDate: new Date(lastAccessed) }),
        })),
      };
    },
  } satisfies Operations<typeof sdk>;
}

interface GivenValue {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

export function valueIn({ SecretString, SecretBinary }: GivenValue): SecretValue | undefined {
  if (SecretString === undefined && SecretBinary === undefined) return undefined;
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw new InvalidParameterException({
      message: "You can't specify both a binary secret value and a string secret value in the same secret.",
      $metadata: {},
    });
  if (Buffer.byteLength(SecretString ?? "") > LONGEST_VALUE || (SecretBinary?.length ?? 0) > LONGEST_VALUE)
    throw new InvalidParameterException({
      message: `The secret value is longer than ${LONGEST_VALUE} bytes.`,
      $metadata: {},
    });
  return { string: SecretString, binary: SecretBinary === undefined ? undefined : new Uint8Array(SecretBinary) };
}

function requiredValue(given: GivenValue): SecretValue {
  const value = valueIn(given);
  if (value === undefined)
    throw new InvalidParameterException({
      message: "You must provide either SecretString or SecretBinary.",
      $metadata: {},
    });
  return value;
}

/** The client's token is the version's id, so a repeat with the same value is harmless and another value is refused. */
export function addVersion(secret: Secret, value: SecretValue, id: string, clock: Clock): Version {
  const existing = secret.versions.get(id);
  if (existing !== undefined) {
    if (existing.value.string === value.string && sameBytes(existing.value.binary, value.binary)) return existing;
    throw new ResourceExistsException({
      message: `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
      $metadata: {},
    });
  }
  const version = { id, createdAt: clock.now(), value, stages: new Set<string>(), lastAccessed: undefined };
  secret.versions.set(id, version);
  return version;
}

const sameBytes = (left: Uint8Array | undefined, right: Uint8Array | undefined): boolean =>
  Buffer.compare(left ?? new Uint8Array(), right ?? new Uint8Array()) === 0;

function versionOf(secret: Secret, id: string): Version {
  const version = secret.versions.get(id);
  if (version === undefined)
    throw new ResourceNotFoundException({
      message: `Secrets Manager can't find the specified secret version: ${id}`,
      $metadata: {},
    });
  return version;
}

/** Who moves or removes a stage has to name the version that holds it; AWSCURRENT can only move. */
function assertHolder(
  stage: string,
  holder: Version | undefined,
  removeFrom: string | undefined,
  moveTo: string | undefined,
): void {
  if (removeFrom === undefined && moveTo === undefined)
    throw new InvalidParameterException({
      message: "You must specify RemoveFromVersionId, MoveToVersionId or both.",
      $metadata: {},
    });
  if (removeFrom !== undefined && holder?.id !== removeFrom)
    throw new InvalidParameterException({
      message: `The specified version ${removeFrom} does not have the staging label ${stage}.`,
      $metadata: {},
    });
  if (removeFrom === undefined && holder !== undefined && holder.id !== moveTo)
    throw new InvalidParameterException({
      message: `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      $metadata: {},
    });
  if (moveTo === undefined && stage === "AWSCURRENT")
    throw new InvalidRequestException({
      message:
        "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.",
      $metadata: {},
    });
}
