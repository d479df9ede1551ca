/**
 * Two caches, for sessions and for Moodle's application cache, because they must forget differently: sessions never by
 * themselves, cached data whenever memory is short. Valkey, encrypted, with a password, in private subnets.
 */
import { named } from "./named.ts";
import type { Network } from "./network.ts";
import { secret } from "./secret.ts";
import type { Stage } from "./stage.ts";

/** @param topic told of failovers */
export function caches(stage: Stage, { vpc, traffic }: Network, topic: aws.sns.Topic) {
  const subnets = new aws.elasticache.SubnetGroup("CacheSubnets", {
    ...{ name: named("caches"), description: "Private subnets", subnetIds: vpc.privateSubnets },
  });
  const cache = (title: string, name: string, eviction: string) => {
    const { password, reference } = secret(title, name);
    const parameters = new aws.elasticache.ParameterGroup(`${title}Parameters`, {
      ...{ name: named(name), family: "valkey8", description: `What Moodle's ${name} may forget` },
      parameters: [{ name: "maxmemory-policy", value: eviction }],
    });
    const { type, nodes } = stage.size.caches;
    const group = new aws.elasticache.ReplicationGroup(
      title,
      {
        ...{ replicationGroupId: named(name), description: `Moodle's ${name}`, engine: "valkey", engineVersion: "8.0" },
        ...{ nodeType: type, numCacheClusters: nodes, automaticFailoverEnabled: nodes > 1, multiAzEnabled: nodes > 1 },
        ...{ atRestEncryptionEnabled: true, transitEncryptionEnabled: true, transitEncryptionMode: "required" },
        ...{ authToken: password, authTokenUpdateStrategy: "ROTATE", parameterGroupName: parameters.name },
        ...{ subnetGroupName: subnets.name, securityGroupIds: [traffic.caches.id], notificationTopicArn: topic.arn },
        ...{ autoMinorVersionUpgrade: false, snapshotRetentionLimit: name === "sessions" ? 1 : 0 },
      },
      // Neither is in SST's own list of what is retained.
      { retainOnDelete: stage.production, protect: stage.production },
    );
    return { host: group.primaryEndpointAddress, eviction, password: reference };
  };
  return { sessions: cache("Sessions", "sessions", "noeviction"), cache: cache("Cache", "cache", "allkeys-lru") };
}
