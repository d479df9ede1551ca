/** What CreateReplicationGroup may be asked for (API reference), checked before anything is made. */
import type * as sdk from "@aws-sdk/client-elasticache";
import {
  CacheParameterGroupNotFoundFault,
  CacheSubnetGroupNotFoundFault,
  NodeQuotaForClusterExceededFault,
} from "@aws-sdk/client-elasticache";
import type { Validated } from "../../service.ts";
import { requireSound } from "./auth-tokens.ts";
import { invalidCombination, invalidValue, notModelled, requireModelled } from "./errors.ts";

type CreateInput = Validated<sdk.CreateReplicationGroupCommandInput>;

export interface Engine {
  readonly name: "redis" | "valkey";
  readonly version: string;
  readonly parameterGroup: string;
}

export interface Settings {
  readonly engine: Engine;
  readonly nodeType: string;
  /** Of the primary first. */
  readonly zones: readonly string[];
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
}

/** One primary and five replicas. */
const MOST_NODES = 6;

/** By version, the default parameter group. Custom ones cannot be made here, so there is none. The last is the newest. */
const defaultParameterGroups: Readonly<Record<Engine["name"], readonly (readonly [string, string])[]>> = {
  redis: [
    ["6.2", "default.redis6.x"],
    ["7.0", "default.redis7"],
    ["7.1", "default.redis7"],
  ],
  valkey: [
    ["7.2", "default.valkey7"],
    ["8.0", "default.valkey8"],
    ["8.1", "default.valkey8"],
    ["8.2", "default.valkey8"],
  ],
};

const MODELLED = `AtRestEncryptionEnabled AuthToken AutoMinorVersionUpgrade AutomaticFailoverEnabled CacheNodeType
  CacheParameterGroupName CacheSubnetGroupName Engine EngineVersion MultiAZEnabled NotificationTopicArn NumCacheClusters
  Port PreferredCacheClusterAZs ReplicationGroupDescription ReplicationGroupId SecurityGroupIds Tags
  TransitEncryptionEnabled`.split(/\s+/);

export function settingsFrom(input: CreateInput, zones: readonly string[]): Settings {
  requireOnlyDefaults(input);
  requireIdentifier(input.ReplicationGroupId);
  const settings = {
    engine: engineOf(input),
    nodeType: nodeTypeOf(input.CacheNodeType),
    zones: zonesOf(input, zones),
    automaticFailover: input.AutomaticFailoverEnabled ?? false,
    multiAz: input.MultiAZEnabled ?? false,
  };
  requireFailoverIsPossible(settings);
  requireTokenIsPossible(input);
  if (input.CacheSubnetGroupName !== undefined && input.CacheSubnetGroupName !== "default") {
    throw new CacheSubnetGroupNotFoundFault({
      message: `Cache Subnet Group ${input.CacheSubnetGroupName} does not exist.`,
      $metadata: {},
    });
  }
  return settings;
}

/** Some parameters only say what is so here anyway. */
function requireOnlyDefaults({ NumNodeGroups, ClusterMode, NetworkType, IpDiscovery, ...input }: CreateInput): void {
  const { SnapshotRetentionLimit, TransitEncryptionMode, DataTieringEnabled, ...others } = input;
  if ((NumNodeGroups ?? 1) !== 1 || (ClusterMode ?? "disabled") !== "disabled") throw notModelled("Cluster mode");
  if ((NetworkType ?? "ipv4") !== "ipv4" || (IpDiscovery ?? "ipv4") !== "ipv4") throw notModelled("IPv6");
  if ((SnapshotRetentionLimit ?? 0) !== 0) throw notModelled("The parameter SnapshotRetentionLimit");
  if ((TransitEncryptionMode ?? "required") !== "required") throw notModelled("The parameter TransitEncryptionMode");
  if (DataTieringEnabled ?? false) throw notModelled("The parameter DataTieringEnabled");
  requireModelled(others, MODELLED);
}

/** 1 to 40 letters, digits and hyphens; a letter first, no hyphen last, no two together. */
function requireIdentifier(id: string): void {
  if (/^[a-zA-Z](?:-?[a-zA-Z0-9])*$/.test(id) && id.length <= 40) return;
  throw invalidValue(
    "The parameter ReplicationGroupIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; must not end with a hyphen or contain two consecutive hyphens; and must not be longer than 40 characters.",
  );
}

