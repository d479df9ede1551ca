/** ElastiCache for the sweep. By itself, because the client of ElastiCache is large and no other function needs it. */
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { cachesPort } from "@warden/aws";
import type { CachesPort } from "@warden/control";
import type { DepsOptions } from "./loop.ts";

export function cachesOf({ client, prepare }: Pick<DepsOptions, "client" | "prepare">): CachesPort {
  const elastiCache = new ElastiCacheClient(client);
  prepare?.(elastiCache);
  return cachesPort(elastiCache);
}
