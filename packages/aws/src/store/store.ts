/** The table as the loop sees it. */
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Beat, Store, StoredNode } from "@warden/control";
import { type Order, siteName } from "@warden/fleet";
import { asFault, calling } from "../classify.ts";
import {
  calendarTransactionOf,
  incidentsTransactionOf,
  ledgerPuts,
  rolloutTransactionOf,
  transactionOf,
  upgradeTransactionOf,
} from "./commit.ts";
import {
  fromItem,
  type Item,
  readBatch,
  readBeat,
  readCalendar,
  readGroupState,
  readIncidents,
  readLedgerEntry,
  readSite,
  readStop,
  readStoredNode,
  readUpgrade,
  refusalsOf,
  toItem,
} from "./items.ts";
import {
  batchItem,
  beatItem,
  calendarItem,
  groupPartition,
  groupStateItem,
  type ItemKey,
  incidentsItem,
  ledgerPartition,
  ledgerSort,
  nodeItem,
  orderItem,
  outboxPartition,
  rolloutItem,
  siteItem,
  stopItem,
  sweepItem,
  upgradeItem,
} from "./keys.ts";
import { deleteItems, queryItems, readItems } from "./reads.ts";
import { snapshot } from "./snapshot.ts";

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
    commit: (change) => transact(client, transactionOf(table, change)),
    commitRollout: (change) => transact(client, rolloutTransactionOf(table, change)),
    async upgrade(site) {
      const item = await get(upgradeItem(site));
      return item && readUpgrade(item);
    },
    commitUpgrade: (change) => transact(client, upgradeTransactionOf(table, change)),
    async noteInstalled({ site, group }) {
      await update(groupStateItem(site, group), "SET installed = :yes", { ":yes": true });
    },
    async nodesOf(site, group) {
      const items = await partition(groupPartition(site, group), "node#");
      return items.map(readStoredNode).filter((node): node is StoredNode => node !== "newer");
    },

    async groupState(site, group) {
      const keys = [groupStateItem(site, group), rolloutItem(site, group), upgradeItem(site)] as const;
      const items = await readItems(client, table, keys);
      const [state, rollout, upgrade] = keys.map((key) => items.find((item) => item["sk"]?.S === key.sk));
      return readGroupState(state, rollout, upgrade);
    },
    async assign(site, group, assigned) {
      await update(groupStateItem(site, group), "SET assigned = :assigned", { ":assigned": assigned });
    },
    async returnSlot(site, group, instance) {
      await update(groupStateItem(site, group), "DELETE slots :me", { ":me": new Set([instance]) });
    },

    noteChange: (of, kind, change, than) =>
      conditionally("dynamodb:UpdateItem", () =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: toItem({ ...groupStateItem(of.site, of.group) }),
            UpdateExpression: "SET #kind = :change",
            ConditionExpression: "attribute_not_exists(#kind) OR #kind.#at < :than",
            ExpressionAttributeNames: { "#kind": kind, "#at": "at" },
            ExpressionAttributeValues: toItem({ ":change": change, ":than": than }),
          }),
        ),
      ),

    incidents: async (site) => readIncidents(await get(incidentsItem(site))),
    commitIncidents: (change) => transact(client, incidentsTransactionOf(table, change)),

    calendar: async (site) => readCalendar(await get(calendarItem(site))),
    async calendars() {
      const items = await partition("calendars");
      return new Map(items.map((item) => [siteName(String(fromItem(item)["site"])), readCalendar(item)]));
    },
    commitCalendar: (change) => transact(client, calendarTransactionOf(table, change)),

    async batches(names) {
      const items = await readItems(client, table, names.map(batchItem));
      return new Map(items.map((item) => [String(fromItem(item)["batchId"]), readBatch(item)]));
    },
    async addBatch(batch, sent) {
      const expires = Math.floor(now() / 1000) + batchLifetime;
      const refusals = refusalsOf(sent.refused);
      const adds = [
        ...(sent.commandIds.length > 0 ? ["commandIds :ids"] : []),
        ...(refusals.length > 0 ? ["refusals :refusals"] : []),
      ];
      const add = adds.length > 0 ? ` ADD ${adds.join(", ")}` : "";
      await update(batchItem(batch), `SET batchId = :batch, expires = :expires${add}`, {
        ":batch": batch,
        ":expires": expires,
        ...(sent.commandIds.length > 0 && { ":ids": new Set(sent.commandIds) }),
        ...(refusals.length > 0 && { ":refusals": new Set(refusals) }),
      });
    },
    async closeEpisode(key, episode) {
      await conditionally("dynamodb:UpdateItem", () =>
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
    },

    beats: async () => (await partition("beats")).map(readBeat),
    putBeat: async (beat) =>
      void (await conditionally("dynamodb:PutItem", () =>
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem({ ...beatItem(beat.key), ...beat }),
            ...samePassage(beat),
          }),
        ),
      )),
    dropBeat: async (beat) =>
      void (await conditionally("dynamodb:DeleteItem", () =>
        client.send(
          new DeleteItemCommand({ TableName: table, Key: toItem({ ...beatItem(beat.key) }), ...samePassage(beat) }),
        ),
      )),

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

/** The last beat of one passage must not be taken for the first of the next: their ends differ. */
const samePassage = ({ until, action: { token } }: Beat) => ({
  ConditionExpression: `#until = :until AND ${token === undefined ? "attribute_not_exists(#action.#token)" : "#action.#token = :token"}`,
  ExpressionAttributeNames: { "#until": "until", "#action": "action", "#token": "token" },
  ExpressionAttributeValues: toItem({ ":until": until, ":token": token }),
});

/** @returns false when its condition did not hold: what lies there has moved on */
async function conditionally(action: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await calling(action, call);
    return true;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    return false;
  }
}

const isConditionFailure = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ConditionalCheckFailedException";

async function transact(client: DynamoDBClient, TransactItems: TransactWriteItem[]): Promise<"done" | "lost"> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
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
