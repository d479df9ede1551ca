/** Making, finding and deleting buckets. */

import type * as sdk from "@aws-sdk/client-s3";
import { BucketAlreadyOwnedByYou, BucketLocationConstraint } from "@aws-sdk/client-s3";
import { AwsError } from "../../aws-error.ts";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { type Buckets, refuseParameters } from "./buckets.ts";
import { notFound } from "./conditions.ts";

export function bucketOperations(buckets: Buckets, { clock, region, account }: Surroundings) {
  return {
    CreateBucket(input) {
      refuseParameters(input, [
        "GrantFullControl",
        "GrantRead",
        "GrantReadACP",
        "GrantWrite",
        "GrantWriteACP",
        "ObjectLockEnabledForBucket",
        "BucketNamespace",
      ]);
      const name = input.Bucket;
      assertBucketName(name);
      assertLocation(input.CreateBucketConfiguration?.LocationConstraint, region);
      if (buckets.all.has(name))
        throw new BucketAlreadyOwnedByYou({
          message: "Your previous request to create the named bucket succeeded and you already own it.",
          $metadata: {},
        });
      const { Tags } = input.CreateBucketConfiguration ?? {};
      buckets.all.set(name, {
        name,
        createdAt: clock.now(),
        objects: new Map(),
        encryption: { SSEAlgorithm: "AES256", bucketKeyEnabled: false },
        publicAccessBlock: everythingBlocked,
        lifecycleRules: undefined,
        policy: undefined,
        tags: Tags === undefined ? undefined : new Map(Tags.map(({ Key, Value }) => [Key, Value])),
      });
      return { Location: `/${name}` };
    },

    HeadBucket({ Bucket }) {
      if (!buckets.all.has(Bucket)) throw notFound();
      return { BucketRegion: region };
    },

    GetBucketLocation({ Bucket }) {
      buckets.find(Bucket);
      return region === "us-east-1" ? {} : { LocationConstraint: locationOf(region) };
    },

    ListBuckets(input) {
      refuseParameters(input, ["MaxBuckets", "ContinuationToken", "BucketRegion"]);
      const { Prefix = "" } = input;
      const found = [...buckets.all.values()].filter(({ name }) => name.startsWith(Prefix));
      return {
        Buckets: found
          .toSorted((left, right) => (left.name < right.name ? -1 : 1))
          .map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt), BucketRegion: region })),
        Owner: { ID: ownerOf(account) },
      };
    },

    DeleteBucket({ Bucket }) {
      if (buckets.find(Bucket).objects.size > 0)
        throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
      buckets.all.delete(Bucket);
      return {};
    },
  } satisfies Operations<typeof sdk>;
}

/** New buckets block all public access since April 2023. */
const everythingBlocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** The canonical user id of an account: 64 hexadecimal digits. */
const ownerOf = (account: string): string => account.padStart(64, "0");

/** User Guide, "General purpose bucket naming rules". */
function assertBucketName(name: string): void {
  const valid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..") && !/^\d+(\.\d+){3}$/.test(name);
  if (!valid) throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400);
}

function assertLocation(constraint: string | undefined, region: string): void {
  if ((constraint ?? "us-east-1") !== region)
    throw new AwsError(
      "IllegalLocationConstraintException",
      `The ${constraint ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      400,
    );
}

/** The SDK knows Regions by an enumeration. */
function locationOf(region: string): sdk.BucketLocationConstraint {
  const known: readonly string[] = Object.values(BucketLocationConstraint);
  if (!isLocation(region, known)) throw new AwsError("InternalError", `no location constraint is named ${region}`, 500);
  return region;
}

const isLocation = (region: string, known: readonly string[]): region is sdk.BucketLocationConstraint =>
  known.includes(region);
