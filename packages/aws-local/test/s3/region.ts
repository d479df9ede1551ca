/** A Region with nothing in it but S3, reached by the real client over the in-process wire. */
import { S3 } from "@aws-sdk/client-s3";
import { virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import { createS3 } from "../../src/services/s3/s3.ts";
import { clientConfig, createRouter } from "../../src/wire/index.ts";

export const startAt = Date.parse("2026-11-01T10:00:00Z");
export const Bucket = "warden-blobs";

export async function regionWithBucket() {
  const clock = virtualClock({ startAt });
  const random = seededRandom(1);
  const none = { low: 0, high: 0 };
  const timings = {
    instanceStart: none,
    instanceStop: none,
    eventDelivery: none,
    commandDelivery: none,
    commandVisible: none,
    groupPass: 1000,
    staleReads: none,
  };
  const { service } = createS3({ clock, random, region: "eu-west-1", account: "123456789012", timings });
  const onDefect = (error: unknown): void => {
    throw error;
  };
  const router = createRouter({ services: [service], region: "eu-west-1", clock, random, onDefect });
  const client = new S3(clientConfig(router));
  await client.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
  return { clock, client };
}
