/** ElastiCache on a virtual clock, asked by its real client over the in-process wire; what it tells topics is kept. */
import { ElastiCache } from "@aws-sdk/client-elasticache";
import { AwsError } from "../../src/aws-error.ts";
import type { Topics } from "../../src/region.ts";
import { createElastiCache } from "../../src/services/elasticache/elasticache.ts";
import { clientConfigTo, surroundingsAt } from "../lone-service.ts";

export const startAt = Date.parse("2026-11-01T08:00:00Z");
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const ReplicationGroupId = "moodle";
export const groupArn = "arn:aws:elasticache:eu-west-1:123456789012:replicationgroup:moodle";
export const topicArn = "arn:aws:sns:eu-west-1:123456789012:caches";
export const CREATION = 10 * MINUTE;
export const MODIFICATION = 2 * MINUTE;
export const DELETION = 5 * MINUTE;
export const FAILOVER = 60_000;
export const RECOVERY_START = 40_000;
export const RECOVERY = 10 * MINUTE;
const at = (milliseconds: number) => ({ low: milliseconds, high: milliseconds });

export const twoNodes = {
  ReplicationGroupId,
  ReplicationGroupDescription: "sessions",
  Engine: "valkey",
  CacheNodeType: "cache.t4g.small",
  NumCacheClusters: 2,
  AutomaticFailoverEnabled: true,
  NotificationTopicArn: topicArn,
};

export function testRegion() {
  const base = surroundingsAt(startAt);
  const surroundings = {
    ...base,
    timings: {
      ...base.timings,
      cacheCreation: at(CREATION),
      cacheModification: at(MODIFICATION),
      cacheDeletion: at(DELETION),
      cacheFailover: at(FAILOVER),
      cacheRecoveryStart: at(RECOVERY_START),
      cacheRecovery: at(RECOVERY),
    },
  };
  const told: { topicArn: string; body: string; from: string }[] = [];
  let refuses = false;
  const topics: Topics = {
    publish(arn, { body }, { service }) {
      if (refuses) throw new AwsError("AuthorizationError", "no", 403);
      told.push({ topicArn: arn, body, from: service });
    },
  };
  const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
  const { service, faults, tagsOf } = createElastiCache(surroundings, { topics, zones });
  const { clock } = surroundings;
  const client = new ElastiCache(clientConfigTo(service, surroundings));

  async function group() {
    const { ReplicationGroups } = await client.describeReplicationGroups({ ReplicationGroupId });
    return ReplicationGroups?.[0];
  }

  /** `moodle-001 primary`, node by node. */
  async function roles(): Promise<string[]> {
    const members = (await group())?.NodeGroups?.[0]?.NodeGroupMembers ?? [];
    return members.map(({ CacheClusterId, CurrentRole }) => `${CacheClusterId} ${CurrentRole}`);
  }

  /** What happened after that, the oldest first, as `source: message`. */
  async function eventsAfter(time: number): Promise<string[]> {
    const { Events = [] } = await client.describeEvents({ StartTime: new Date(time + 1) });
    return Events.map(({ SourceIdentifier, Message }) => `${SourceIdentifier}: ${Message}`).reverse();
  }

  async function available(settings: Partial<Parameters<ElastiCache["createReplicationGroup"]>[0]> = {}) {
    await client.createReplicationGroup({ ...twoNodes, ...settings });
    await clock.advance(CREATION);
    told.length = 0;
  }

  return {
    ...{ clock, client, faults, tagsOf, told, group, roles, eventsAfter, available },
    refuse(): void {
      refuses = true;
    },
  };
}
