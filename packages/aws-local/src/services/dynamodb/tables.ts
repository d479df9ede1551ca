/** The tables of the account in this Region, with the settings that are not the items' business. */
import type {
  BillingMode,
  KeySchemaElement,
  ProvisionedThroughput,
  TableStatus,
  TimeToLiveStatus,
} from "@aws-sdk/client-dynamodb";
import { tableNotFound } from "./errors.ts";
import type { Table } from "./table.ts";

export interface TableRecord {
  readonly table: Table;
  readonly arn: string;
  readonly tableId: string;
  readonly createdAt: number;
  status: TableStatus;
  /** Attribute types of keys; grows when an index is added. */
  readonly attributeTypes: Map<string, "S" | "N" | "B">;
  readonly keySchema: KeySchemaElement[];
  billingMode: BillingMode;
  throughput: ProvisionedThroughput | undefined;
  readonly indexStatus: Map<string, "CREATING" | "ACTIVE" | "DELETING">;
  readonly indexKeySchemas: Map<string, KeySchemaElement[]>;
  readonly tags: Map<string, string>;
  deletionProtection: boolean;
  encryptionKey: string | undefined;
  encrypted: boolean;
  pointInTimeRecovery: { enabledAt: number; days: number } | undefined;
  timeToLive: { attribute: string; status: TimeToLiveStatus; changedAt: number } | undefined;
  /** ItemCount and TableSizeBytes as last counted: AWS counts about every six hours. */
  counted: { at: number; items: number; bytes: number };
}

export interface Tables {
  readonly records: Map<string, TableRecord>;
  /** For management: the table in any state. */
  record(nameOrArn: string): TableRecord;
  /** For data: a table that is being made or deleted is not there yet, or not there any more. */
  active(nameOrArn: string): Table;
}

export function createTables(): Tables {
  const records = new Map<string, TableRecord>();

  function record(nameOrArn: string): TableRecord {
    const name = tableName(nameOrArn);
    const found = records.get(name);
    if (found === undefined) throw tableNotFound(`Requested resource not found: Table: ${name} not found`);
    return found;
  }

  function active(nameOrArn: string): Table {
    const found = records.get(tableName(nameOrArn));
    if (found === undefined || found.status === "CREATING" || found.status === "DELETING") throw tableNotFound();
    return found.table;
  }

  return { records, record, active };
}

/** Every operation that takes a table's name takes its ARN too (since 2024). */
export const tableName = (nameOrArn: string): string => nameOrArn.replace(/^arn:[^/]*:table\//, "");
