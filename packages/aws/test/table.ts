/** Warden's table in the embedded DynamoDB, reached by the real client over the in-process wire. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { clientConfig, seededRandom, virtualClock } from "@warden/aws-local";
import { createDynamoDb } from "@warden/aws-local/services/dynamodb/dynamodb";
import { noDelays } from "@warden/aws-local/timings";
import { createRouter } from "@warden/aws-local/wire/index";
import type { Change, LedgerEntry } from "@warden/control";
import { type InstanceId, instanceId, type NodeKey, type NodeRecord, nodeKey } from "@warden/fleet";
import { name, noon, serving } from "../../fleet/test/builder.ts";
import { dynamoStore } from "../src/index.ts";

export const table = "warden";
export const i = (end: number): InstanceId => instanceId(`i-${String(end).padStart(17, "0")}`);
export const keyOf = (end: number): NodeKey => nodeKey({ ...name, instance: i(end) });

export async function storeInMemory() {
  const clock = virtualClock({ startAt: noon });
  const random = seededRandom(1);
  const surroundings = { clock, random, region: "eu-west-1", account: "123456789012", timings: noDelays };
  const { service } = createDynamoDb(surroundings);
  const onDefect = (error: unknown): void => {
    throw error;
  };
  const router = createRouter({ services: [service], region: "eu-west-1", clock, random, onDefect });
  const client = new DynamoDBClient(clientConfig(router));
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  const store = dynamoStore(client, table, clock.now);

  async function rows(pk: string): Promise<Record<string, unknown>[]> {
    const ExpressionAttributeValues = marshall({ ":pk": pk });
    const input = { TableName: table, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues };
    return ((await client.send(new QueryCommand(input))).Items ?? []).map((item) => unmarshall(item));
  }
  const put = (item: Record<string, unknown>) =>
    client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
  return { store, rows, put };
}

let ids = 0;
export function entry(key: NodeKey, at = noon): LedgerEntry {
  const id = `e${ids++}`;
  return {
    v: 1,
    key,
    at,
    id,
    kind: "decision",
    phase: "in-service",
    phaseBefore: "joining",
    why: "why",
    actions: [],
    evidence: {},
  };
}

export function change(end: number, more: Partial<Change> = {}, record: Partial<NodeRecord> = {}): Change {
  const key = keyOf(end);
  return {
    ...{ key, version: 0, dueAt: noon + 1000, ledger: entry(key), quiet: false, beat: undefined, slot: undefined },
    ...{ launchOutcome: undefined, keptEnds: false, health: undefined },
    record: { ...serving({}, record), instance: i(end) },
    ...more,
  };
}
