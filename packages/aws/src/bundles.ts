/** Where configuration bundles lie: one object for each, under its own digest, so that nothing is ever written over. */
import { createHash } from "node:crypto";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { calling } from "./classify.ts";

export interface BundleStore {
  /** @returns the bundle's digest */
  put(archive: Uint8Array): Promise<string>;
}

export const bundleKey = (digest: string): string => `bundles/${digest}.tar`;

/** Where a release lies that `warden moodle build` made, by its name. */
export const releaseKey = (name: string): string => `releases/${name}.tar.gz`;

/** The SDK's client of S3 is loaded when a bundle is put: most commands never do. */
export function bundleStore(options: S3ClientConfig, bucket: string): BundleStore {
  return {
    async put(archive) {
      const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
      const hash = createHash("sha256").update(archive).digest();
      const digest = hash.toString("hex");
      // An endpoint of one's own has no host name for each bucket.
      const client = new S3Client({ ...options, forcePathStyle: options.endpoint !== undefined });
      const command = new PutObjectCommand({
        ...{ Bucket: bucket, Key: bundleKey(digest), Body: archive, ContentType: "application/x-tar" },
        ChecksumSHA256: hash.toString("base64"),
      });
      await calling("s3:PutObject", () => client.send(command));
      return digest;
    },
  };
}
