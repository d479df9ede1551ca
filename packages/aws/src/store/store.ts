/** The table as the loop sees it. */
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Change, GroupState, Snapshot, Store, StoredNode } from "@warden/control";
import { type GroupName, type NodeKey, type Order, parseNodeKey, type SiteName } from "@warden/fleet";
import { asFault, calling } from "../classify.ts";
import { ledgerPuts, transactionOf } from "./commit.ts";
import {
  fromItem,
  type Item,
  readBatch,
  readBeat,
  readGroupState,
  readLedgerEntry,
  readOrder,
  readSite,
  readStop,
  readStoredNode,
  toItem,
} from "./items.ts";
import {
  batchItem,
  beatItem,
  groupPartition,
  groupStateItem,
  type ItemKey,
  ledgerPartition,
  ledgerSort,
  nodeItem,
  orderItem,
  outboxPartition,
  siteItem,
  stopItem,
  sweepItem,
} from "./keys.ts";
import { deleteItems, queryItems, readItems } from "./reads.ts";

/** Seconds. A batch id matters while its command can still be unanswered. */
const batchLifetime = 86_400;

export function dynamoStore(client: DynamoDBClient, table: string, now: () => number): Store {
  const put = (key: ItemKey, value: Readonly<Record<string, unknown>>) =>
    calling("dynamodb:PutItem", () =>
      client.send(new PutItemCommand({ TableName: table, Item: toItem({ ...key, ...value }) })),
    );
  const drop = (key: ItemKey) =>
    calling("dynamodb:DeleteItem", () =>
      client.send(new DeleteItemCommand({ TableName: table, Key: toItem({ ...key }) })),
    );
  const get = async (key: ItemKey): Promise<Item | undefined> => {
    const input = { TableName: table, Key: toItem({ ...key }), ConsistentRead: true };
    return (await calling("dynamodb:GetItem", () => client.send(new GetItemCommand(input)))).Item;
  };
  const partition = (pk: string, sortPrefix = "", options: { newestFirst?: boolean; most?: number } = {}) =>
    queryItems(
      client,
      {
        TableName: table,
        KeyConditionExpression: sortPrefix === "" ? "pk = :pk" : "pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues: toItem({ ":pk": pk, ...(sortPrefix !== "" && { ":sk": sortPrefix }) }),
        ScanIndexForward: options.newestFirst !== true,
        ...(options.most !== undefined && { Limit: options.most }),
      },
      options.most,
    );

  return {
    sites: async () => (await partition("sites")).map(readSite),
    putSite: async (site) => void (await put(siteItem(site.site), { site })),

    read: (keys) => snapshot(client, table, keys),
    commit: (change) => commit(client, table, change),
    async nodesOf(site, group) {
      const items = await partition(groupPartition(site, group), "node#");
      return items.map(readStoredNode).filter((node): node is StoredNode => node !== "newer");
    },

    groupState: async (site, group) => readGroupState(await get(groupStateItem(site, group))),
    async assign(site, group, assigned) {
      await update(groupStateItem(site, group), "SET assigned = :assigned", { ":assigned": assigned });
    },
    async returnSlot(site, group, instance) {
      await update(groupStateItem(site, group), "DELETE slots :me", { ":me": new Set([instance]) });
    },

    async batches(names) {
      const items = await readItems(client, table, names.map(batchItem));
      return new Map(items.map((item) => [String(fromItem(item)["batchId"]), readBatch(item)]));
    },
    async addBatch(batch, sent) {
      const expires = Math.floor(now() / 1000) + batchLifetime;
      const refused = Object.entries(sent.refused);
      const values = {
        ":batch": batch,
        ":expires": expires,
        ...(sent.commandIds.length > 0 && { ":ids": new Set(sent.commandIds) }),
      };
      const adds = sent.commandIds.length > 0 ? " ADD commandIds :ids" : "";
      const sets = refused.length > 0 ? ", refused = :refused" : "";
      await update(batchItem(batch), `SET batchId = :batch, expires = :expires${sets}${adds}`, {
        ...values,
        ...(refused.length > 0 && { ":refused": sent.refused }),
      });
    },
    async closeEpisode(key, episode) {
      try {
        await calling("dynamodb:UpdateItem", () =>
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: toItem({ ...nodeItem(key) }),
              UpdateExpression: "SET #record.episode.#result.closed = :yes, version = version + :one",
              ConditionExpression: "#record.episode.ordinal = :ordinal AND attribute_exists(#record.episode.#result)",
              ExpressionAttributeNames: { "#record": "record", "#result": "result" },
              ExpressionAttributeValues: toItem({ ":yes": true, ":one": 1, ":ordinal": episode.ordinal }),
            }),
          ),
        );
      } catch (error) {
        // The record has moved on: then there is nothing to close.
        if (!isConditionFailure(error)) throw error;
      }
    },

    beats: async () => (await partition("beats")).map(readBeat),
    putBeat: async (beat) => void (await put(beatItem(beat.key), { ...beat })),
    dropBeat: async (key) => void (await drop(beatItem(key))),

    async ledger(key, most) {
      return (await partition(ledgerPartition(key), "", { newestFirst: true, most })).map(readLedgerEntry);
    },
    unpublished: async (most) => (await partition(outboxPartition, "", { most })).map(readLedgerEntry),
    async published(entries) {
      await deleteItems(
        client,
        table,
        entries.map((entry) => ({ pk: outboxPartition, sk: ledgerSort(entry) })),
      );
    },
    async note(entry) {
      for (const row of ledgerPuts(table, entry)) {
        await calling("dynamodb:PutItem", () => client.send(new PutItemCommand(row)));
      }
    },

    putOrder: async (key, order: Order) =>
      void (await put(orderItem(key), { ...order, expires: Math.ceil(order.expiresAt / 1000) })),
    dropOrder: async (key) => void (await drop(orderItem(key))),
    async stopped(site) {
      const item = await get(stopItem(site));
      return item && readStop(item);
    },
    async putStop(site, stop) {
      if (stop === undefined) await drop(stopItem(site));
      else await put(stopItem(site), { ...stop });
    },

    async lastSweep() {
      const item = await get(sweepItem);
      return item === undefined ? undefined : Number(fromItem(item)["at"]);
    },
    putSweep: async (at) => void (await put(sweepItem, { at })),
  };

  async function update(key: ItemKey, expression: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    await calling("dynamodb:UpdateItem", () =>
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: toItem({ ...key }),
          UpdateExpression: expression,
          ExpressionAttributeValues: toItem(values),
        }),
      ),
    );
  }
}

