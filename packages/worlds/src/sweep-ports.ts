/** What only the sweep asks: ElastiCache and CloudWatch. By itself, because their clients are large and nobody else needs them. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { alarmsPort, cachesPort } from "@warden/aws";
import type { SweepPorts } from "@warden/control";
import type { DepsOptions } from "./loop.ts";

export function sweepPortsOf({ client, prepare }: Pick<DepsOptions, "client" | "prepare">): SweepPorts {
  const elastiCache = new ElastiCacheClient(client);
  const cloudWatch = new CloudWatchClient(client);
  prepare?.(elastiCache);
  prepare?.(cloudWatch);
  return { caches: cachesPort(elastiCache), alarms: alarmsPort(cloudWatch) };
}
