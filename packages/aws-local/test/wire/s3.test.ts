import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import * as s3 from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { embeddedService } from "../../src/service.ts";
import { clientConfig } from "../../src/wire/index.ts";
import { harness, signedFor } from "./harness.ts";

/** A bucket service that keeps what it is given and says what it was asked. */
function buckets() {
  const objects = new Map<string, Uint8Array>();
  const calls: { operation: string; input: object }[] = [];
  const note = (operation: string, input: object): void => void calls.push({ operation, input });
  const service = embeddedService(s3, "s3", {
    CreateBucket(input) {
      note("CreateBucket", input);
      return { Location: `/${input.Bucket}` };
    },
    PutObject(input) {
      note("PutObject", input);
      const body: unknown = input.Body;
      if (body instanceof Uint8Array) objects.set(`${input.Bucket}/${input.Key}`, body);
      return { ETag: '"0"' };
    },
    GetObject(input) {
      const body = objects.get(`${input.Bucket}/${input.Key}`);
      if (body === undefined) throw new s3.NoSuchKey({ message: "The specified key does not exist.", $metadata: {} });
      const part = input.Range === undefined ? {} : { ContentRange: `bytes 0-3/${body.length}` };
      return { Body: body, ContentLength: body.length, Metadata: { release: "5.2" }, ...part };
    },
    HeadObject: () => ({ ContentLength: 11, ETag: '"0"', LastModified: new Date(Date.UTC(2026, 0, 2)) }),
    ListObjectsV2(input) {
      note("ListObjectsV2", input);
      return { Name: input.Bucket, KeyCount: 1, IsTruncated: false, Contents: [{ Key: "a/b c", Size: 11 }] };
    },
    DeleteObject(input) {
      note("DeleteObject", input);
      return {};
    },
    CopyObject: () => ({ CopyObjectResult: { ETag: '"1"' } }),
  });
  const region = harness([service]);
  return { ...region, client: new s3.S3Client(clientConfig(region.router)), objects, calls };
}

describe("objects of S3, with the bucket in the path", () => {
  it("arrive as bytes and come back as a stream, with their metadata", async () => {
    const { client } = buckets();
    await client.send(new s3.PutObjectCommand({ Bucket: "warden", Key: "ä/b c+d", Body: "hello world" }));
    const { Body, ContentLength, Metadata } = await client.send(
      new s3.GetObjectCommand({ Bucket: "warden", Key: "ä/b c+d" }),
    );
    expect(await Body?.transformToString()).toBe("hello world");
    expect({ ContentLength, Metadata }).toEqual({ ContentLength: 11, Metadata: { release: "5.2" } });
  });

  it("may look like XML without being touched", async () => {
    const { client } = buckets();
    await client.send(new s3.PutObjectCommand({ Bucket: "warden", Key: "page", Body: "<html></html>" }));
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: "warden", Key: "page" }));
    expect(await Body?.transformToString()).toBe("<html></html>");
  });

  it("are put together when a stream comes in chunks, with the checksum from the trailer", async () => {
    const { client, objects, calls } = buckets();
    const Body = Readable.from([Buffer.from("hello "), Buffer.from("world")]);
    await client.send(new s3.PutObjectCommand({ Bucket: "warden", Key: "stream", Body, ContentLength: 11 }));
    expect(Buffer.from(objects.get("warden/stream") ?? []).toString()).toBe("hello world");
    expect(calls[0]?.input).toMatchObject({ ChecksumCRC32: "DUoRhQ==" });
    expect(calls[0]?.input).not.toHaveProperty("ContentEncoding");
  });

  it("are put together when each chunk is signed", async () => {
    const { router, objects } = buckets();
    const body = Buffer.from(
      "6;chunk-signature=ab\r\nhello \r\n5;chunk-signature=cd\r\nworld\r\n0;chunk-signature=ef\r\n\r\n",
    );
    const headers = {
      authorization: signedFor("s3"),
      "content-encoding": "gzip,aws-chunked",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    };
    const answer = await router.route({
      method: "PUT",
      path: "/warden/k",
      query: new URLSearchParams(),
      headers,
      body,
    });
    expect(answer.statusCode).toBe(200);
    expect(Buffer.from(objects.get("warden/k") ?? []).toString()).toBe("hello world");
  });

  it("stay compressed when they were stored so", async () => {
    const { client, objects, calls } = buckets();
    const Body = new Uint8Array(gzipSync("hello world"));
    await client.send(new s3.PutObjectCommand({ Bucket: "warden", Key: "z", Body, ContentEncoding: "gzip" }));
    expect(objects.get("warden/z")).toEqual(Body);
    expect(calls[0]?.input).toMatchObject({ ContentEncoding: "gzip" });
  });

  it("show their length and date in a HEAD", async () => {
    const { client } = buckets();
    const head = await client.send(new s3.HeadObjectCommand({ Bucket: "warden", Key: "x" }));
    expect(head).toMatchObject({ ContentLength: 11, LastModified: new Date(Date.UTC(2026, 0, 2)) });
  });

  it("are copied by a PUT that names a source", async () => {
    const { client } = buckets();
    const copied = await client.send(new s3.CopyObjectCommand({ Bucket: "warden", Key: "b", CopySource: "warden/a" }));
    expect(copied.CopyObjectResult?.ETag).toBe('"1"');
  });
});

it("tells the operations of S3 apart by method, path, query and headers", async () => {
  const { client, calls, records } = buckets();
  const CreateBucketConfiguration = { LocationConstraint: "eu-west-1" } as const;
  await client.send(new s3.CreateBucketCommand({ Bucket: "warden", CreateBucketConfiguration }));
  const { Contents } = await client.send(new s3.ListObjectsV2Command({ Bucket: "warden", Prefix: "a/" }));
  await client.send(new s3.DeleteObjectCommand({ Bucket: "warden", Key: "a/b c" }));
  expect(Contents).toEqual([{ Key: "a/b c", Size: 11 }]);
  expect(calls).toEqual([
    { operation: "CreateBucket", input: { Bucket: "warden", CreateBucketConfiguration } },
    { operation: "ListObjectsV2", input: { Bucket: "warden", Prefix: "a/" } },
    { operation: "DeleteObject", input: { Bucket: "warden", Key: "a/b c" } },
  ]);
  expect(records.map(({ operation }) => operation)).toEqual(["CreateBucket", "ListObjectsV2", "DeleteObject"]);
});

it("answers 206 for a part of an object and 200 for the whole (S3 API reference, GetObject)", async () => {
  const { client } = buckets();
  await client.send(new s3.PutObjectCommand({ Bucket: "bundles", Key: "a", Body: "0123" }));
  const whole = await client.send(new s3.GetObjectCommand({ Bucket: "bundles", Key: "a" }));
  const part = await client.send(new s3.GetObjectCommand({ Bucket: "bundles", Key: "a", Range: "bytes=0-3" }));
  expect([whole, part].map((answer) => answer.$metadata.httpStatusCode)).toEqual([200, 206]);
});
