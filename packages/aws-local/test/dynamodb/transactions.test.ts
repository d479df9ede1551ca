import {
  IdempotentParameterMismatchException,
  TransactionCanceledException,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { regionWithRecords } from "./region.ts";

const TableName = "records";
const key = (site: string) => ({ site: { S: site }, at: { N: "1" } });
const put = (site: string, note = "new"): TransactWriteItem => ({
  Put: { TableName, Item: { ...key(site), note: { S: note } } },
});

describe("TransactWriteItems", () => {
  it("changes all items or none, and gives a reason for each in the order of the request", async () => {
    const { client } = await regionWithRecords();
    await client.putItem({ TableName, Item: { ...key("b"), note: { S: "old" } } });
    const failure = await client
      .transactWriteItems({
        TransactItems: [
          put("a"),
          {
            Update: {
              TableName,
              Key: key("b"),
              UpdateExpression: "SET note = :new",
              ConditionExpression: "note = :new",
              ExpressionAttributeValues: { ":new": { S: "new" } },
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          },
        ],
      })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransactionCanceledException);
    expect(failure).toMatchObject({
      message:
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]",
      CancellationReasons: [
        { Code: "None" },
        {
          Code: "ConditionalCheckFailed",
          Message: "The conditional request failed",
          Item: { ...key("b"), note: { S: "old" } },
        },
      ],
    });
    expect((await client.getItem({ TableName, Key: key("a") })).Item).toBeUndefined();
  });

  it("takes puts, updates, deletes and condition checks together", async () => {
    const { client } = await regionWithRecords();
    for (const site of ["b", "c", "d"]) await client.putItem({ TableName, Item: key(site) });
    await client.transactWriteItems({
      TransactItems: [
        put("a"),
        {
          Update: {
            TableName,
            Key: key("b"),
            UpdateExpression: "ADD tries :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
          },
        },
        { Delete: { TableName, Key: key("c") } },
        { ConditionCheck: { TableName, Key: key("d"), ConditionExpression: "attribute_exists(site)" } },
      ],
    });
    const { Responses } = await client.transactGetItems({
      TransactItems: ["a", "b", "c", "d"].map((site) => ({ Get: { TableName, Key: key(site) } })),
    });
    expect(Responses?.map(({ Item }) => Item)).toEqual([
      { ...key("a"), note: { S: "new" } },
      { ...key("b"), tries: { N: "1" } },
      undefined,
      key("d"),
    ]);
  });

  it("refuses two operations on one item, and more than 100 (limits-and-prices 1.3)", async () => {
    const { client } = await regionWithRecords();
    const twice = client.transactWriteItems({ TransactItems: [put("a"), { Delete: { TableName, Key: key("a") } }] });
    await expect(twice).rejects.toThrow("Transaction request cannot include multiple operations on one item");
    const many = Array.from({ length: 101 }, (_, number) => put(`site-${number}`));
    await expect(client.transactWriteItems({ TransactItems: many })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });

  it("answers a repeat of its token for ten minutes without doing it again", async () => {
    const { client, clock } = await regionWithRecords();
    const add = (by: string) =>
      client.transactWriteItems({
        ClientRequestToken: "token",
        TransactItems: [
          {
            Update: {
              TableName,
              Key: key("a"),
              UpdateExpression: "ADD tries :by",
              ExpressionAttributeValues: { ":by": { N: by } },
            },
          },
        ],
      });
    const tries = async () => (await client.getItem({ TableName, Key: key("a") })).Item?.["tries"]?.N;
    await add("1");
    await add("1");
    expect(await tries()).toBe("1");
    await expect(add("2")).rejects.toThrow(IdempotentParameterMismatchException);
    await clock.advance(10 * 60_000);
    await add("1");
    expect(await tries()).toBe("2");
  });

  it("costs twice the units (limits-and-prices 1.3)", async () => {
    const { client } = await regionWithRecords();
    const written = await client.transactWriteItems({
      TransactItems: [put("a"), put("b", "x".repeat(2000))],
      ReturnConsumedCapacity: "TOTAL",
    });
    expect(written.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 6, WriteCapacityUnits: 6 }]);
    const read = await client.transactGetItems({
      TransactItems: [{ Get: { TableName, Key: key("a") } }],
      ReturnConsumedCapacity: "TOTAL",
    });
    expect(read.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
  });

  it("names an update that cannot be applied as ValidationError", async () => {
    const { client } = await regionWithRecords();
    const failure = client.transactWriteItems({
      TransactItems: [put("a"), { Update: { TableName, Key: key("b"), UpdateExpression: "SET note = absent" } }],
    });
    await expect(failure).rejects.toMatchObject({
      CancellationReasons: [{ Code: "None" }, { Code: "ValidationError" }],
    });
  });
});

describe("batches", () => {
  it("writes and reads many items, and refuses more than 25 writes, 100 reads or one key twice", async () => {
    const { client } = await regionWithRecords();
    const writes = (count: number) =>
      Array.from({ length: count }, (_, number) => ({ PutRequest: { Item: key(`site-${number}`) } }));
    const keys = (count: number) => Array.from({ length: count }, (_, number) => key(`site-${number}`));
    const { UnprocessedItems } = await client.batchWriteItem({ RequestItems: { records: writes(25) } });
    expect(UnprocessedItems).toEqual({});
    const { Responses } = await client.batchGetItem({ RequestItems: { records: { Keys: keys(30) } } });
    expect(Responses?.["records"]).toHaveLength(25);
    const refused = [
      client.batchWriteItem({ RequestItems: { records: writes(26) } }),
      client.batchGetItem({ RequestItems: { records: { Keys: keys(101) } } }),
      client.batchGetItem({ RequestItems: { records: { Keys: [key("a"), key("a")] } } }),
      client.batchWriteItem({ RequestItems: { records: [...writes(1), ...writes(1)] } }),
    ];
    for (const call of refused) await expect(call).rejects.toMatchObject({ name: "ValidationException" });
  });
});
