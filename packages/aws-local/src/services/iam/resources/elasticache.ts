/**
 * ElastiCache names its resources by ids that it keeps in lower case. Creating a group also asks for the parameter
 * group, and for the subnet group where the call names one.
 */
import type { Mapping } from "./request.ts";

export const elasticache: Mapping = (operation, input, { region, account }) => {
  const arn = (type: string) => (id: string) => `arn:aws:elasticache:${region}:${account}:${type}:${id}`;
  const ids = (member: string) => input.texts(member).map((id) => id.toLowerCase());
  return [
    {
      resources: [
        ...ids("ReplicationGroupId").map(arn("replicationgroup")),
        ...ids("CacheClusterId").map(arn("cluster")),
        ...ids("CacheParameterGroupName").map(arn("parametergroup")),
        ...ids("CacheSubnetGroupName").map(arn("subnetgroup")),
        ...input.texts("ResourceName"),
        ...(operation === "CreateReplicationGroup" && !input.has("CacheParameterGroupName")
          ? [arn("parametergroup")("*")]
          : []),
      ],
    },
  ];
};
