/** Creating, describing, listing, tagging, deleting and restoring secrets. */

import type * as sdk from "@aws-sdk/client-secrets-manager";
import {
  InvalidParameterException,
  InvalidRequestException,
  ResourceExistsException,
} from "@aws-sdk/client-secrets-manager";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { moveStage, notModelled, type Secret, type Secrets, stagesByVersion } from "./secrets.ts";
import type { Trail } from "./trail.ts";
import { addVersion, valueIn } from "./value-operations.ts";

const DAY = 24 * 60 * 60_000;
/** API reference, DeleteSecret and ListSecrets. */
const DEFAULT_RECOVERY_DAYS = 30;
const SHORTEST_RECOVERY_DAYS = 7;
const DEFAULT_PAGE = 100;

export function secretOperations(secrets: Secrets, surroundings: Surroundings, trail: Trail) {
  const { clock, random, region, account } = surroundings;

  return {
    CreateSecret(input, call) {
      if (input.AddReplicaRegions !== undefined) throw notModelled("replicas in other Regions");
      assertFree(secrets, input.Name);
      const value = valueIn(input);
      const secret: Secret = {
        name: input.Name,
        arn: `arn:aws:secretsmanager:${region}:${account}:secret:${input.Name}-${sixCharacters()}`,
        createdAt: clock.now(),
        changedAt: clock.now(),
        description: input.Description,
        kmsKeyId: input.KmsKeyId,
        tags: new Map(tagPairs(input.Tags)),
        versions: new Map(),
        deletion: undefined,
      };
      secrets.byName.set(secret.name, secret);
      const version =
        value === undefined ? undefined : addVersion(secret, value, input.ClientRequestToken ?? random.uuid(), clock);
      if (version !== undefined) moveStage(secret, "AWSCURRENT", version);
      trail.record("CreateSecret", secret, { name: input.Name }, call);
      return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
    },

    DescribeSecret({ SecretId }) {
      const secret = secrets.find(SecretId);
      return { ...described(secret), VersionIdsToStages: stagesByVersion(secret) };
    },

    ListSecrets(input) {
      const { Filters = [], IncludePlannedDeletion = false, MaxResults = DEFAULT_PAGE, NextToken } = input;
      if (input.SortBy !== undefined || input.SortOrder !== undefined) throw notModelled("the order of ListSecrets");
      const found = [...secrets.byName.values()]
        .filter(({ deletion }) => IncludePlannedDeletion || deletion === undefined)
        .filter((secret) => Filters.every((filter) => matches(secret, filter)));
      const start = NextToken === undefined ? 0 : Number(NextToken);
      const page = found.slice(start, start + MaxResults);
      return {
        SecretList: page.map((secret) => ({ ...described(secret), SecretVersionsToStages: stagesByVersion(secret) })),
        ...(start + MaxResults < found.length ? { NextToken: String(start + MaxResults) } : {}),
      };
    },

    DeleteSecret(input, call) {
      const { RecoveryWindowInDays, ForceDeleteWithoutRecovery = false } = input;
      if (ForceDeleteWithoutRecovery && RecoveryWindowInDays !== undefined)
        throw new InvalidParameterException({
          message: "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
          $metadata: {},
        });
      const days = RecoveryWindowInDays ?? DEFAULT_RECOVERY_DAYS;
      if (days < SHORTEST_RECOVERY_DAYS || days > DEFAULT_RECOVERY_DAYS)
        throw new InvalidParameterException({
          message: "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
          $metadata: {},
        });
      const secret = ForceDeleteWithoutRecovery ? secrets.find(input.SecretId) : secrets.usable(input.SecretId);
      const at = clock.now();
      const until = ForceDeleteWithoutRecovery ? at : at + days * DAY;
      const deletion = { at, until };
      secret.deletion = deletion;
      if (ForceDeleteWithoutRecovery) secrets.byName.delete(secret.name);
      else
        clock.after(until - at, () => {
          if (secret.deletion === deletion) secrets.byName.delete(secret.name);
        });
      trail.record("DeleteSecret", secret, { secretId: input.SecretId }, call);
      return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(until) };
    },

    RestoreSecret({ SecretId }, call) {
      const secret = secrets.find(SecretId);
      secret.deletion = undefined;
      trail.record("RestoreSecret", secret, { secretId: SecretId }, call);
      return { ARN: secret.arn, Name: secret.name };
    },

    TagResource({ SecretId, Tags }) {
      const { tags } = secrets.usable(SecretId);
      for (const [key, value] of tagPairs(Tags)) tags.set(key, value);
      return {};
    },

    UntagResource({ SecretId, TagKeys }) {
      const { tags } = secrets.usable(SecretId);
      for (const key of TagKeys) tags.delete(key);
      return {};
    },
  } satisfies Operations<typeof sdk>;

  /** AWS adds them so that a secret made again under an old name is not mistaken for the old one. */
  function sixCharacters(): string {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return Array.from({ length: 6 }, () => random.pick([...letters])).join("");
  }
}

function assertFree(secrets: Secrets, name: string): void {
  const existing = secrets.byName.get(name);
  if (existing?.deletion !== undefined)
    throw new InvalidRequestException({
      message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
      $metadata: {},
    });
  if (existing !== undefined)
    throw new ResourceExistsException({
      message: `The operation failed because the secret ${name} already exists.`,
      $metadata: {},
    });
}

const tagPairs = (tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []) =>
  tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? ""] as const]));

function described(secret: Secret) {
  const accessed = [...secret.versions.values()].flatMap(({ lastAccessed }) => lastAccessed ?? []);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.changedAt),
    ...(accessed.length === 0 ? {} : { LastAccessedDate: new Date(Math.max(...accessed)) }),
    ...(secret.deletion === undefined ? {} : { DeletedDate: new Date(secret.deletion.at) }),
    Tags: [...secret.tags].map(([Key, Value]) => ({ Key, Value })),
  };
}

/** Values match by beginning, without regard to case for descriptions; `!` turns one round (API reference, Filter). */
function matches(
  secret: Secret,
  { Key, Values = [] }: { Key?: string | undefined; Values?: readonly string[] | undefined },
) {
  const texts = textsFor(secret, Key);
  return Values.some((value) =>
    value.startsWith("!")
      ? !texts.some((text) => text.startsWith(value.slice(1)))
      : texts.some((text) => text.startsWith(value)),
  );
}

function textsFor(secret: Secret, key: string | undefined): readonly string[] {
  switch (key) {
    case "name":
      return [secret.name];
    case "description":
      return [secret.description ?? ""];
    case "tag-key":
      return [...secret.tags.keys()];
    case "tag-value":
      return [...secret.tags.values()];
    default:
      throw notModelled(`the filter ${key}`);
  }
}
