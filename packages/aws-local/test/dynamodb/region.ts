/** A Region with nothing in it but DynamoDB, reached by the real client over the in-process wire. */
import { type CreateTableCommandInput, DynamoDB } from "@aws-sdk/client-dynamodb";
import { virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type { Timings } from "../../src/region.ts";
import { createDynamoDb, type DynamoDbOptions } from "../../src/services/dynamodb/dynamodb.ts";
import { clientConfig, createRouter } from "../../src/wire/index.ts";

export const startAt = Date.parse("2026-11-01T00:00:00Z");

export function createRegion(options: DynamoDbOptions = {}) {
  const clock = virtualClock({ startAt });
  const random = seededRandom(1);
  const { service } = createDynamoDb({ clock, random, region: "eu-west-1", account: "123456789012", timings }, options);
  const onDefect = (error: unknown): void => {
    throw error;
  };
  const router = createRouter({ services: [service], region: "eu-west-1", clock, random, onDefect });
  return { clock, client: new DynamoDB(clientConfig(router)) };
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

const none = { low: 0, high: 0 };
const timings: Timings = {
  instanceStart: none,
  instanceStop: none,
  eventDelivery: none,
  commandDelivery: none,
  commandVisible: none,
  groupPass: 1000,
  staleReads: none,
};
