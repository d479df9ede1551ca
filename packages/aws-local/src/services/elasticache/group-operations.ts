/** Making, changing and deleting replication groups. */
import type * as sdk from "@aws-sdk/client-elasticache";
import { ReplicationGroupAlreadyExistsFault } from "@aws-sdk/client-elasticache";
import type { Range, Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { shortRegion } from "../../short-region.ts";
import { withoutToken } from "./auth-tokens.ts";
import { describedGroup } from "./described.ts";
import { invalidState, notModelled, requireModelled } from "./errors.ts";
import type { EventLog } from "./events.ts";
import { modification, type SlowChange } from "./modification.ts";
import { type CacheCluster, NODE, type ReplicationGroup, type ReplicationGroups } from "./replication-group.ts";
import { requireOwnTopic, settingsFrom } from "./settings.ts";
import { type TagStore, tagsFrom } from "./tags.ts";

const DEFAULT_PORT = 6379;

export function groupOperations(
  surroundings: Surroundings,
  groups: ReplicationGroups,
  log: EventLog,
  tags: TagStore,
  zones: readonly string[],
): Pick<Operations<typeof sdk>, "CreateReplicationGroup" | "DeleteReplicationGroup" | "ModifyReplicationGroup"> {
  const { clock, random, timings, region, account } = surroundings;
  let order = 0;

  return {
    CreateReplicationGroup(input) {
      const group = newGroup(input);
      const given = tagsFrom(input.Tags);
      if (groups.byId.has(group.id)) {
        throw new ReplicationGroupAlreadyExistsFault({
          message: `The replication group ${group.id} already exists.`,
          $metadata: {},
        });
      }
      groups.byId.set(group.id, group);
      tags.adopt(group, given);
      later(timings.cacheCreation, () => finishCreation(group));
      return { ReplicationGroup: describedGroup(group) };
    },

    ModifyReplicationGroup(input) {
      const group = groups.available(input.ReplicationGroupId);
      const { atOnce, inTime } = modification(input, group, surroundings);
      Object.assign(group, atOnce);
      for (const { meanwhile } of inTime) Object.assign(group, meanwhile);
      if (inTime.length > 0) {
        group.status = "modifying";
        later(timings.cacheModification, () => finishModification(group, inTime));
      }
      return { ReplicationGroup: describedGroup(group) };
    },

    DeleteReplicationGroup({ ReplicationGroupId, RetainPrimaryCluster = false, ...input }) {
      if (RetainPrimaryCluster) throw notModelled("The parameter RetainPrimaryCluster");
      requireModelled(input, []);
      const group = groups.find(ReplicationGroupId);
      if (group.status !== "available") {
        throw invalidState(`Cache cluster ${group.clusters.at(-1)?.id} is not in a valid state to be deleted.`);
      }
      group.status = "deleting";
      later(timings.cacheDeletion, () => finishDeletion(group));
      return { ReplicationGroup: describedGroup(group) };
    },
  };

  function newGroup(input: Validated<sdk.CreateReplicationGroupCommandInput>): ReplicationGroup {
    const settings = settingsFrom(input, zones);
    const id = input.ReplicationGroupId.toLowerCase();
    const { NotificationTopicArn: topic, AuthToken } = input;
    return {
      id,
      arn: `arn:aws:elasticache:${region}:${account}:replicationgroup:${id}`,
      order: order++,
      createdAt: clock.now(),
      engine: settings.engine,
      nodeType: settings.nodeType,
      port: input.Port ?? DEFAULT_PORT,
      transitEncryption: input.TransitEncryptionEnabled ?? false,
      // By default only with Valkey (API reference).
      atRestEncryption: input.AtRestEncryptionEnabled ?? settings.engine.name === "valkey",
      // As the answers in the AWS CLI reference show it where it was not given.
      autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
      securityGroups: input.SecurityGroupIds ?? [],
      domain: { key: random.hex(6), region: shortRegion(region) },
      clusters: settings.zones.map((zone, index) => newCluster(id, zone, index)),
      description: input.ReplicationGroupDescription,
      status: "creating",
      automaticFailover: settings.automaticFailover ? "enabling" : "disabled",
      multiAz: settings.multiAz,
      notification:
        topic === undefined ? undefined : { topicArn: requireOwnTopic(topic, surroundings), status: "active" },
      auth: AuthToken === undefined ? withoutToken : { accepted: [AuthToken], changedAt: clock.now() },
      authUpdate: undefined,
    };
  }

  function newCluster(groupId: string, zone: string, index: number): CacheCluster {
    const id = `${groupId}-${String(index + 1).padStart(3, "0")}`;
    return {
      id,
      arn: `arn:aws:elasticache:${region}:${account}:cluster:${id}`,
      order: order++,
      zone,
      role: index === 0 ? "primary" : "replica",
      node: "available",
    };
  }

  /** The wordings are those of the AWS CLI reference and the User Guide, describe-events. */
  function finishCreation(group: ReplicationGroup): void {
    group.status = "available";
    for (const cluster of group.clusters) {
      log.ofCluster(cluster, "Cache cluster created");
      log.ofCluster(cluster, `Added cache node ${NODE} in availability zone ${cluster.zone}`);
      log.notify(group, "CacheClusterProvisioningComplete", cluster.id);
    }
    log.ofGroup(group, `Replication group ${group.id} created`);
    log.notify(group, "CreateReplicationGroupComplete", group.id);
    if (group.automaticFailover === "enabling") {
      group.automaticFailover = "enabled";
      log.ofGroup(group, `Automatic failover has been turned on for replication group ${group.id}`);
    }
  }

  function finishModification(group: ReplicationGroup, changes: readonly SlowChange[]): void {
    group.status = "available";
    for (const { afterwards, messages } of changes) {
      Object.assign(group, afterwards);
      for (const message of messages) log.ofGroup(group, message);
    }
  }

  function finishDeletion(group: ReplicationGroup): void {
    groups.byId.delete(group.id);
    tags.forget(group);
    for (const cluster of group.clusters) {
      log.ofCluster(cluster, "Cache cluster deleted");
      log.notify(group, "DeleteCacheClusterComplete", cluster.id);
    }
  }

  function later({ low, high }: Range, task: () => void): void {
    clock.after(random.integer(low, high), task);
  }
}
