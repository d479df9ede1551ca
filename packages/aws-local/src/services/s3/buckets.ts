/** Buckets and what is in them. */
import type {
  LifecycleRule,
  PublicAccessBlockConfiguration,
  ServerSideEncryption,
  ServerSideEncryptionByDefault,
} from "@aws-sdk/client-s3";
import { NoSuchBucket } from "@aws-sdk/client-s3";
import { AwsError } from "../../aws-error.ts";

export interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array;
  /** With its quotes, as it travels. */
  readonly etag: string;
  /** CRC-32 of the body in base64: every object has a checksum since 2024. */
  readonly checksum: string;
  readonly lastModified: number;
  readonly headers: ObjectHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: ReadonlyMap<string, string>;
  readonly encryption: { readonly algorithm: ServerSideEncryption; readonly keyId: string | undefined };
}

export interface ObjectHeaders {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly Expires?: Date | undefined;
}

export interface Bucket {
  readonly name: string;
  readonly createdAt: number;
  readonly objects: Map<string, StoredObject>;
  encryption: ServerSideEncryptionByDefault & { bucketKeyEnabled: boolean };
  /** Undefined once the block was deleted. */
  publicAccessBlock: PublicAccessBlockConfiguration | undefined;
  lifecycleRules: readonly LifecycleRule[] | undefined;
  policy: string | undefined;
  tags: ReadonlyMap<string, string> | undefined;
}

export interface Buckets {
  readonly all: Map<string, Bucket>;
  find(name: string): Bucket;
}

export function createBuckets(): Buckets {
  const all = new Map<string, Bucket>();
  return {
    all,
    find(name) {
      const bucket = all.get(name);
      if (bucket === undefined)
        throw new NoSuchBucket({ message: "The specified bucket does not exist", $metadata: {} });
      return bucket;
    },
  };
}

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

/** Parameters that would change what happens, and that nothing here heeds. */
export function refuseParameters(input: object, names: readonly string[]): void {
  for (const name of names) {
    if (Reflect.get(input, name) !== undefined) throw notModelled(`the parameter ${name}`);
  }
}
