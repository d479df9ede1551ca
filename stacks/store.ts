/** What Warden remembers: its one table, the bucket for bundles and releases, and the bus on which it says what it did. */
import { tableKeys } from "@warden/functions/deployed";
import { named } from "./named.ts";
import type { Stage } from "./stage.ts";

export function store({ production }: Stage) {
  const { partition, sort, expires } = tableKeys;
  const table = new sst.aws.Dynamo("Table", {
    fields: { [partition]: "string", [sort]: "string" },
    primaryIndex: { hashKey: partition, rangeKey: sort },
    ttl: expires,
    deletionProtection: production,
    transform: { table: { name: named("table") } },
  });
  const bucket = new sst.aws.Bucket("Blobs", {
    // Bucket names are one space for all accounts.
    transform: { bucket: { bucket: $interpolate`${named("blobs")}-${aws.getCallerIdentityOutput().accountId}` } },
  });
  const bus = new sst.aws.Bus("Bus", { transform: { bus: { name: named("bus") } } });
  return { table, bucket, bus };
}

export type Store = ReturnType<typeof store>;
