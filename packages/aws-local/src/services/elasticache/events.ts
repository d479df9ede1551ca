/**
 * What happens to caches: a log of fourteen days, and notifications to the group's topic. Node-based clusters tell
 * EventBridge nothing (User Guide, "Events for self-designed clusters").
 */
import { SNSServiceException } from "@aws-sdk/client-sns";
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import type { Topics } from "../../region.ts";
import type { CacheCluster, ReplicationGroup } from "./replication-group.ts";

export interface CacheEvent {
  /** Falls from event to event, because the newest is shown first. */
  readonly order: number;
  readonly at: number;
  readonly sourceType: "cache-cluster" | "replication-group";
  readonly sourceId: string;
  readonly message: string;
}

export interface EventLog {
  /** The newest first. */
  all(): readonly CacheEvent[];
  ofGroup(group: ReplicationGroup, message: string): void;
  ofCluster(cluster: CacheCluster, message: string): void;
  /** `name` as in `ElastiCache:FailoverComplete`. Best effort: a topic that refuses it stops nothing. */
  notify(group: ReplicationGroup, name: string, sourceId: string): void;
}

/** API reference, DescribeEvents. */
const KEPT = 14 * 24 * 60 * 60_000;

export function createEventLog(clock: Clock, topics: Topics): EventLog {
  const log: CacheEvent[] = [];

  function add(sourceType: CacheEvent["sourceType"], sourceId: string, message: string): void {
    log.unshift({ order: (log[0]?.order ?? 0) - 1, at: clock.now(), sourceType, sourceId, message });
  }

  return {
    all() {
      while ((log.at(-1)?.at ?? Number.POSITIVE_INFINITY) < clock.now() - KEPT) log.pop();
      return log;
    },
    ofGroup: ({ id }, message) => add("replication-group", id, message),
    ofCluster: ({ id }, message) => add("cache-cluster", id, message),
    notify({ arn, notification }, name, sourceId) {
      if (notification?.status !== "active") return;
      const body = JSON.stringify({ [`ElastiCache:${name}`]: sourceId });
      try {
        topics.publish(notification.topicArn, { body }, { service: "elasticache.amazonaws.com", sourceArn: arn });
      } catch (error) {
        // There is no such topic, or its policy does not let ElastiCache in.
        if (!(error instanceof AwsError || error instanceof SNSServiceException)) throw error;
      }
    },
  };
}
