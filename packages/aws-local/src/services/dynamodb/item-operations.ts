/** GetItem, PutItem, UpdateItem and DeleteItem. */
import type * as sdk from "@aws-sdk/client-dynamodb";
import type { Operations } from "../../service.ts";
import { consumedCapacity, readUnits } from "./capacity.ts";
import { validationException } from "./errors.ts";
import { placeholdersOf } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import { touchedPaths } from "./expressions/update.ts";
import { keyId, requestedKey } from "./keys.ts";
import { refuseLegacyParameters } from "./legacy.ts";
import type { Table } from "./table.ts";
import type { Tables } from "./tables.ts";
import type { Item } from "./values.ts";
import { commit, decide, deleteIntention, type Intention, putIntention, updateIntention } from "./writes.ts";

/** What PutItem and DeleteItem are both asked. */
interface WholeWrite {
  readonly TableName: string;
  readonly ReturnValues?: string | undefined;
  readonly ReturnConsumedCapacity?: sdk.ReturnConsumedCapacity | undefined;
}

export function itemOperations(tables: Tables) {
  /** Puts an item in the other's place, or nothing. */
  function writeWhole<Input extends WholeWrite>(input: Input, intentionOf: (table: Table, input: Input) => Intention) {
    refuseLegacyParameters(input);
    allowReturnValues(input.ReturnValues, ["NONE", "ALL_OLD"]);
    const table = tables.active(input.TableName);
    const change = decide(intentionOf(table, input));
    const units = commit(change);
    return {
      Attributes: input.ReturnValues === "ALL_OLD" ? attributes(change.before?.item) : undefined,
      ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table.name, units),
    };
  }

  return {
    GetItem(input) {
      refuseLegacyParameters(input);
      const { ProjectionExpression } = input;
      const placeholders = placeholdersOf(input, { ProjectionExpression });
      const paths =
        ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression, placeholders);
      placeholders.assertAllUsed();

      const table = tables.active(input.TableName);
      const entry = table.find(keyId(table.key, requestedKey(table.key, input.Key)));
      const units = readUnits(entry?.size ?? 0, input.ConsistentRead === true ? "strong" : "eventual");
      return {
        Item: entry === undefined ? undefined : paths === undefined ? { ...entry.item } : projected(entry.item, paths),
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table.name, { table: units, indexes: {} }),
      };
    },

    PutItem: (input) => writeWhole(input, putIntention),

    DeleteItem: (input) => writeWhole(input, deleteIntention),

    UpdateItem(input) {
      refuseLegacyParameters(input);
      const table = tables.active(input.TableName);
      const intention = updateIntention(table, input);
      const change = decide(intention);
      const units = commit(change);
      const touched = (item: Item | undefined) => projected(item ?? {}, touchedPaths(intention.update));
      const answers = {
        NONE: () => undefined,
        ALL_OLD: () => attributes(change.before?.item),
        ALL_NEW: () => attributes(change.after?.item),
        UPDATED_OLD: () => nonEmpty(touched(change.before?.item)),
        UPDATED_NEW: () => nonEmpty(touched(change.after?.item)),
      };
      return {
        Attributes: answers[input.ReturnValues ?? "NONE"](),
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table.name, units),
      };
    },
  } satisfies Operations<typeof sdk>;
}

const attributes = (item: Item | undefined) => (item === undefined ? undefined : { ...item });

const nonEmpty = (item: Item) => (Object.keys(item).length === 0 ? undefined : { ...item });

function allowReturnValues(given: string | undefined, allowed: readonly string[]): void {
  if (given !== undefined && !allowed.includes(given))
    throw validationException("ReturnValues can only be ALL_OLD or NONE");
}
