/** From a request to the object that is kept: its ETag, checksum, encryption, headers and tags. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ServerSideEncryption } from "@aws-sdk/client-s3";
import { AwsError } from "../../aws-error.ts";
import type { Bucket, ObjectHeaders, StoredObject } from "./buckets.ts";

export function storedObject(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  now: number,
  settings: {
    readonly headers: ObjectHeaders;
    readonly metadata: Readonly<Record<string, string>>;
    readonly tags: ReadonlyMap<string, string>;
    readonly requestedEncryption: {
      readonly ServerSideEncryption?: ServerSideEncryption | undefined;
      readonly SSEKMSKeyId?: string | undefined;
    };
  },
): StoredObject {
  const { headers, metadata, tags, requestedEncryption } = settings;
  const { ServerSideEncryption: algorithm, SSEKMSKeyId: keyId } = requestedEncryption;
  const { SSEAlgorithm = "AES256", KMSMasterKeyID } = bucket.encryption;
  return {
    key,
    body,
    // Of an object encrypted by KMS the ETag is no MD5 on AWS; here it is, and nobody may rely on it.
    etag: `"${createHash("md5").update(body).digest("hex")}"`,
    checksum: crc32InBase64(body),
    lastModified: now,
    headers: { ContentType: "binary/octet-stream", ...headers },
    metadata: lowerCased(metadata),
    tags,
    encryption: algorithm === undefined ? { algorithm: SSEAlgorithm, keyId: KMSMasterKeyID } : { algorithm, keyId },
  };
}

export function headersIn(input: ObjectHeaders): ObjectHeaders {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Expires } = input;
  // `aws-chunked` tells how the request travelled, not what the object is.
  const encoding = ContentEncoding?.split(",")
    .filter((one) => one.trim() !== "aws-chunked")
    .join(",");
  return Object.fromEntries(
    Object.entries({
      CacheControl,
      ContentDisposition,
      ContentEncoding: encoding === "" ? undefined : encoding,
      ContentLanguage,
      ContentType,
      Expires,
    }).filter(([, value]) => value !== undefined),
  );
}

/** `key=value&key=value`, as the `x-amz-tagging` header carries them. */
export const tagsIn = (tagging: string | undefined): ReadonlyMap<string, string> =>
  new Map(new URLSearchParams(tagging ?? ""));

/** What the client computed has to be what arrived. */
export function assertChecksums(
  body: Uint8Array,
  given: {
    readonly ContentMD5?: string | undefined;
    readonly ChecksumCRC32?: string | undefined;
    readonly ChecksumSHA256?: string | undefined;
    readonly ChecksumSHA1?: string | undefined;
  },
): void {
  const digest = (algorithm: string) => createHash(algorithm).update(body).digest("base64");
  if (given.ContentMD5 !== undefined && given.ContentMD5 !== digest("md5"))
    throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.");
  const wrong = [
    given.ChecksumCRC32 !== undefined && given.ChecksumCRC32 !== crc32InBase64(body) && "CRC32",
    given.ChecksumSHA256 !== undefined && given.ChecksumSHA256 !== digest("sha256") && "SHA256",
    given.ChecksumSHA1 !== undefined && given.ChecksumSHA1 !== digest("sha1") && "SHA1",
  ].find((name) => name !== false);
  if (wrong !== undefined)
    throw new AwsError("BadDigest", `The ${wrong} you specified did not match the calculated checksum.`);
}

function crc32InBase64(body: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
}

/** Names of metadata travel as headers, which have no case. */
const lowerCased = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));
