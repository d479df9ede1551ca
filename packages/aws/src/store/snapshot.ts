/** Everything a pass of the loop reads of the table. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { GroupState, Snapshot, StoredCalendar, StoredNode } from "@warden/control";
import { type GroupName, type NodeKey, type Order, parseNodeKey, type SiteName } from "@warden/fleet";
import { type Item, readCalendar, readGroupState, readOrder, readStop, readStoredNode } from "./items.ts";
import {
  calendarItem,
  groupStateItem,
  type ItemKey,
  nodeItem,
  orderItem,
  rolloutItem,
  stopItem,
  upgradeItem,
} from "./keys.ts";
import { readItems } from "./reads.ts";

/** Everything a pass reads of the table, in one call for up to a hundred items. */
export async function snapshot(client: DynamoDBClient, table: string, keys: readonly NodeKey[]): Promise<Snapshot> {
  const names = keys.flatMap((key) => {
    const name = parseNodeKey(key);
    return name === undefined ? [] : [{ key, ...name }];
  });
  const groupsWanted = new Map<string, { site: SiteName; group: GroupName }>();
  for (const { site, group } of names) groupsWanted.set(`${site}/${group}`, { site, group });
  const sites = [...new Set(names.map((name) => name.site))];

  const items = await readItems(client, table, [
    ...keys.map(nodeItem),
    ...keys.map(orderItem),
    ...[...groupsWanted.values()].flatMap(({ site, group }) => [groupStateItem(site, group), rolloutItem(site, group)]),
    ...sites.flatMap((site) => [stopItem(site), upgradeItem(site), calendarItem(site)]),
  ]);
  const found = new Map(items.map((item) => [locationOf(item), item]));
  const at = (key: ItemKey): Item | undefined => found.get(`${key.pk}\n${key.sk}`);

  const nodes = new Map<NodeKey, StoredNode>();
  const newer = new Set<NodeKey>();
  const orders = new Map<NodeKey, Order>();
  for (const key of keys) {
    const node = at(nodeItem(key));
    const read = node && readStoredNode(node);
    if (read === "newer") newer.add(key);
    else if (read !== undefined) nodes.set(key, read);
    const order = at(orderItem(key));
    if (order !== undefined) orders.set(key, readOrder(order));
  }
  const groups = new Map<string, GroupState>();
  for (const [name, { site, group }] of groupsWanted)
    groups.set(
      name,
      readGroupState(at(groupStateItem(site, group)), at(rolloutItem(site, group)), at(upgradeItem(site))),
    );
  const stops = new Map(
    sites.flatMap((site) => {
      const item = at(stopItem(site));
      return item === undefined ? [] : [[site, readStop(item)] as const];
    }),
  );
  const calendars = new Map<SiteName, StoredCalendar>();
  for (const site of sites) {
    const item = at(calendarItem(site));
    if (item !== undefined) calendars.set(site, readCalendar(item));
  }
  return { nodes, newer, orders, groups, stops, calendars };
}

const locationOf = ({ pk, sk }: Item): string => `${pk?.S}\n${sk?.S}`;
