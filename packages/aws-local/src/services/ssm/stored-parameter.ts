/** A parameter with its versions: what may be stored, how it is shown, and which filters it matches. */
import * as ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../../aws-error.ts";
import type { Validated } from "../../service.ts";
import type { ResourceTag } from "./tags.ts";
import { validationError } from "./validation-error.ts";

export interface StoredParameter {
  readonly name: string;
  /** Oldest first; never empty. */
  readonly versions: StoredVersion[];
}

export interface StoredVersion {
  readonly version: number;
  readonly type: ssm.ParameterType;
  readonly value: string;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly keyId: string | undefined;
  readonly tier: ssm.ParameterTier;
  readonly dataType: string;
  readonly modifiedAt: number;
  readonly modifiedBy: string;
}

const mostBytes = { Standard: 4 * 1024, Advanced: 8 * 1024 };

export function latestVersion(parameter: StoredParameter): StoredVersion {
  const version = parameter.versions.at(-1);
  if (version === undefined) throw new Error("a parameter always has a version");
  return version;
}

/** Stands for KMS ciphertext: recognisably not the value, and nothing from which the value could be had. */
export const readable = (version: StoredVersion, decrypt: boolean | undefined): string =>
  version.type !== "SecureString" || decrypt === true
    ? version.value
    : Buffer.from(`encrypted by the embedded KMS, version ${version.version}`).toString("base64");

export function metadata(parameter: StoredParameter, version: StoredVersion): ssm.ParameterMetadata {
  return {
    Name: parameter.name,
    Type: version.type,
    Version: version.version,
    Tier: version.tier,
    DataType: version.dataType,
    LastModifiedDate: new Date(version.modifiedAt),
    LastModifiedUser: version.modifiedBy,
    Policies: [],
    ...(version.description === undefined ? {} : { Description: version.description }),
    ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
    ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
  };
}

export function checkValue({ value, allowedPattern, tier }: StoredVersion): void {
  if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value))
    throw new ssm.ParameterPatternMismatchException({
      message: `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
      $metadata: {},
    });
  if (Buffer.byteLength(value, "utf8") > mostBytes[tier === "Advanced" ? "Advanced" : "Standard"])
    throw validationError(
      "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
    );
}

export function matches(
  parameter: StoredParameter,
  { Key, Option, Values }: ssm.ParameterStringFilter,
  tags: readonly ResourceTag[],
): boolean {
  const key = Key ?? "";
  const values = Values ?? [];
  const beginsWith = Option === "BeginsWith";
  if (key === "Name")
    return values.some((value) => (beginsWith ? parameter.name.startsWith(value) : parameter.name === value));
  if (key === "Type") return values.includes(latestVersion(parameter).type);
  if (key === "Path") return values.some((path) => parameter.name.startsWith(path.endsWith("/") ? path : `${path}/`));
  if (key.startsWith("tag:")) return tags.some((tag) => `tag:${tag.Key}` === key && values.includes(tag.Value));
  throw new AwsError("NotImplemented", `the parameter filter ${key} is not modelled here`, 501);
}

export function refuseUnmodelled(input: Validated<ssm.PutParameterRequest>): void {
  const isUnmodelled = input.Policies !== undefined || input.Tier === "Intelligent-Tiering";
  if (isUnmodelled || (input.DataType !== undefined && input.DataType !== "text"))
    throw new AwsError(
      "NotImplemented",
      "parameter policies, intelligent tiering and data types are not modelled",
      501,
    );
}
