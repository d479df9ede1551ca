/**
 * Two caches, for sessions and for Moodle's application cache, because they must forget differently: sessions never by
 * themselves, cached data whenever memory is short. Valkey, encrypted, with a password, in private subnets.
 */
import { namedOf, titled } from "./named.ts";
import { admit, type Network, traffic } from "./network.ts";
import { type SecretReference, secret } from "./secret.ts";
import { usersOf } from "./sharing.ts";
import type { Caches } from "./sizes.ts";
import type { ExistingCaches, Site, Stage } from "./stage.ts";

export interface SiteCaches {
  readonly sessions: SiteCache;
  readonly cache: SiteCache;
}

export interface SiteCache {
  readonly host: $util.Input<string>;
  readonly eviction: string;
  readonly password: SecretReference;
}

/** What each must and may forget. */
const evictions = { sessions: "noeviction", cache: "allkeys-lru" } as const;

/** @param topic told of failovers */
export function caches(
  stage: Stage,
  site: Site,
  wanted: Caches | ExistingCaches,
  network: Network,
  topic: aws.sns.Topic,
): SiteCaches {
  const users = usersOf(stage, site, "caches");
  if (wanted.kind === "existing") {
    admit(site, "caches", wanted.securityGroup, network, users);
    const known = ({ host, secret }: ExistingCaches["cache"], eviction: string) => ({
      ...{ host, eviction, password: { secret, key: "password" } },
    });
    return {
      sessions: known(wanted.sessions, evictions.sessions),
      cache: known(wanted.cache, evictions.cache),
    };
  }
  const around = {
    subnets: new aws.elasticache.SubnetGroup(titled(site, "CacheSubnets"), {
      ...{ name: namedOf(site, "caches"), description: "Private subnets", subnetIds: network.privateSubnets },
    }),
    ...{ group: traffic(site, "caches", network, users), topic, kept: stage.production },
  };
  return {
    sessions: cache(site, "sessions", wanted, around),
    cache: cache(site, "cache", wanted, around),
  };
}

interface Around {
  readonly subnets: aws.elasticache.SubnetGroup;
  readonly group: aws.ec2.SecurityGroup;
  readonly topic: aws.sns.Topic;
  readonly kept: boolean;
}

function cache(site: Site, name: keyof SiteCaches, { type, nodes }: Caches, around: Around): SiteCache {
  const title = { sessions: "Sessions", cache: "Cache" }[name];
  const eviction = evictions[name];
  const { password, reference } = secret(site, title, name);
  const parameters = new aws.elasticache.ParameterGroup(titled(site, `${title}Parameters`), {
    ...{ name: namedOf(site, name), family: "valkey8", description: `What Moodle's ${name} may forget` },
    parameters: [{ name: "maxmemory-policy", value: eviction }],
  });
  const group = new aws.elasticache.ReplicationGroup(
    titled(site, title),
    {
      ...{ replicationGroupId: namedOf(site, name), description: `Moodle's ${name}` },
      ...{ engine: "valkey", engineVersion: "8.0", nodeType: type, numCacheClusters: nodes },
      ...{ automaticFailoverEnabled: nodes > 1, multiAzEnabled: nodes > 1, autoMinorVersionUpgrade: false },
      ...{ atRestEncryptionEnabled: true, transitEncryptionEnabled: true, transitEncryptionMode: "required" },
      ...{ authToken: password, authTokenUpdateStrategy: "ROTATE", parameterGroupName: parameters.name },
      ...{ subnetGroupName: around.subnets.name, securityGroupIds: [around.group.id] },
      ...{ notificationTopicArn: around.topic.arn, snapshotRetentionLimit: name === "sessions" ? 1 : 0 },
    },
    // Neither is in SST's own list of what is retained.
    { retainOnDelete: around.kept, protect: around.kept },
  );
  return { host: group.primaryEndpointAddress, eviction, password: reference };
}
