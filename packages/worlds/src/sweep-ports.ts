/** What only the sweep asks: ElastiCache, CloudWatch, and what keeps Auto Scaling from taking nodes away. By itself, because their clients are large and nobody else needs them. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { alarmsPort, cachesPort, scalingPort } from "@warden/aws";
import type { SweepPorts } from "@warden/control";
import type { DepsOptions } from "./loop.ts";

export function sweepPortsOf({ client, prepare }: Pick<DepsOptions, "client" | "prepare">): SweepPorts {
  const elastiCache = new ElastiCacheClient(client);
  const cloudWatch = new CloudWatchClient(client);
  const autoScaling = new AutoScalingClient(client);
  for (const each of [elastiCache, cloudWatch, autoScaling]) prepare?.(each);
  return { caches: cachesPort(elastiCache), alarms: alarmsPort(cloudWatch), scaling: scalingPort(autoScaling) };
}
