/** Putting, getting, copying and deleting objects. */

import type * as sdk from "@aws-sdk/client-s3";
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import type { Operations } from "../../service.ts";
import { type Buckets, refuseParameters, type StoredObject } from "./buckets.ts";
import { assertReadable, assertWritable, noSuchKey, notFound, preconditionFailed, rangeOf } from "./conditions.ts";
import { assertChecksums, headersIn, storedObject, tagsIn } from "./stored-object.ts";

/** They change who may read an object, how it is encrypted or for how long it stays. */
const unmodelledOnWrite = [
  "GrantFullControl",
  "GrantRead",
  "GrantReadACP",
  "GrantWriteACP",
  "ObjectLockMode",
  "ObjectLockRetainUntilDate",
  "ObjectLockLegalHoldStatus",
  "ObjectLockEventHold",
  "SSECustomerAlgorithm",
  "WebsiteRedirectLocation",
  "WriteOffsetBytes",
  "ACL",
  "ExpectedBucketOwner",
  "StorageClass",
];
const unmodelledOnRead = ["VersionId", "PartNumber", "SSECustomerAlgorithm", "ExpectedBucketOwner"];

export function objectOperations(buckets: Buckets, clock: Clock) {
  function existing(bucketName: string, key: string): StoredObject {
    const object = buckets.find(bucketName).objects.get(key);
    if (object === undefined) throw noSuchKey();
    return object;
  }

  return {
    PutObject(input) {
      refuseParameters(input, unmodelledOnWrite);
      const bucket = buckets.find(input.Bucket);
      assertWritable(bucket.objects.get(input.Key), input);
      const body = bytesIn(input.Body);
      assertChecksums(body, input);
      const object = storedObject(bucket, input.Key, body, clock.now(), {
        headers: headersIn(input),
        metadata: input.Metadata ?? {},
        tags: tagsIn(input.Tagging),
        requestedEncryption: input,
      });
      bucket.objects.set(object.key, object);
      return {
        ETag: object.etag,
        ChecksumCRC32: object.checksum,
        ChecksumType: "FULL_OBJECT",
        ...encryptionOf(object),
      };
    },

    GetObject(input) {
      refuseParameters(input, unmodelledOnRead);
      const object = existing(input.Bucket, input.Key);
      assertReadable(object, input);
      const range = rangeOf(input.Range, object.body.length);
      const described = { ...descriptionOf(object, range, input.ChecksumMode), ...overridden(input) };
      return { ...described, Body: range === undefined ? object.body : object.body.slice(range.start, range.end + 1) };
    },

    /** The answer to HEAD has no body, so its errors have no code but the status. */
    HeadObject(input) {
      refuseParameters(input, unmodelledOnRead);
      const object = buckets.find(input.Bucket).objects.get(input.Key);
      if (object === undefined) throw notFound();
      assertReadable(object, input);
      const range = rangeOf(input.Range, object.body.length);
      return { ...descriptionOf(object, range, input.ChecksumMode), ...overridden(input) };
    },

    /** Deleting what is not there succeeds. */
    DeleteObject(input) {
      refuseParameters(input, ["VersionId", "MFA", "IfMatchLastModifiedTime", "IfMatchSize"]);
      const { objects } = buckets.find(input.Bucket);
      assertWritable(objects.get(input.Key), { IfMatch: input.IfMatch });
      objects.delete(input.Key);
      return {};
    },

    DeleteObjects(input) {
      refuseParameters(input, ["MFA"]);
      const { objects } = buckets.find(input.Bucket);
      const { Objects: wanted, Quiet } = input.Delete;
      for (const object of wanted) refuseParameters(object, ["VersionId", "ETag", "LastModifiedTime", "Size"]);
      for (const { Key } of wanted) objects.delete(Key);
      return Quiet === true ? {} : { Deleted: wanted.map(({ Key }) => ({ Key })) };
    },

    CopyObject(input) {
      refuseParameters(input, [...unmodelledOnWrite, "CopySourceSSECustomerAlgorithm", "AnnotationDirective"]);
      const source = sourceIn(input.CopySource);
      const original = existing(source.bucket, source.key);
      assertCopyable(original, input);
      const bucket = buckets.find(input.Bucket);
      assertWritable(bucket.objects.get(input.Key), input);
      const replaces = input.MetadataDirective === "REPLACE";
      if (source.bucket === input.Bucket && source.key === input.Key && !replaces)
        throw new AwsError(
          "InvalidRequest",
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        );
      const object = storedObject(bucket, input.Key, original.body, clock.now(), {
        headers: replaces ? headersIn(input) : original.headers,
        metadata: replaces ? (input.Metadata ?? {}) : original.metadata,
        tags: input.TaggingDirective === "REPLACE" ? tagsIn(input.Tagging) : original.tags,
        requestedEncryption: input,
      });
      bucket.objects.set(object.key, object);
      const CopyObjectResult = { ETag: object.etag, LastModified: new Date(object.lastModified) };
      return { CopyObjectResult, ...encryptionOf(object) };
    },

    GetObjectTagging: ({ Bucket, Key }) => ({
      TagSet: [...existing(Bucket, Key).tags].map(([name, Value]) => ({ Key: name, Value })),
    }),
  } satisfies Operations<typeof sdk>;
}

