/** The SDK's client of S3, loaded when the first object is asked for: most commands never do. */
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";

export function lazyS3(
  options: S3ClientConfig,
): () => Promise<{ client: S3Client; sdk: typeof import("@aws-sdk/client-s3") }> {
  let client: S3Client | undefined;
  return async () => {
    const sdk = await import("@aws-sdk/client-s3");
    // An endpoint of one's own has no host name for each bucket.
    client ??= new sdk.S3Client({ ...options, forcePathStyle: options.endpoint !== undefined, logger: silent });
    return { client, sdk };
  };
}

/** The SDK would write to the terminal by itself, between what the command prints; a fault says all that it knows. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
