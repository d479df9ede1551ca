/** What DescribeTable shows. */
import type { ProvisionedThroughputDescription, TableDescription } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../clock.ts";
import type { TableRecord } from "./tables.ts";

/** "DynamoDB updates this value approximately every six hours" (API reference, TableDescription). */
const COUNT_PERIOD = 6 * 60 * 60_000;

export function described(record: TableRecord, clock: Clock): TableDescription {
  if (clock.now() - record.counted.at >= COUNT_PERIOD)
    record.counted = { at: clock.now(), items: record.table.count(), bytes: record.table.size() };
  const indexes = [...record.table.indexes.values()].map((index) => ({
    IndexName: index.name,
    KeySchema: record.indexKeySchemas.get(index.name),
    Projection: {
      ProjectionType: index.projection,
      ...(index.included.length === 0 ? {} : { NonKeyAttributes: [...index.included] }),
    },
    IndexStatus: record.indexStatus.get(index.name),
    IndexArn: `${record.arn}/index/${index.name}`,
    ProvisionedThroughput: throughputOf(record),
  }));
  return {
    TableName: record.table.name,
    TableArn: record.arn,
    TableId: record.tableId,
    TableStatus: record.status,
    CreationDateTime: new Date(record.createdAt),
    AttributeDefinitions: [...record.attributeTypes].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: record.keySchema,
    ProvisionedThroughput: throughputOf(record),
    ...(record.billingMode === "PAY_PER_REQUEST" ? { BillingModeSummary: { BillingMode: record.billingMode } } : {}),
    ItemCount: record.counted.items,
    TableSizeBytes: record.counted.bytes,
    DeletionProtectionEnabled: record.deletionProtection,
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
    ...(record.encrypted
      ? { SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: record.encryptionKey } }
      : {}),
  };
}

const throughputOf = ({ throughput }: TableRecord): ProvisionedThroughputDescription => ({
  NumberOfDecreasesToday: 0,
  ReadCapacityUnits: throughput?.ReadCapacityUnits ?? 0,
  WriteCapacityUnits: throughput?.WriteCapacityUnits ?? 0,
});
