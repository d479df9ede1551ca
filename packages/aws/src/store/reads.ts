/** Reads of many items at once, whole: pages are followed, and what DynamoDB leaves unprocessed is asked for again. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  paginateQuery,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { Fault } from "@warden/control";
import { calling } from "../classify.ts";
import { pagesOf } from "../pages.ts";
import { type Item, toItem } from "./items.ts";
import type { ItemKey } from "./keys.ts";

/** Strongly consistent. Items that do not exist are left out. */
export async function readItems(client: DynamoDBClient, table: string, keys: readonly ItemKey[]): Promise<Item[]> {
  const items: Item[] = [];
  for (const part of pagesOf(keys, 100)) {
    let Keys: Item[] = part.map((key) => toItem({ ...key }));
    for (let round = 0; Keys.length > 0; round++) {
      if (round === mostRounds) throw leftOver("dynamodb:BatchGetItem", Keys.length);
      const answer = await calling("dynamodb:BatchGetItem", () =>
        client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } })),
      );
      items.push(...(answer.Responses?.[table] ?? []));
      Keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return items;
}

export async function deleteItems(client: DynamoDBClient, table: string, keys: readonly ItemKey[]): Promise<void> {
  for (const part of pagesOf(keys, 25)) {
    let requests = part.map((key) => ({ DeleteRequest: { Key: toItem({ ...key }) } }));
    for (let round = 0; requests.length > 0; round++) {
      if (round === mostRounds) throw leftOver("dynamodb:BatchWriteItem", requests.length);
      const answer = await calling("dynamodb:BatchWriteItem", () =>
        client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } })),
      );
      requests = (answer.UnprocessedItems?.[table] ?? []).flatMap(({ DeleteRequest }) =>
        DeleteRequest?.Key === undefined ? [] : [{ DeleteRequest: { Key: DeleteRequest.Key } }],
      );
    }
  }
}

export async function queryItems(
  client: DynamoDBClient,
  input: QueryCommandInput,
  most = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  return calling("dynamodb:Query", async () => {
    const items: Item[] = [];
    for await (const page of paginateQuery({ client }, input)) {
      items.push(...(page.Items ?? []));
      if (items.length >= most) break;
    }
    return items.slice(0, most);
  });
}

const mostRounds = 5;

const leftOver = (action: string, count: number): Fault =>
  new Fault("retry", action, "Unprocessed", `${count} items were left unprocessed ${mostRounds} times`, undefined);
