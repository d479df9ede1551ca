/** Warden's bucket in the embedded S3, reached by the real client over the in-process wire. */
import { S3 } from "@aws-sdk/client-s3";
import { clientConfig, seededRandom, virtualClock } from "@warden/aws-local";
import { createS3 } from "@warden/aws-local/services/s3/s3";
import { noDelays } from "@warden/aws-local/timings";
import { createRouter } from "@warden/aws-local/wire/index";
import { releaseStore } from "../src/index.ts";

export const bucket = "warden-blobs";

export async function bucketInMemory(startAt: number) {
  const clock = virtualClock({ startAt });
  const random = seededRandom(1);
  const surroundings = { clock, random, region: "us-east-1", account: "123456789012", timings: noDelays };
  const { service } = createS3(surroundings);
  const onDefect = (error: unknown): void => {
    throw error;
  };
  const router = createRouter({ services: [service], region: surroundings.region, clock, random, onDefect });
  const config = clientConfig(router);
  const client = new S3(config);
  await client.createBucket({ Bucket: bucket });
  return { clock, config, client, store: releaseStore(config, bucket) };
}
