/**
 * A node is lost and replaced (User Guide, "Minimizing downtime by using Multi-AZ"). With automatic failover a replica
 * takes over from a primary, under the same endpoint; the lost node comes back as a replica, in its own zone and under its
 * own name. Without, the replacement is the primary again, and until then there is none.
 */
import type { Range, Surroundings } from "../../region.ts";
import { invalidState } from "./errors.ts";
import type { EventLog } from "./events.ts";
import { type CacheCluster, NODE, type ReplicationGroup, type ReplicationGroups } from "./replication-group.ts";

export interface CacheFaults {
  /** The node of a cluster dies, as when its host fails. */
  failNode(cacheClusterId: string): void;
}

export type LoseNode = (group: ReplicationGroup, lost: CacheCluster) => void;

export function createFailover({ clock, random, timings }: Surroundings, log: EventLog): LoseNode {
  return (group, lost) => {
    group.status = "modifying";
    lost.node = "creating";
    const isFailover = lost.role === "primary" && group.automaticFailover === "enabled";
    if (isFailover) later(timings.cacheFailover, () => promote(group, lost));
    else later(timings.cacheRecoveryStart, () => replace(group, lost));
  };

  function promote(group: ReplicationGroup, lost: CacheCluster): void {
    // AWS takes the replica with the least replication lag; here none has any.
    const promoted = random.pick(group.clusters.filter(({ role }) => role === "replica"));
    lost.role = "replica";
    promoted.role = "primary";
    const message = `Failover from primary node ${lost.id} to replica node ${promoted.id} completed`;
    log.ofCluster(lost, message);
    log.ofGroup(group, message);
    log.notify(group, "FailoverComplete", group.id);
    later(timings.cacheRecoveryStart, () => replace(group, lost));
  }

  function replace(group: ReplicationGroup, lost: CacheCluster): void {
    log.ofCluster(lost, `Recovering cache nodes ${NODE}`);
    log.notify(group, "CacheNodeReplaceStarted", lost.id);
    later(timings.cacheRecovery, () => {
      lost.node = "available";
      group.status = "available";
      log.ofCluster(lost, `Finished recovery for cache nodes ${NODE}`);
      log.notify(group, "CacheNodeReplaceComplete", lost.id);
    });
  }

  function later({ low, high }: Range, task: () => void): void {
    clock.after(random.integer(low, high), task);
  }
}

export function createFaults(groups: ReplicationGroups, loseNode: LoseNode): CacheFaults {
  return {
    failNode(cacheClusterId) {
      const { group, cluster } = groups.cluster(cacheClusterId);
      // One loss at a time is modelled.
      if (group.status !== "available") throw invalidState(`The replication group ${group.id} is ${group.status}.`);
      loseNode(group, cluster);
    },
  };
}
