/** What there is, and what happened to it. */
import type * as sdk from "@aws-sdk/client-elasticache";
import type { Clock } from "../../clock.ts";
import type { Operations, Validated } from "../../service.ts";
import { describedCluster, describedGroup } from "./described.ts";
import { invalidCombination, notModelled } from "./errors.ts";
import type { EventLog } from "./events.ts";
import { pageOf } from "./paging.ts";
import type { ReplicationGroups } from "./replication-group.ts";

const MINUTE = 60_000;
/** API reference, DescribeEvents: by default the last hour. */
const DEFAULT_MINUTES = 60;

export function describeOperations(
  clock: Clock,
  groups: ReplicationGroups,
  log: EventLog,
): Pick<Operations<typeof sdk>, "DescribeCacheClusters" | "DescribeEvents" | "DescribeReplicationGroups"> {
  return {
    DescribeReplicationGroups({ ReplicationGroupId, ...request }) {
      const chosen = ReplicationGroupId === undefined ? [...groups.byId.values()] : [groups.find(ReplicationGroupId)];
      const { records, ...rest } = pageOf(chosen, request);
      return { ReplicationGroups: records.map(describedGroup), ...rest };
    },

    DescribeCacheClusters({ CacheClusterId, ShowCacheClustersNotInReplicationGroups, ShowCacheNodeInfo, ...request }) {
      const all = [...groups.byId.values()].flatMap((group) => group.clusters.map((cluster) => ({ group, cluster })));
      const chosen = CacheClusterId === undefined ? all : [groups.cluster(CacheClusterId)];
      // There are none but those in replication groups.
      const shown = ShowCacheClustersNotInReplicationGroups === true ? [] : chosen;
      const { records, ...rest } = pageOf(
        shown.map((one) => ({ ...one, order: one.cluster.order })),
        request,
      );
      return {
        CacheClusters: records.map(({ group, cluster }) =>
          describedCluster(group, cluster, ShowCacheNodeInfo === true),
        ),
        ...rest,
      };
    },

    DescribeEvents(input) {
      const { from, until } = interval(input, clock.now());
      const source = input.SourceIdentifier?.toLowerCase();
      const chosen = log
        .all()
        .filter(({ at }) => at >= from && at <= until)
        .filter(({ sourceType }) => (input.SourceType ?? sourceType) === sourceType)
        .filter(({ sourceId }) => (source ?? sourceId) === sourceId);
      const { records, ...rest } = pageOf(chosen, input);
      return {
        Events: records.map(({ sourceId, sourceType, message, at }) => ({
          SourceIdentifier: sourceId,
          SourceType: sourceType,
          Message: message,
          Date: new Date(at),
        })),
        ...rest,
      };
    },
  };
}

/** What a Duration beside a StartTime means is not documented. */
function interval(input: Validated<sdk.DescribeEventsCommandInput>, now: number): { from: number; until: number } {
  const { StartTime, EndTime, Duration } = input;
  if (StartTime !== undefined && Duration !== undefined) throw notModelled("Duration together with StartTime");
  const until = EndTime?.getTime() ?? now;
  const from = StartTime?.getTime() ?? until - (Duration ?? DEFAULT_MINUTES) * MINUTE;
  if (from > until) throw invalidCombination("StartTime must be before EndTime.");
  return { from, until };
}
