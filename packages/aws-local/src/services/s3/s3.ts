/** S3: buckets of objects, with conditional writes, checksums, listings, and lifecycle rules that expire. */
import * as sdk from "@aws-sdk/client-s3";
import type { Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { bucketOperations } from "./bucket-operations.ts";
import { settingsOperations } from "./bucket-settings.ts";
import { createBuckets } from "./buckets.ts";
import { expireObjects } from "./lifecycle.ts";
import { listOperations } from "./list-objects.ts";
import { objectOperations } from "./object-operations.ts";

export function createS3(surroundings: Surroundings): { service: EmbeddedService } {
  const buckets = createBuckets();
  expireObjects(buckets, surroundings.clock);
  return {
    service: embeddedService(sdk, "s3", {
      ...bucketOperations(buckets, surroundings),
      ...settingsOperations(buckets),
      ...objectOperations(buckets, surroundings.clock),
      ...listOperations(buckets),
    }),
  };
}
