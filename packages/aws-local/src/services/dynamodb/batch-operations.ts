/** BatchGetItem and BatchWriteItem: many items a call, each on its own, none of them conditional. */
import type * as sdk from "@aws-sdk/client-dynamodb";
import type { Operations } from "../../service.ts";
import { consumedCapacity, readUnits, sumOfUnits, type Units } from "./capacity.ts";
import { validationException } from "./errors.ts";
import { placeholdersOf } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { keyId, requestedKey } from "./keys.ts";
import { refuseLegacyParameters } from "./legacy.ts";
import type { Table } from "./table.ts";
import type { Tables } from "./tables.ts";
import { type AttributeValue, canonicalItem, type Item, type WireItem } from "./values.ts";
import { commit, decide, deleteIntention, type Intention, putIntention } from "./writes.ts";

const MOST_READS = 100;
const MOST_WRITES = 25;
/** BatchGetItem answers at most 16 MB and hands the rest of the keys back. */
const LARGEST_ANSWER = 16 * 1024 * 1024;

export function batchOperations(tables: Tables) {
  return {
    BatchGetItem(input) {
      const requests = Object.entries(input.RequestItems);
      if (requests.reduce((sum, [, { Keys }]) => sum + Keys.length, 0) > MOST_READS)
        throw validationException("Too many items requested for the BatchGetItem call");

      const Responses: Record<string, Record<string, AttributeValue>[]> = {};
      const UnprocessedKeys: Record<string, sdk.KeysAndAttributes> = {};
      const ConsumedCapacity: sdk.ConsumedCapacity[] = [];
      let bytes = 0;
      for (const [name, request] of requests) {
        const { table, consistency, show, keys } = readsOf(tables, name, request);
        const items = [];
        const units: Units[] = [];
        for (const [index, id] of keys.entries()) {
          const entry = table.find(id);
          bytes += entry?.size ?? 0;
          if (bytes > LARGEST_ANSWER) {
            UnprocessedKeys[name] = { ...request, Keys: request.Keys.slice(index).map((key) => canonicalItem(key)) };
            break;
          }
          units.push({ table: readUnits(entry?.size ?? 0, consistency), indexes: {} });
          if (entry !== undefined) items.push(show(entry.item));
        }
        Responses[name] = items;
        const consumed = consumedCapacity(input.ReturnConsumedCapacity, table.name, sumOfUnits(units));
        if (consumed !== undefined) ConsumedCapacity.push(consumed);
      }
      return { Responses, UnprocessedKeys, ...(ConsumedCapacity.length === 0 ? {} : { ConsumedCapacity }) };
    },

    BatchWriteItem(input) {
      refuseLegacyParameters(input);
      const requests = Object.entries(input.RequestItems);
      if (requests.reduce((sum, [, writes]) => sum + writes.length, 0) > MOST_WRITES)
        throw validationException("Too many items requested for the BatchWriteItem call");

      const intentions = requests.map(([name, writes]) => {
        const table = tables.active(name);
        const ofTable = writes.map((write) => intentionOf(table, write));
        assertDistinct(ofTable.map(({ id }) => id));
        return { table, intentions: ofTable };
      });
      const consumed = intentions.map(({ table, intentions: ofTable }) => {
        const units = ofTable.map((intention) => commit(decide(intention)));
        return consumedCapacity(input.ReturnConsumedCapacity, table.name, sumOfUnits(units));
      });
      const ConsumedCapacity = consumed.filter((capacity) => capacity !== undefined);
      return { UnprocessedItems: {}, ...(ConsumedCapacity.length === 0 ? {} : { ConsumedCapacity }) };
    },
  } satisfies Operations<typeof sdk>;
}

interface ReadsOfTable {
  readonly Keys: readonly WireItem[];
  readonly ConsistentRead?: boolean | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
}

function readsOf(tables: Tables, name: string, request: ReadsOfTable) {
  refuseLegacyParameters(request);
  const table = tables.active(name);
  const { ProjectionExpression, ExpressionAttributeNames } = request;
  const placeholders = placeholdersOf({ ExpressionAttributeNames }, { ProjectionExpression });
  const paths = ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
  placeholders.assertAllUsed();
  const keys = request.Keys.map((key) => keyId(table.key, requestedKey(table.key, key)));
  assertDistinct(keys);
  return {
    table,
    keys,
    consistency: request.ConsistentRead === true ? ("strong" as const) : ("eventual" as const),
    show: (item: Item) => (paths === undefined ? { ...item } : projected(item, paths)),
  };
}

interface WriteOfBatch {
  readonly PutRequest?: { readonly Item: WireItem } | undefined;
  readonly DeleteRequest?: { readonly Key: WireItem } | undefined;
}

function intentionOf(table: Table, { PutRequest, DeleteRequest }: WriteOfBatch): Intention {
  if (PutRequest !== undefined && DeleteRequest === undefined) return putIntention(table, { Item: PutRequest.Item });
  if (DeleteRequest !== undefined && PutRequest === undefined)
    return deleteIntention(table, { Key: DeleteRequest.Key });
  throw validationException(
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
  );
}

function assertDistinct(ids: readonly string[]): void {
  if (new Set(ids).size < ids.length) throw validationException("Provided list of item keys contains duplicates");
}
