/** The embedded ElastiCache: node-based replication groups of Valkey and Redis OSS with cluster mode disabled, without data. */
import * as sdk from "@aws-sdk/client-elasticache";
import type { Surroundings, Topics } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { describeOperations } from "./describe-operations.ts";
import { createEventLog } from "./events.ts";
import { type CacheFaults, createFailover, createFaults } from "./failover.ts";
import { failoverOperation } from "./failover-operation.ts";
import { groupOperations } from "./group-operations.ts";
import { createReplicationGroups } from "./replication-group.ts";
import { createTagStore } from "./tags.ts";

export interface ElastiCache {
  readonly service: EmbeddedService;
  readonly faults: CacheFaults;
  /** For `aws:ResourceTag/…` in policies; none for a resource that does not exist. */
  tagsOf(arn: string): Readonly<Record<string, string>>;
}

export function createElastiCache(
  surroundings: Surroundings,
  neighbours: { readonly topics: Topics; readonly zones: readonly string[] },
): ElastiCache {
  const { clock } = surroundings;
  const groups = createReplicationGroups();
  const log = createEventLog(clock, neighbours.topics);
  const tags = createTagStore(groups);
  const loseNode = createFailover(surroundings, log);

  return {
    service: embeddedService(sdk, "elasticache", {
      ...groupOperations(surroundings, groups, log, tags, neighbours.zones),
      ...describeOperations(clock, groups, log),
      ...failoverOperation(clock, groups, log, loseNode),
      ...tags.operations,
    }),
    faults: createFaults(groups, loseNode),
    tagsOf: tags.of,
  };
}
