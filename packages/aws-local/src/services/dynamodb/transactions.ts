/**
 * TransactWriteItems and TransactGetItems: up to 100 items, all or nothing. Everything here happens in one turn, so no
 * two transactions ever conflict; a transaction fails by its conditions only.
 */
import { createHash } from "node:crypto";
import type * as sdk from "@aws-sdk/client-dynamodb";
import {
  type CancellationReason,
  ConditionalCheckFailedException,
  IdempotentParameterMismatchException,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import type { Operations } from "../../service.ts";
import { consumedCapacity, readUnits, sumOfUnits, type Units } from "./capacity.ts";
import { validationException } from "./errors.ts";
import { placeholdersOf } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { keyId, requestedKey } from "./keys.ts";
import { refuseLegacyParameters } from "./legacy.ts";
import type { Table } from "./table.ts";
import type { Tables } from "./tables.ts";
import type { WireItem } from "./values.ts";
import { bytesAsText } from "./values.ts";
import {
  type Change,
  type Conditional,
  checkIntention,
  commit,
  decide,
  deleteIntention,
  type Intention,
  putIntention,
  unitsOf,
  updateIntention,
} from "./writes.ts";

/** limits-and-prices 1.3. */
const MOST_ITEMS = 100;
const LARGEST_TRANSACTION = 4 * 1024 * 1024;
/** How long a ClientRequestToken answers a repeat with the first result (API reference, TransactWriteItems). */
const TOKEN_VALID_FOR = 10 * 60_000;
/** Transactions read and write twice: to prepare and to commit. */
const TRANSACTION_FACTOR = 2;

export function transactionOperations(tables: Tables, clock: Clock) {
  const tokens = rememberedTokens(clock);

  return {
    TransactWriteItems(input) {
      refuseLegacyParameters(input);
      assertCount(input.TransactItems.length);
      const { ClientRequestToken: token } = input;
      const repeated = token === undefined ? undefined : tokens.find(token, input.TransactItems);
      if (repeated !== undefined)
        return { ConsumedCapacity: capacitiesOf(input.ReturnConsumedCapacity, repeated, "ReadCapacityUnits") };

      const intentions = input.TransactItems.map((item) => intentionOf(tables, item));
      assertDistinct(intentions);
      const changes = decideAll(intentions);
      assertSize(changes);
      const costs = changes.map((change) => ({ table: change.table, units: unitsOf(change) }));
      for (const change of changes) commit(change);
      if (token !== undefined) tokens.remember(token, input.TransactItems, changes.map(costOfRepeat));
      return { ConsumedCapacity: capacitiesOf(input.ReturnConsumedCapacity, costs, "WriteCapacityUnits") };
    },

    TransactGetItems(input) {
      assertCount(input.TransactItems.length);
      const reads = input.TransactItems.map(({ Get }) => {
        const { ProjectionExpression, ExpressionAttributeNames } = Get;
        const placeholders = placeholdersOf({ ExpressionAttributeNames }, { ProjectionExpression });
        const paths =
          ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
        placeholders.assertAllUsed();
        const table = tables.active(Get.TableName);
        return { table, id: keyId(table.key, requestedKey(table.key, Get.Key)), paths };
      });
      assertDistinct(reads);
      const found = reads.map(({ table, id, paths }) => ({ table, paths, entry: table.find(id) }));
      const costs = found.map(({ table, entry }) => ({
        table,
        units: { table: readUnits(entry?.size ?? 0, "strong"), indexes: {} },
      }));
      return {
        Responses: found.map(({ entry, paths }) =>
          entry === undefined ? {} : { Item: paths === undefined ? { ...entry.item } : projected(entry.item, paths) },
        ),
        ConsumedCapacity: capacitiesOf(input.ReturnConsumedCapacity, costs, "ReadCapacityUnits"),
      };
    },
  } satisfies Operations<typeof sdk>;
}

interface Cost {
  readonly table: Table;
  readonly units: Units;
}

interface TransactItem {
  readonly ConditionCheck?: (Conditional & { readonly TableName: string; readonly Key: WireItem }) | undefined;
  readonly Put?: (Conditional & { readonly TableName: string; readonly Item: WireItem }) | undefined;
  readonly Delete?: (Conditional & { readonly TableName: string; readonly Key: WireItem }) | undefined;
  readonly Update?:
    | (Conditional & { readonly TableName: string; readonly Key: WireItem; readonly UpdateExpression: string })
    | undefined;
}

function intentionOf(tables: Tables, item: TransactItem): Intention {
  const { ConditionCheck, Put, Delete, Update } = item;
  if ([ConditionCheck, Put, Delete, Update].filter((operation) => operation !== undefined).length !== 1)
    throw validationException("TransactItems can only contain one of Check, Put, Update or Delete");
  if (Put !== undefined) return putIntention(tables.active(Put.TableName), Put);
  if (Update !== undefined) return updateIntention(tables.active(Update.TableName), Update);
  if (Delete !== undefined) return deleteIntention(tables.active(Delete.TableName), Delete);
  if (ConditionCheck !== undefined) return checkIntention(tables.active(ConditionCheck.TableName), ConditionCheck);
  throw validationException("TransactItems can only contain one of Check, Put, Update or Delete");
}

/** Looks at every item before any is changed; the reasons stand in the order of the request. */
function decideAll(intentions: readonly Intention[]): Change[] {
  const changes: Change[] = [];
  const reasons = intentions.map((intention): CancellationReason => {
    try {
      changes.push(decide(intention));
      return { Code: "None" };
    } catch (error) {
      return reasonOf(error);
    }
  });
  if (reasons.every(({ Code }) => Code === "None")) return changes;
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`;
  throw new TransactionCanceledException({ message, Message: message, CancellationReasons: reasons, $metadata: {} });
}

function reasonOf(error: unknown): CancellationReason {
  if (error instanceof ConditionalCheckFailedException)
    return {
      Code: "ConditionalCheckFailed",
      Message: error.message,
      ...(error.Item === undefined ? {} : { Item: error.Item }),
    };
  if (error instanceof AwsError && error.code === "ValidationException")
    return { Code: "ValidationError", Message: error.message };
  throw error;
}

function assertCount(count: number): void {
  if (count > MOST_ITEMS)
    throw validationException(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${MOST_ITEMS}`,
    );
}

