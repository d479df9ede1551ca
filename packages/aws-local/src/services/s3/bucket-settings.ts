/** Encryption, public access block, lifecycle rules, policy and tags of a bucket: kept, and given back as they were put. */
import type * as sdk from "@aws-sdk/client-s3";
import { AwsError } from "../../aws-error.ts";
import type { Operations } from "../../service.ts";
import { type Buckets, notModelled } from "./buckets.ts";
import { assertModelled } from "./lifecycle.ts";

export function settingsOperations(buckets: Buckets) {
  return {
    PutBucketEncryption(input) {
      const [rule] = input.ServerSideEncryptionConfiguration.Rules;
      const chosen = rule?.ApplyServerSideEncryptionByDefault;
      if (chosen === undefined) throw new AwsError("MalformedXML", "The XML you provided was not well-formed", 400);
      buckets.find(input.Bucket).encryption = { ...chosen, bucketKeyEnabled: rule?.BucketKeyEnabled ?? false };
      return {};
    },

    /** Every bucket is encrypted, with S3's own keys unless something else was put (since January 2023). */
    GetBucketEncryption({ Bucket }) {
      const { bucketKeyEnabled, ...chosen } = buckets.find(Bucket).encryption;
      const rule = { ApplyServerSideEncryptionByDefault: chosen, BucketKeyEnabled: bucketKeyEnabled };
      return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
    },

    DeleteBucketEncryption({ Bucket }) {
      buckets.find(Bucket).encryption = { SSEAlgorithm: "AES256", bucketKeyEnabled: false };
      return {};
    },

    PutPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: block }) {
      buckets.find(Bucket).publicAccessBlock = {
        BlockPublicAcls: block.BlockPublicAcls ?? false,
        IgnorePublicAcls: block.IgnorePublicAcls ?? false,
        BlockPublicPolicy: block.BlockPublicPolicy ?? false,
        RestrictPublicBuckets: block.RestrictPublicBuckets ?? false,
      };
      return {};
    },

    GetPublicAccessBlock: ({ Bucket }) => ({
      PublicAccessBlockConfiguration: found(
        buckets.find(Bucket).publicAccessBlock,
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
      ),
    }),

    DeletePublicAccessBlock({ Bucket }) {
      buckets.find(Bucket).publicAccessBlock = undefined;
      return {};
    },

    PutBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration }) {
      const rules = LifecycleConfiguration?.Rules ?? [];
      for (const rule of rules) assertModelled(rule);
      buckets.find(Bucket).lifecycleRules = rules;
      return {};
    },

    GetBucketLifecycleConfiguration: ({ Bucket }) => ({
      Rules: [
        ...found(
          buckets.find(Bucket).lifecycleRules,
          "NoSuchLifecycleConfiguration",
          "The lifecycle configuration does not exist",
        ),
      ],
    }),

    DeleteBucketLifecycle({ Bucket }) {
      buckets.find(Bucket).lifecycleRules = undefined;
      return {};
    },

    PutBucketPolicy({ Bucket, Policy }) {
      buckets.find(Bucket).policy = Policy;
      return {};
    },

    GetBucketPolicy: ({ Bucket }) => ({
      Policy: found(buckets.find(Bucket).policy, "NoSuchBucketPolicy", "The bucket policy does not exist"),
    }),

    DeleteBucketPolicy({ Bucket }) {
      buckets.find(Bucket).policy = undefined;
      return {};
    },

    PutBucketTagging({ Bucket, Tagging }) {
      buckets.find(Bucket).tags = new Map(Tagging.TagSet.map(({ Key, Value }) => [Key, Value]));
      return {};
    },

    GetBucketTagging({ Bucket }) {
      const tags = found(buckets.find(Bucket).tags, "NoSuchTagSet", "The TagSet does not exist");
      return { TagSet: [...tags].map(([Key, Value]) => ({ Key, Value })) };
    },

    DeleteBucketTagging({ Bucket }) {
      buckets.find(Bucket).tags = undefined;
      return {};
    },

    /** A bucket that never had versions answers without a status. */
    GetBucketVersioning({ Bucket }) {
      buckets.find(Bucket);
      return {};
    },

    PutBucketVersioning({ Bucket, VersioningConfiguration }) {
      buckets.find(Bucket);
      throw notModelled(`versioning of a bucket (${VersioningConfiguration.Status})`);
    },
  } satisfies Operations<typeof sdk>;
}

function found<T>(setting: T | undefined, code: string, message: string): T {
  if (setting === undefined) throw new AwsError(code, message, 404);
  return setting;
}