const isConditionFailure = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ConditionalCheckFailedException";

async function commit(client: DynamoDBClient, table: string, change: Change): Promise<"done" | "lost"> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: transactionOf(table, change) }));
    return "done";
  } catch (error) {
    if (error instanceof TransactionCanceledException && lostRace(error)) return "lost";
    throw asFault("dynamodb:TransactWriteItems", error);
  }
}

/** The version moved on, the slots are taken, or another transaction is at it right now: in each case, look again. */
function lostRace(cancelled: TransactionCanceledException): boolean {
  const codes = cancelled.CancellationReasons?.map((reason) => reason.Code) ?? [];
  return codes.includes("ConditionalCheckFailed") || codes.includes("TransactionConflict");
}

/** Everything a pass reads of the table, in one call for up to a hundred items. */
async function snapshot(client: DynamoDBClient, table: string, keys: readonly NodeKey[]): Promise<Snapshot> {
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
    ...[...groupsWanted.values()].map(({ site, group }) => groupStateItem(site, group)),
    ...sites.map(stopItem),
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
  for (const [name, { site, group }] of groupsWanted) groups.set(name, readGroupState(at(groupStateItem(site, group))));
  const stops = new Map(
    sites.flatMap((site) => {
      const item = at(stopItem(site));
      return item === undefined ? [] : [[site, readStop(item)] as const];
    }),
  );
  return { nodes, newer, orders, groups, stops };
}

function locationOf(item: Item): string {
  const { pk, sk } = fromItem(item);
  return `${String(pk)}\n${String(sk)}`;
}
