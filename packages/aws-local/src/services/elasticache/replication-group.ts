/**
 * A replication group with cluster mode disabled: one node group, 0001, whose primary and replicas are cache clusters of
 * one node each.
 */
import type { AuthTokens } from "./auth-tokens.ts";
import { clusterNotFound, groupNotFound, invalidState } from "./errors.ts";
import type { Engine } from "./settings.ts";

export const NODE_GROUP = "0001";
/** The one node of each cluster. */
export const NODE = "0001";

export interface ReplicationGroup {
  readonly id: string;
  readonly arn: string;
  readonly order: number;
  readonly createdAt: number;
  readonly engine: Engine;
  readonly nodeType: string;
  readonly port: number;
  readonly transitEncryption: boolean;
  readonly atRestEncryption: boolean;
  /** Only shown: nothing is upgraded here. */
  readonly autoMinorVersionUpgrade: boolean;
  readonly securityGroups: readonly string[];
  /** `g2xbih.euw1.cache.amazonaws.com`: what the names of its endpoints share. */
  readonly domain: { readonly key: string; readonly region: string };
  readonly clusters: readonly CacheCluster[];
  description: string;
  status: "creating" | "available" | "modifying" | "deleting";
  automaticFailover: "enabled" | "disabled" | "enabling" | "disabling";
  multiAz: boolean;
  notification: { topicArn: string; status: "active" | "inactive" } | undefined;
  auth: AuthTokens;
  /** While a change of token is under way. */
  authUpdate: "ROTATING" | "SETTING" | undefined;
}

export interface CacheCluster {
  readonly id: string;
  readonly arn: string;
  readonly order: number;
  readonly zone: string;
  role: "primary" | "replica";
  /** `creating` while the node is lost and until another has taken its place. */
  node: "available" | "creating";
}

export interface ReplicationGroups {
  readonly byId: Map<string, ReplicationGroup>;
  /** Ids are stored in lower case, and asked for in any. */
  find(id: string): ReplicationGroup;
  /** As `find`, but it has to be available. */
  available(id: string): ReplicationGroup;
  cluster(id: string): { readonly group: ReplicationGroup; readonly cluster: CacheCluster };
}

export function createReplicationGroups(): ReplicationGroups {
  const byId = new Map<string, ReplicationGroup>();

  function find(id: string): ReplicationGroup {
    const group = byId.get(id.toLowerCase());
    if (group === undefined) throw groupNotFound(id);
    return group;
  }

  function available(id: string): ReplicationGroup {
    const group = find(id);
    if (group.status !== "available")
      throw invalidState("The requested replication group is not in the available state.");
    return group;
  }

  function cluster(id: string) {
    for (const group of byId.values()) {
      const found = group.clusters.find((one) => one.id === id.toLowerCase());
      if (found !== undefined) return { group, cluster: found };
    }
    throw clusterNotFound(id);
  }

  return { byId, find, available, cluster };
}