function assertDistinct(operations: readonly { readonly table: Table; readonly id: string }[]): void {
  const seen = new Map<Table, Set<string>>();
  for (const { table, id } of operations) {
    const ids = seen.get(table) ?? new Set();
    if (ids.has(id)) throw validationException("Transaction request cannot include multiple operations on one item");
    seen.set(table, ids.add(id));
  }
}

function assertSize(changes: readonly Change[]): void {
  const bytes = changes.reduce((sum, { after }) => sum + (after?.size ?? 0), 0);
  if (bytes > LARGEST_TRANSACTION)
    throw validationException("Collection size exceeded maximum size of 4 MB for the transaction");
}

function capacitiesOf(
  wanted: sdk.ReturnConsumedCapacity | undefined,
  costs: readonly Cost[],
  kind: "ReadCapacityUnits" | "WriteCapacityUnits",
): sdk.ConsumedCapacity[] | undefined {
  const byTable = [...Map.groupBy(costs, ({ table }) => table)];
  const consumed = byTable.flatMap(([table, ofTable]) => {
    const units = sumOfUnits(
      ofTable.map((cost) => cost.units),
      TRANSACTION_FACTOR,
    );
    return consumedCapacity(wanted, table.name, units, kind) ?? [];
  });
  return consumed.length === 0 ? undefined : consumed;
}

/** A repeat only reads what the first call wrote. */
const costOfRepeat = ({ table, after }: Change): Cost => ({
  table,
  units: { table: readUnits(after?.size ?? 0, "strong"), indexes: {} },
});

function rememberedTokens(clock: Clock) {
  const tokens = new Map<string, { digest: string; at: number; costs: readonly Cost[] }>();

  /** In order of time, so the first that is still valid ends it. */
  function forgetOld(): void {
    for (const [token, { at }] of tokens) {
      if (clock.now() - at < TOKEN_VALID_FOR) return;
      tokens.delete(token);
    }
  }

  return {
    find(token: string, items: unknown): readonly Cost[] | undefined {
      forgetOld();
      const found = tokens.get(token);
      if (found !== undefined && found.digest !== digestOf(items))
        throw new IdempotentParameterMismatchException({
          message: "The parameters of this request do not match those of an earlier one with the same client token",
          $metadata: {},
        });
      return found?.costs;
    },
    remember(token: string, items: unknown, costs: readonly Cost[]): void {
      tokens.set(token, { digest: digestOf(items), at: clock.now(), costs });
    },
  };
}

const digestOf = (items: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(items, (_, value: unknown) => (value instanceof Uint8Array ? bytesAsText(value) : value)))
    .digest("base64");
