/**
 * The one table: where each thing lies. A group's nodes, orders and shared state share a partition, so that the sweep
 * reads a group with one query.
 */
import type { GroupName, NodeKey, SiteName } from "@warden/fleet";
import { parseNodeKey } from "@warden/fleet";

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export const groupPartition = (site: SiteName, group: GroupName): string => `group#${site}/${group}`;

export function nodeItem(key: NodeKey): ItemKey {
  return inGroup(key, "node");
}

export function orderItem(key: NodeKey): ItemKey {
  return inGroup(key, "order");
}

export const groupStateItem = (site: SiteName, group: GroupName): ItemKey => ({
  pk: groupPartition(site, group),
  sk: "state",
});

export const rolloutItem = (site: SiteName, group: GroupName): ItemKey => ({
  pk: groupPartition(site, group),
  sk: "rollout",
});

export const siteItem = (site: SiteName): ItemKey => ({ pk: "sites", sk: `site#${site}` });
export const stopItem = (site: SiteName): ItemKey => ({ pk: `site#${site}`, sk: "stop" });
export const incidentsItem = (site: SiteName): ItemKey => ({ pk: `site#${site}`, sk: "incidents" });
/** In one partition: the sweep reads all sites' with one query. */
export const calendarItem = (site: SiteName): ItemKey => ({ pk: "calendars", sk: `site#${site}` });
export const upgradeItem = (site: SiteName): ItemKey => ({ pk: `site#${site}`, sk: "upgrade" });
export const batchItem = (batch: string): ItemKey => ({ pk: `batch#${batch}`, sk: "batch" });
export const beatItem = (key: NodeKey): ItemKey => ({ pk: "beats", sk: key });
export const sweepItem: ItemKey = { pk: "sweep", sk: "last" };

export const ledgerPartition = (key: string): string => `ledger#${key}`;
export const outboxPartition = "outbox";

/** Sorts by time, then by id. */
export const ledgerSort = (entry: { readonly at: number; readonly id: string }): string =>
  `${new Date(entry.at).toISOString()}#${entry.id}`;

function inGroup(key: NodeKey, kind: "node" | "order"): ItemKey {
  const name = parseNodeKey(key);
  if (name === undefined) throw new Error(`${key} is no node key`);
  return { pk: groupPartition(name.site, name.group), sk: `${kind}#${name.instance}` };
}
