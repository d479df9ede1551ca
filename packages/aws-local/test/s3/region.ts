/** A Region with nothing in it but S3, reached by the real client over the in-process wire. */
import { S3 } from "@aws-sdk/client-s3";
import { createS3 } from "../../src/services/s3/s3.ts";
import { clientConfigTo, surroundingsAt } from "../lone-service.ts";

export const startAt = Date.parse("2026-11-01T10:00:00Z");
export const Bucket = "warden-blobs";

export async function regionWithBucket() {
  const surroundings = surroundingsAt(startAt);
  const { service } = createS3(surroundings);
  const client = new S3(clientConfigTo(service, surroundings));
  await client.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
  return { clock: surroundings.clock, client };
}