function engineOf({ Engine: name, EngineVersion, CacheParameterGroupName }: CreateInput): Engine {
  if (name !== "redis" && name !== "valkey") throw invalidValue("The value of Engine must be set to valkey or redis.");
  const known = defaultParameterGroups[name];
  const found = EngineVersion === undefined ? known.at(-1) : known.find(([version]) => version === EngineVersion);
  if (found === undefined) throw notModelled(`Version ${EngineVersion} of ${name}`);
  const [version, parameterGroup] = found;
  if (CacheParameterGroupName !== undefined) requireParameterGroup(CacheParameterGroupName, parameterGroup);
  return { name, version, parameterGroup };
}

function requireParameterGroup(asked: string, fitting: string): void {
  if (asked === fitting) return;
  if (asked === `${fitting}.cluster.on`) throw notModelled("Cluster mode");
  const others = Object.values(defaultParameterGroups).flatMap((groups) => groups.map(([, group]) => group));
  if (others.includes(asked)) throw invalidCombination(`${asked} is for another engine or version.`);
  throw new CacheParameterGroupNotFoundFault({ message: `CacheParameterGroup ${asked} not found.`, $metadata: {} });
}

function nodeTypeOf(nodeType: string | undefined): string {
  if (nodeType !== undefined && /^cache\.[a-z0-9]+\.[a-z0-9]+$/.test(nodeType)) return nodeType;
  throw invalidValue(`Invalid Cache Node Type: ${nodeType}.`);
}

/** As asked for; or AWS's own choice, here one after the other. */
function zonesOf({ NumCacheClusters = 1, PreferredCacheClusterAZs }: CreateInput, all: readonly string[]) {
  if (NumCacheClusters < 1) throw invalidValue("NumCacheClusters must be at least 1.");
  if (NumCacheClusters > MOST_NODES) {
    throw new NodeQuotaForClusterExceededFault({
      message: `The maximum permitted value for NumCacheClusters is ${MOST_NODES}.`,
      $metadata: {},
    });
  }
  if (PreferredCacheClusterAZs === undefined) {
    return Array.from({ length: NumCacheClusters }, (_, index) => all[index % all.length] ?? "");
  }
  if (PreferredCacheClusterAZs.length !== NumCacheClusters) {
    throw invalidCombination("The number of Availability Zones listed must equal the value of NumCacheClusters.");
  }
  const unknown = PreferredCacheClusterAZs.find((zone) => !all.includes(zone));
  if (unknown !== undefined) throw invalidValue(`${unknown} is not a valid Availability Zone.`);
  return PreferredCacheClusterAZs;
}

/** Also for ModifyReplicationGroup. Multi-AZ needs a replica in another zone than the primary's. */
export function requireFailoverIsPossible(settings: Pick<Settings, "zones" | "automaticFailover" | "multiAz">): void {
  const { zones, automaticFailover, multiAz } = settings;
  if (automaticFailover && zones.length < 2) {
    throw invalidCombination(
      "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
    );
  }
  if (multiAz && !automaticFailover) throw invalidCombination("Multi-AZ requires automatic failover to be enabled.");
  if (multiAz && new Set(zones).size < 2) {
    throw invalidCombination("Multi-AZ requires a replica in another Availability Zone than the primary.");
  }
}

function requireTokenIsPossible({ AuthToken, TransitEncryptionEnabled }: CreateInput): void {
  if (AuthToken === undefined) return;
  if (TransitEncryptionEnabled !== true) {
    throw invalidCombination(
      "AuthToken can be specified only on replication groups where TransitEncryptionEnabled is true.",
    );
  }
  requireSound(AuthToken);
}

/** The topic belongs to the same account and Region; whether there is one is seen when something is to be told. */
export function requireOwnTopic(arn: string, { region, account }: { region: string; account: string }): string {
  if (!arn.startsWith(`arn:aws:sns:${region}:${account}:`)) {
    throw invalidValue(`The topic ${arn} is not one of this account and Region.`);
  }
  return arn;
}