/** The wire gives bytes; a call without wire may give what the SDK lets its callers write. */
function bytesIn(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return new Uint8Array(body);
  throw new AwsError("NotImplemented", "a streamed body is not modelled here", 501);
}

function descriptionOf(
  object: StoredObject,
  range: { start: number; end: number } | undefined,
  checksumMode: sdk.ChecksumMode | undefined,
) {
  const { length } = object.body;
  return {
    ...object.headers,
    ...encryptionOf(object),
    ETag: object.etag,
    LastModified: new Date(object.lastModified),
    ContentLength: range === undefined ? length : range.end - range.start + 1,
    AcceptRanges: "bytes",
    Metadata: { ...object.metadata },
    ...(range === undefined ? {} : { ContentRange: `bytes ${range.start}-${range.end}/${length}` }),
    ...(object.tags.size === 0 ? {} : { TagCount: object.tags.size }),
    // The checksum is the whole object's; a part of it could not be checked against it.
    ...(checksumMode === "ENABLED" && range === undefined
      ? { ChecksumCRC32: object.checksum, ChecksumType: "FULL_OBJECT" as const }
      : {}),
  };
}

function overridden(input: {
  readonly ResponseContentType?: string | undefined;
  readonly ResponseContentDisposition?: string | undefined;
  readonly ResponseCacheControl?: string | undefined;
}) {
  const { ResponseContentType, ResponseContentDisposition, ResponseCacheControl } = input;
  return {
    ...(ResponseContentType === undefined ? {} : { ContentType: ResponseContentType }),
    ...(ResponseContentDisposition === undefined ? {} : { ContentDisposition: ResponseContentDisposition }),
    ...(ResponseCacheControl === undefined ? {} : { CacheControl: ResponseCacheControl }),
  };
}

const encryptionOf = ({ encryption }: StoredObject) => ({
  ServerSideEncryption: encryption.algorithm,
  ...(encryption.keyId === undefined ? {} : { SSEKMSKeyId: encryption.keyId }),
});

/** `bucket/key` or `/bucket/key`, percent-encoded. */
function sourceIn(copySource: string): { bucket: string; key: string } {
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(copySource)) ?? [];
  if (bucket === undefined || key === undefined)
    throw new AwsError("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  return { bucket, key };
}

function assertCopyable(
  original: StoredObject,
  input: {
    readonly CopySourceIfMatch?: string | undefined;
    readonly CopySourceIfNoneMatch?: string | undefined;
    readonly CopySourceIfModifiedSince?: Date | undefined;
    readonly CopySourceIfUnmodifiedSince?: Date | undefined;
  },
): void {
  try {
    assertReadable(original, {
      IfMatch: input.CopySourceIfMatch,
      IfNoneMatch: input.CopySourceIfNoneMatch,
      IfModifiedSince: input.CopySourceIfModifiedSince,
      IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    });
  } catch (error) {
    // A copy that is not wanted is always a failed precondition, never "not modified".
    if (error instanceof AwsError && error.status === 304) throw preconditionFailed("x-amz-copy-source-If-None-Match");
    throw error;
  }
}
