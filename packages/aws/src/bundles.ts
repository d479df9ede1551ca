/** Where configuration bundles lie: one object for each, under its own digest, so that nothing is ever written over. */
import { createHash } from "node:crypto";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { calling } from "./classify.ts";
import { bundleKey } from "./names.ts";
import { lazyS3 } from "./s3.ts";

export interface BundleStore {
  /** @returns the bundle's digest */
  put(archive: Uint8Array): Promise<string>;
}

export function bundleStore(options: S3ClientConfig, bucket: string): BundleStore {
  const s3 = lazyS3(options);
  return {
    async put(archive) {
      const { client, sdk } = await s3();
      const hash = createHash("sha256").update(archive).digest();
      const digest = hash.toString("hex");
      const command = new sdk.PutObjectCommand({
        ...{ Bucket: bucket, Key: bundleKey(digest), Body: archive, ContentType: "application/x-tar" },
        ChecksumSHA256: hash.toString("base64"),
      });
      await calling("s3:PutObject", () => client.send(command));
      return digest;
    },
  };
}
