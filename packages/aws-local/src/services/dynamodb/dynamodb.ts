/**
 * DynamoDB: tables of items with conditions, updates, queries, transactions and time to live. The expression language
 * is in `expressions/`; a write goes through `writes.ts` whichever operation it came by.
 */
import * as sdk from "@aws-sdk/client-dynamodb";
import type { Range, Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { batchOperations } from "./batch-operations.ts";
import { itemOperations } from "./item-operations.ts";
import { queryOperations } from "./query-operations.ts";
import { tableOperations } from "./table-operations.ts";
import { settingsOperations } from "./table-settings.ts";
import { createTables } from "./tables.ts";
import { sweepExpiredItems } from "./time-to-live.ts";
import { transactionOperations } from "./transactions.ts";

export interface DynamoDbOptions {
  /** CreateTable, DeleteTable and the building of an index, until they are done; at once by default. */
  readonly tableChange?: Range;
  /** A write until a global secondary index shows it; at once by default. */
  readonly indexPropagation?: Range;
}

const atOnce: Range = { low: 0, high: 0 };

export function createDynamoDb(
  surroundings: Surroundings,
  options: DynamoDbOptions = {},
): { service: EmbeddedService } {
  const tables = createTables();
  sweepExpiredItems(tables, surroundings.clock);
  const { tableChange = atOnce, indexPropagation = atOnce } = options;
  return {
    service: embeddedService(sdk, "dynamodb", {
      ...tableOperations(tables, surroundings, { tableChange, indexPropagation }),
      ...settingsOperations(tables, surroundings.clock),
      ...itemOperations(tables),
      ...batchOperations(tables),
      ...queryOperations(tables),
      ...transactionOperations(tables, surroundings.clock),
    }),
  };
}
