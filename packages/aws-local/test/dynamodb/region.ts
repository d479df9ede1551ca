/** A Region with nothing in it but DynamoDB, reached by the real client over the in-process wire. */
import { type CreateTableCommandInput, DynamoDB } from "@aws-sdk/client-dynamodb";
import { createDynamoDb, type DynamoDbOptions } from "../../src/services/dynamodb/dynamodb.ts";
import { clientConfigTo, surroundingsAt } from "../lone-service.ts";

export const startAt = Date.parse("2026-11-01T00:00:00Z");

export function createRegion(options: DynamoDbOptions = {}) {
  const surroundings = surroundingsAt(startAt);
  const { service } = createDynamoDb(surroundings, options);
  return { clock: surroundings.clock, client: new DynamoDB(clientConfigTo(service, surroundings)) };
}

/** `records`: keys `site` and `at`, and the index `due` over `lane` and `dueAt`, which most items are not in. */
export const recordsTable = {
  TableName: "records",
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "site", AttributeType: "S" },
    { AttributeName: "at", AttributeType: "N" },
    { AttributeName: "lane", AttributeType: "S" },
    { AttributeName: "dueAt", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "site", KeyType: "HASH" },
    { AttributeName: "at", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "due",
      KeySchema: [
        { AttributeName: "lane", KeyType: "HASH" },
        { AttributeName: "dueAt", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
} satisfies CreateTableCommandInput;

export async function regionWithRecords(options: DynamoDbOptions = {}) {
  const region = createRegion(options);
  await region.client.createTable(recordsTable);
  return region;
}
