import { BucketAlreadyOwnedByYou, NotFound } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { Bucket, regionWithBucket, startAt } from "./region.ts";

const HOUR = 60 * 60_000;

describe("buckets", () => {
  it("are made once, in the Region they are asked for in", async () => {
    const { client } = await regionWithBucket();
    const LocationConstraint = "eu-west-1";
    await expect(client.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint } })).rejects.toThrow(
      BucketAlreadyOwnedByYou,
    );
    await expect(
      client.createBucket({ Bucket: "elsewhere", CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    ).rejects.toMatchObject({
      name: "IllegalLocationConstraintException",
    });
    await expect(
      client.createBucket({ Bucket: "Not_Valid", CreateBucketConfiguration: { LocationConstraint } }),
    ).rejects.toMatchObject({ name: "InvalidBucketName" });
  });

  it("are found, listed, and deleted only when empty", async () => {
    const { client } = await regionWithBucket();
    expect((await client.headBucket({ Bucket })).BucketRegion).toBe("eu-west-1");
    await expect(client.headBucket({ Bucket: "other" })).rejects.toThrow(NotFound);
    expect((await client.listBuckets()).Buckets).toMatchObject([{ Name: Bucket, CreationDate: new Date(startAt) }]);
    await client.putObject({ Bucket, Key: "a", Body: "a" });
    await expect(client.deleteBucket({ Bucket })).rejects.toMatchObject({ name: "BucketNotEmpty" });
    await client.deleteObject({ Bucket, Key: "a" });
    await client.deleteBucket({ Bucket });
    expect((await client.listBuckets()).Buckets ?? []).toEqual([]);
  });

  it("are encrypted and block public access from the start (since 2023), and keep what is put instead", async () => {
    const { client } = await regionWithBucket();
    const encryption = async () =>
      (await client.getBucketEncryption({ Bucket })).ServerSideEncryptionConfiguration?.Rules?.[0]
        ?.ApplyServerSideEncryptionByDefault;
    expect(await encryption()).toEqual({ SSEAlgorithm: "AES256" });
    const block = (await client.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration;
    expect(Object.values(block ?? {})).toEqual([true, true, true, true]);

    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: "alias/warden" };
    await client.putBucketEncryption({
      Bucket,
      ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] },
    });
    expect(await encryption()).toEqual(ApplyServerSideEncryptionByDefault);
    const { ServerSideEncryption, SSEKMSKeyId } = await client.putObject({ Bucket, Key: "a", Body: "a" });
    expect({ ServerSideEncryption, SSEKMSKeyId }).toEqual({
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: "alias/warden",
    });
    await client.deletePublicAccessBlock({ Bucket });
    await expect(client.getPublicAccessBlock({ Bucket })).rejects.toMatchObject({
      name: "NoSuchPublicAccessBlockConfiguration",
    });
  });

  it("keep policy, tags and lifecycle rules, and say when there are none", async () => {
    const { client } = await regionWithBucket();
    await expect(client.getBucketPolicy({ Bucket })).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
    await expect(client.getBucketTagging({ Bucket })).rejects.toMatchObject({ name: "NoSuchTagSet" });
    await expect(client.getBucketLifecycleConfiguration({ Bucket })).rejects.toMatchObject({
      name: "NoSuchLifecycleConfiguration",
    });
    const Policy = '{"Version":"2012-10-17","Statement":[]}';
    await client.putBucketPolicy({ Bucket, Policy });
    await client.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "site", Value: "demo" }] } });
    expect((await client.getBucketPolicy({ Bucket })).Policy).toBe(Policy);
    expect((await client.getBucketTagging({ Bucket })).TagSet).toEqual([{ Key: "site", Value: "demo" }]);
  });
});

describe("lifecycle rules", () => {
  it("expire an object at the midnight after its days (User Guide, Expiring objects)", async () => {
    const { client, clock } = await regionWithBucket();
    const rule = {
      ID: "evidence",
      Status: "Enabled" as const,
      Filter: { Prefix: "evidence/" },
      Expiration: { Days: 1 },
    };
    await client.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: [rule] } });
    expect((await client.getBucketLifecycleConfiguration({ Bucket })).Rules).toEqual([rule]);
    await client.putObject({ Bucket, Key: "evidence/1", Body: "x" });
    await client.putObject({ Bucket, Key: "bundle/1", Body: "x" });
    const keys = async () => (await client.listObjectsV2({ Bucket })).Contents?.map(({ Key }) => Key);
    // Put at 10:00 on the first: a day later is 10:00 on the second, and the next midnight begins the third.
    await clock.advance(37 * HOUR);
    expect(await keys()).toEqual(["bundle/1", "evidence/1"]);
    await clock.advance(HOUR);
    expect(await keys()).toEqual(["bundle/1"]);
  });

  it("refuse a transition, which is not modelled", async () => {
    const { client } = await regionWithBucket();
    const Rules = [
      { Status: "Enabled" as const, Filter: {}, Transitions: [{ Days: 30, StorageClass: "GLACIER" as const }] },
    ];
    await expect(
      client.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } }),
    ).rejects.toMatchObject({ name: "NotImplemented" });
  });
});
