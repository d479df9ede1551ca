import { createHash } from "node:crypto";
import { NoSuchBucket, NoSuchKey, NotFound } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { Bucket, regionWithBucket, startAt } from "./region.ts";

const Key = "bundles/a b+ü.tar";
const text = "hello, object";

describe("PutObject and GetObject", () => {
  it("give back the bytes with their ETag, checksum, type and metadata", async () => {
    const { client } = await regionWithBucket();
    const put = await client.putObject({
      Bucket,
      Key,
      Body: text,
      ContentType: "text/plain",
      Metadata: { Digest: "abc" },
      Tagging: "site=demo",
    });
    const etag = `"${createHash("md5").update(text).digest("hex")}"`;
    expect(put).toMatchObject({ ETag: etag, ServerSideEncryption: "AES256" });
    const got = await client.getObject({ Bucket, Key });
    expect(await got.Body?.transformToString()).toBe(text);
    expect(got).toMatchObject({
      ETag: etag,
      ChecksumCRC32: put.ChecksumCRC32,
      ContentLength: text.length,
      ContentType: "text/plain",
      LastModified: new Date(startAt),
      Metadata: { digest: "abc" },
      TagCount: 1,
    });
  });

  it.each([
    ["bytes=0-4", "hello", "bytes 0-4/13"],
    ["bytes=7-", "object", "bytes 7-12/13"],
    ["bytes=-6", "object", "bytes 7-12/13"],
    ["bytes=7-999", "object", "bytes 7-12/13"],
  ])("gives the range %s", async (Range, expected, ContentRange) => {
    const { client } = await regionWithBucket();
    await client.putObject({ Bucket, Key, Body: text });
    const got = await client.getObject({ Bucket, Key, Range });
    expect(await got.Body?.transformToString()).toBe(expected);
    expect(got).toMatchObject({ ContentRange, ContentLength: expected.length });
  });

  it("refuses a range beyond the end, a key and a bucket that do not exist", async () => {
    const { client } = await regionWithBucket();
    await client.putObject({ Bucket, Key, Body: text });
    await expect(client.getObject({ Bucket, Key, Range: "bytes=13-" })).rejects.toMatchObject({ name: "InvalidRange" });
    await expect(client.getObject({ Bucket, Key: "other" })).rejects.toThrow(NoSuchKey);
    await expect(client.getObject({ Bucket: "other", Key })).rejects.toThrow(NoSuchBucket);
    await expect(client.headObject({ Bucket, Key: "other" })).rejects.toThrow(NotFound);
  });

  it("refuses a body that is not the one that was signed for", async () => {
    const { client } = await regionWithBucket();
    const ContentMD5 = createHash("md5").update("something else").digest("base64");
    await expect(client.putObject({ Bucket, Key, Body: text, ContentMD5 })).rejects.toMatchObject({
      name: "BadDigest",
    });
  });

  it("refuses versions, locks and grants as not implemented", async () => {
    const { client } = await regionWithBucket();
    await client.putObject({ Bucket, Key, Body: text });
    const notImplemented = { name: "NotImplemented" };
    await expect(client.getObject({ Bucket, Key, VersionId: "1" })).rejects.toMatchObject(notImplemented);
    await expect(client.putObject({ Bucket, Key, Body: text, ObjectLockLegalHoldStatus: "ON" })).rejects.toMatchObject(
      notImplemented,
    );
    await expect(
      client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
    ).rejects.toMatchObject(notImplemented);
  });
});

