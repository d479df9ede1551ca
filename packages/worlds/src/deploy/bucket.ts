import { BucketLocationConstraint, CreateBucketCommand } from "@aws-sdk/client-s3";
import { type DeployContext, named } from "./context.ts";

/** Configuration bundles. S3 encrypts it and keeps the public out by itself. @returns its name */
export async function deployBucket(context: DeployContext): Promise<string> {
  // Bucket names are one space for all accounts.
  const Bucket = `${named(context, "blobs")}-${context.account}`;
  // The oldest Region has no name here.
  const LocationConstraint = Object.values(BucketLocationConstraint).find((name) => name === context.region);
  const configuration = LocationConstraint && { CreateBucketConfiguration: { LocationConstraint } };
  await context.clients.s3.send(new CreateBucketCommand({ Bucket, ...configuration }));
  return Bucket;
}
