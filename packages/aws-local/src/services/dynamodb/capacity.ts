/** Capacity units, as on-demand tables are billed: 1 KB a write unit, 4 KB a strongly consistent read unit. */
import type { ConsumedCapacity, ReturnConsumedCapacity } from "@aws-sdk/client-dynamodb";

export interface Units {
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

export const readUnits = (bytes: number, consistency: "eventual" | "strong" | "transactional"): number =>
  Math.max(1, Math.ceil(bytes / 4096)) * { eventual: 0.5, strong: 1, transactional: 2 }[consistency];

/** The larger of the item before and after counts. */
export const writeUnits = (...sizes: readonly number[]): number => Math.max(1, Math.ceil(Math.max(0, ...sizes) / 1024));

export function sumOfUnits(units: readonly Units[], factor = 1): Units {
  const indexes: Record<string, number> = {};
  for (const unit of units) {
    for (const [name, count] of Object.entries(unit.indexes)) indexes[name] = (indexes[name] ?? 0) + count * factor;
  }
  return { table: units.reduce((sum, unit) => sum + unit.table * factor, 0), indexes };
}

/** `split`: transactions tell read from write units besides. */
export function consumedCapacity(
  wanted: ReturnConsumedCapacity | undefined,
  tableName: string,
  units: Units,
  split?: "ReadCapacityUnits" | "WriteCapacityUnits",
): ConsumedCapacity | undefined {
  if (wanted === undefined || wanted === "NONE") return undefined;
  const ofAll = Object.values(units.indexes).reduce((sum, count) => sum + count, units.table);
  const capacity = (count: number) => ({
    CapacityUnits: count,
    ...(split === undefined ? {} : { [split]: count }),
  });
  if (wanted === "TOTAL") return { TableName: tableName, ...capacity(ofAll) };
  const indexes = Object.entries(units.indexes).filter(([, count]) => count > 0);
  return {
    TableName: tableName,
    ...capacity(ofAll),
    Table: capacity(units.table),
    ...(indexes.length === 0
      ? {}
      : { GlobalSecondaryIndexes: Object.fromEntries(indexes.map(([name, count]) => [name, capacity(count)])) }),
  };
}
