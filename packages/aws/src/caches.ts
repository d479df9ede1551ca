/** What ElastiCache remembers of its caches. */
import { type ElastiCacheClient, paginateDescribeEvents } from "@aws-sdk/client-elasticache";
import type { CachesPort } from "@warden/control";
import { calling } from "./classify.ts";

/** `Failover from primary node … to replica node … completed` (ElastiCache guide, "Viewing ElastiCache events"). */
const failover = /failover .*complete/i;

export function cachesPort(client: ElastiCacheClient): CachesPort {
  return {
    failovers: (since) =>
      calling("elasticache:DescribeEvents", async () => {
        const found: { name: string; at: number }[] = [];
        for await (const page of paginateDescribeEvents({ client }, { StartTime: new Date(since) })) {
          for (const { SourceIdentifier: name, Date: at, Message: message } of page.Events ?? []) {
            if (name !== undefined && at !== undefined && failover.test(message ?? ""))
              found.push({ name, at: at.getTime() });
          }
        }
        return found;
      }),
  };
}
