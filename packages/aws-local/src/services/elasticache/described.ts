/** Replication groups and their clusters as the answers show them. */
import type * as sdk from "@aws-sdk/client-elasticache";
import { type CacheCluster, NODE, NODE_GROUP, type ReplicationGroup } from "./replication-group.ts";

export function describedGroup(group: ReplicationGroup): sdk.ReplicationGroup {
  return {
    ReplicationGroupId: group.id,
    Description: group.description,
    Status: group.status,
    PendingModifiedValues: group.authUpdate === undefined ? {} : { AuthTokenStatus: group.authUpdate },
    MemberClusters: group.clusters.map(({ id }) => id),
    // While it is made or deleted there are no nodes to show (AWS CLI reference, the answers of both commands).
    ...(hasNodes(group) && { NodeGroups: [nodeGroup(group)] }),
    AutomaticFailover: group.automaticFailover,
    MultiAZ: group.multiAz ? "enabled" : "disabled",
    SnapshotRetentionLimit: 0,
    ClusterEnabled: false,
    CacheNodeType: group.nodeType,
    ...tokens(group),
    TransitEncryptionEnabled: group.transitEncryption,
    AtRestEncryptionEnabled: group.atRestEncryption,
    ARN: group.arn,
    ReplicationGroupCreateTime: new Date(group.createdAt),
    AutoMinorVersionUpgrade: group.autoMinorVersionUpgrade,
    NetworkType: "ipv4",
    IpDiscovery: "ipv4",
    ...(group.transitEncryption && { TransitEncryptionMode: "required" }),
    ClusterMode: "disabled",
    Engine: group.engine.name,
  };
}

export function describedCluster(group: ReplicationGroup, cluster: CacheCluster, withNodes: boolean): sdk.CacheCluster {
  return {
    CacheClusterId: cluster.id,
    CacheNodeType: group.nodeType,
    Engine: group.engine.name,
    EngineVersion: group.engine.version,
    CacheClusterStatus: group.status,
    NumCacheNodes: 1,
    PreferredAvailabilityZone: cluster.zone,
    CacheClusterCreateTime: new Date(group.createdAt),
    PendingModifiedValues: group.authUpdate === undefined ? {} : { AuthTokenStatus: group.authUpdate },
    ...(group.notification && {
      NotificationConfiguration: { TopicArn: group.notification.topicArn, TopicStatus: group.notification.status },
    }),
    CacheSecurityGroups: [],
    CacheParameterGroup: {
      CacheParameterGroupName: group.engine.parameterGroup,
      ParameterApplyStatus: "in-sync",
      CacheNodeIdsToReboot: [],
    },
    CacheSubnetGroupName: "default",
    ...(withNodes && hasNodes(group) && { CacheNodes: [node(group, cluster)] }),
    AutoMinorVersionUpgrade: group.autoMinorVersionUpgrade,
    SecurityGroups: group.securityGroups.map((SecurityGroupId) => ({ SecurityGroupId, Status: "active" })),
    ReplicationGroupId: group.id,
    SnapshotRetentionLimit: 0,
    ...tokens(group),
    TransitEncryptionEnabled: group.transitEncryption,
    AtRestEncryptionEnabled: group.atRestEncryption,
    ARN: cluster.arn,
    NetworkType: "ipv4",
    IpDiscovery: "ipv4",
  };
}

const hasNodes = ({ status }: ReplicationGroup): boolean => status === "available" || status === "modifying";

function nodeGroup(group: ReplicationGroup): sdk.NodeGroup {
  return {
    NodeGroupId: NODE_GROUP,
    Status: group.status,
    PrimaryEndpoint: endpoint(group, "primary"),
    ReaderEndpoint: endpoint(group, "reader"),
    NodeGroupMembers: group.clusters.map((cluster) => ({
      CacheClusterId: cluster.id,
      CacheNodeId: NODE,
      ReadEndpoint: endpoint(group, cluster),
      PreferredAvailabilityZone: cluster.zone,
      CurrentRole: cluster.role,
    })),
  };
}

const node = (group: ReplicationGroup, cluster: CacheCluster): sdk.CacheNode => ({
  CacheNodeId: NODE,
  CacheNodeStatus: cluster.node,
  CacheNodeCreateTime: new Date(group.createdAt),
  Endpoint: endpoint(group, cluster),
  ParameterGroupStatus: "in-sync",
  CustomerAvailabilityZone: cluster.zone,
});

const tokens = ({ auth }: ReplicationGroup) => ({
  AuthTokenEnabled: auth.accepted.some((token) => token !== undefined),
  ...(auth.changedAt !== undefined && { AuthTokenLastModifiedDate: new Date(auth.changedAt) }),
});

/**
 * The names never change: a failover moves what they point to, and a node that is replaced keeps its own. With
 * encryption in transit they are others (User Guide, "Finding connection endpoints").
 */
function endpoint(group: ReplicationGroup, of: "primary" | "reader" | CacheCluster): sdk.Endpoint {
  const domain = `${group.domain.region}.cache.amazonaws.com`;
  const name = group.transitEncryption ? encryptedName(group, of) : plainName(group, of);
  return { Address: `${name}.${domain}`, Port: group.port };
}

function encryptedName({ id, domain: { key } }: ReplicationGroup, of: "primary" | "reader" | CacheCluster): string {
  if (of === "primary") return `master.${id}.${key}`;
  return of === "reader" ? `replica.${id}.${key}` : `${of.id}.${id}.${key}`;
}

function plainName({ id, domain: { key } }: ReplicationGroup, of: "primary" | "reader" | CacheCluster): string {
  if (of === "primary") return `${id}.${key}.ng.${NODE_GROUP}`;
  return of === "reader" ? `${id}-ro.${key}.ng.${NODE_GROUP}` : `${of.id}.${key}.${NODE}`;
}
