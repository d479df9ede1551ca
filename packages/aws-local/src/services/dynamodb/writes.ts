/**
 * One write of one item, in three steps that PutItem, UpdateItem, DeleteItem, batches and transactions share:
 * a request becomes an intention, an intention meets the stored item and becomes a change, and a change is made.
 */

import { type Units, writeUnits } from "./capacity.ts";
import { conditionFailed, invalidParameter, validationException } from "./errors.ts";
import { holds } from "./expressions/evaluate.ts";
import { parseCondition } from "./expressions/parse.ts";
import { parseUpdate } from "./expressions/parse-update.ts";
import { type ExpressionAttributes, placeholdersOf } from "./expressions/placeholders.ts";
import type { Condition, Update } from "./expressions/syntax.ts";
import { touchedPaths, updated } from "./expressions/update.ts";
import { assertIndexKeys, keyId, keyNames, keyOfItem, requestedKey } from "./keys.ts";
import type { Entry } from "./ordered-items.ts";
import { itemSize, LARGEST_ITEM } from "./sizes.ts";
import { entryFor, type Table } from "./table.ts";
import { canonicalItem, type Item, type WireItem } from "./values.ts";

export interface Intention {
  readonly table: Table;
  readonly id: string;
  readonly condition: Condition | undefined;
  /** A failed condition tells the item as it is. */
  readonly tellsItem: boolean;
  /** The item as it shall be; undefined when it shall be gone. */
  outcome(before: Item | undefined): Item | undefined;
}

export interface Change {
  readonly table: Table;
  readonly id: string;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

export interface Conditional extends ExpressionAttributes {
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

export function putIntention(table: Table, request: Conditional & { readonly Item: WireItem }): Intention {
  const condition = conditionOf(request);
  const item = canonicalItem(request.Item);
  const id = keyId(table.key, keyOfItem(table.key, item));
  for (const index of table.indexes.values()) assertIndexKeys(index, item, "put");
  if (itemSize(item) > LARGEST_ITEM) throw validationException("Item size has exceeded the maximum allowed size");
  return { table, id, ...condition, outcome: () => item };
}

export function deleteIntention(table: Table, request: Conditional & { readonly Key: WireItem }): Intention {
  const condition = conditionOf(request);
  const id = keyId(table.key, requestedKey(table.key, request.Key));
  return { table, id, ...condition, outcome: () => undefined };
}

/** ConditionCheck of a transaction: nothing changes. */
export function checkIntention(table: Table, request: Conditional & { readonly Key: WireItem }): Intention {
  const condition = conditionOf(request);
  const id = keyId(table.key, requestedKey(table.key, request.Key));
  return { table, id, ...condition, outcome: (before) => before };
}

export function updateIntention(
  table: Table,
  request: Conditional & { readonly Key: WireItem; readonly UpdateExpression?: string | undefined },
): Intention & { readonly update: Update } {
  const { UpdateExpression, ConditionExpression } = request;
  const placeholders = placeholdersOf(request, { UpdateExpression, ConditionExpression });
  const update = UpdateExpression === undefined ? noUpdate : parseUpdate(UpdateExpression, placeholders);
  const condition =
    ConditionExpression === undefined
      ? undefined
      : parseCondition(ConditionExpression, "ConditionExpression", placeholders);
  placeholders.assertAllUsed();

  const key = requestedKey(table.key, request.Key);
  assertNoKeyIsUpdated(table, update);
  return {
    table,
    id: keyId(table.key, key),
    condition,
    tellsItem: request.ReturnValuesOnConditionCheckFailure === "ALL_OLD",
    update,
    outcome(before) {
      const after = updated(before ?? key, update);
      for (const index of table.indexes.values()) assertIndexKeys(index, after, "update");
      if (itemSize(after) > LARGEST_ITEM)
        throw validationException("Item size to update has exceeded the maximum allowed size");
      return after;
    },
  };
}

/** Throws ConditionalCheckFailedException where the condition does not hold. */
export function decide(intention: Intention): Change {
  const { table, id, condition } = intention;
  const before = table.find(id);
  if (condition !== undefined && !holds(condition, before?.item ?? {}))
    throw conditionFailed(intention.tellsItem ? before?.item : undefined);
  const item = intention.outcome(before?.item);
  const after = item === undefined ? undefined : item === before?.item ? before : entryFor(table, item);
  return { table, id, before, after };
}

/** Makes the change, and tells what it cost. */
export function commit(change: Change): Units {
  const { table, id, before, after } = change;
  const units = unitsOf(change);
  if (before !== after) table.replace(id, after?.item);
  return units;
}

export function unitsOf({ table, before, after }: Change): Units {
  const indexes: Record<string, number> = {};
  for (const index of table.indexes.values()) indexes[index.name] = index.unitsFor(before, after);
  return { table: writeUnits(before?.size ?? 0, after?.size ?? 0), indexes };
}

const noUpdate: Update = { set: [], remove: [], add: [], delete: [] };

function conditionOf(request: Conditional): Pick<Intention, "condition" | "tellsItem"> {
  const { ConditionExpression } = request;
  const placeholders = placeholdersOf(request, { ConditionExpression });
  const condition =
    ConditionExpression === undefined
      ? undefined
      : parseCondition(ConditionExpression, "ConditionExpression", placeholders);
  placeholders.assertAllUsed();
  return { condition, tellsItem: request.ReturnValuesOnConditionCheckFailure === "ALL_OLD" };
}

function assertNoKeyIsUpdated(table: Table, update: Update): void {
  const touched = touchedPaths(update).map(([name]) => name);
  const key = keyNames(table.key).find((name) => touched.includes(name));
  if (key !== undefined) throw invalidParameter(`Cannot update attribute ${key}. This attribute is part of the key`);
}