describe("preconditions", () => {
  it("make an object once (If-None-Match: *), and replace only the one that was read (If-Match)", async () => {
    const { client } = await regionWithBucket();
    const { ETag } = await client.putObject({ Bucket, Key, Body: "one", IfNoneMatch: "*" });
    const failed = { name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } };
    await expect(client.putObject({ Bucket, Key, Body: "two", IfNoneMatch: "*" })).rejects.toMatchObject(failed);
    await client.putObject({ Bucket, Key, Body: "two", IfMatch: ETag });
    await expect(client.putObject({ Bucket, Key, Body: "three", IfMatch: ETag })).rejects.toMatchObject(failed);
    await expect(client.putObject({ Bucket, Key: "other", Body: "x", IfMatch: ETag })).rejects.toThrow(NoSuchKey);
  });

  it("answer 304 to a reader who has it already", async () => {
    const { client } = await regionWithBucket();
    const { ETag } = await client.putObject({ Bucket, Key, Body: text });
    const unchanged = { $metadata: { httpStatusCode: 304 } };
    await expect(client.getObject({ Bucket, Key, IfNoneMatch: ETag })).rejects.toMatchObject(unchanged);
    await expect(client.getObject({ Bucket, Key, IfModifiedSince: new Date(startAt) })).rejects.toMatchObject(
      unchanged,
    );
    await expect(client.getObject({ Bucket, Key, IfMatch: '"other"' })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
  });
});

describe("deleting and copying", () => {
  it("deletes what is there and what is not, one by one or many at once", async () => {
    const { client } = await regionWithBucket();
    for (const name of ["a", "b", "c"]) await client.putObject({ Bucket, Key: name, Body: name });
    await client.deleteObject({ Bucket, Key: "a" });
    await client.deleteObject({ Bucket, Key: "a" });
    const { Deleted } = await client.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "b" }, { Key: "x" }] } });
    expect(Deleted?.map(({ Key: name }) => name)).toEqual(["b", "x"]);
    expect((await client.listObjectsV2({ Bucket })).Contents?.map(({ Key: name }) => name)).toEqual(["c"]);
  });

  it("copies with the metadata or with new ones, and not onto itself unchanged", async () => {
    const { client } = await regionWithBucket();
    await client.putObject({ Bucket, Key, Body: text, Metadata: { v: "1" } });
    const CopySource = `${Bucket}/${encodeURIComponent(Key)}`;
    await client.copyObject({ Bucket, Key: "copy", CopySource });
    await client.copyObject({ Bucket, Key: "changed", CopySource, MetadataDirective: "REPLACE", Metadata: { v: "2" } });
    expect((await client.headObject({ Bucket, Key: "copy" })).Metadata).toEqual({ v: "1" });
    expect((await client.headObject({ Bucket, Key: "changed" })).Metadata).toEqual({ v: "2" });
    await expect(client.copyObject({ Bucket, Key, CopySource })).rejects.toMatchObject({ name: "InvalidRequest" });
    await expect(
      client.copyObject({ Bucket, Key: "copy", CopySource, CopySourceIfMatch: '"other"' }),
    ).rejects.toMatchObject({ name: "PreconditionFailed" });
  });
});

describe("ListObjectsV2", () => {
  it("rolls keys up at the delimiter and pages over keys and prefixes alike", async () => {
    const { client } = await regionWithBucket();
    for (const name of ["a/1", "a/2", "b", "c/d/1", "e", "é"]) await client.putObject({ Bucket, Key: name, Body: "x" });
    const seen: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await client.listObjectsV2({
        Bucket,
        Delimiter: "/",
        MaxKeys: 2,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const names = [
        ...(page.Contents ?? []).map((one) => one.Key),
        ...(page.CommonPrefixes ?? []).map((one) => one.Prefix),
      ];
      expect(page.KeyCount).toBe(names.length);
      expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
      seen.push(...names.toSorted());
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(seen).toEqual(["a/", "b", "c/", "e", "é"]);
  });

  it("narrows to a prefix and begins after a key", async () => {
    const { client } = await regionWithBucket();
    for (const name of ["a/1", "a/2", "a/3", "b"]) await client.putObject({ Bucket, Key: name, Body: "x" });
    const page = await client.listObjectsV2({ Bucket, Prefix: "a/", StartAfter: "a/1" });
    expect(page.Contents?.map(({ Key: name, Size }) => [name, Size])).toEqual([
      ["a/2", 1],
      ["a/3", 1],
    ]);
  });
});
