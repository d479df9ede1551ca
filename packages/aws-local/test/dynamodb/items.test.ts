import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ResourceNotFoundException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { regionWithRecords } from "./region.ts";

const TableName = "records";
const Key = { site: { S: "a" }, at: { N: "1" } };

describe("PutItem and GetItem", () => {
  it("gives back what was put, numbers in their canonical spelling", async () => {
    const { client } = await regionWithRecords();
    await client.send(new PutItemCommand({ TableName, Item: { ...Key, at: { N: "1.0" }, big: { N: "1E3" } } }));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    expect(Item).toEqual({ site: { S: "a" }, at: { N: "1" }, big: { N: "1000" } });
  });

  it("keeps 38 digits and refuses 39 (Developer Guide, Number)", async () => {
    const { client } = await regionWithRecords();
    const digits = "12345678901234567890123456789012345678";
    await client.send(new PutItemCommand({ TableName, Item: { ...Key, n: { N: digits } } }));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    expect(Item?.["n"]).toEqual({ N: digits });
    const put = new PutItemCommand({ TableName, Item: { ...Key, n: { N: `${digits}9` } } });
    await expect(client.send(put)).rejects.toThrow("Attempting to store more than 38 significant digits in a Number");
  });

  it("refuses an item of more than 400 KB (limits-and-prices 1.3)", async () => {
    const { client } = await regionWithRecords();
    const item = (length: number) => ({ ...Key, text: { S: "x".repeat(length) } });
    await client.send(new PutItemCommand({ TableName, Item: item(409_000) }));
    await expect(client.send(new PutItemCommand({ TableName, Item: item(410_000) }))).rejects.toThrow(
      "Item size has exceeded the maximum allowed size",
    );
  });

  it("refuses an empty key value, a key of the wrong type and a missing key", async () => {
    const { client } = await regionWithRecords();
    const put = (Item: PutItemCommand["input"]["Item"]) => client.send(new PutItemCommand({ TableName, Item }));
    await expect(put({ ...Key, site: { S: "" } })).rejects.toThrow(
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: site",
    );
    await expect(put({ ...Key, at: { S: "1" } })).rejects.toThrow("Type mismatch for key at expected: N actual: S");
    await expect(put({ site: { S: "a" } })).rejects.toThrow("Missing the key at in the item");
    await expect(client.send(new GetItemCommand({ TableName, Key: { site: { S: "a" } } }))).rejects.toThrow(
      "The provided key element does not match the schema",
    );
  });

  it("refuses an index key of the wrong type", async () => {
    const { client } = await regionWithRecords();
    const put = new PutItemCommand({ TableName, Item: { ...Key, lane: { N: "1" } } });
    await expect(client.send(put)).rejects.toThrow(
      "Type mismatch for Index Key lane Expected: S Actual: N IndexName: due",
    );
  });

  it("refuses sets that are empty or hold a member twice", async () => {
    const { client } = await regionWithRecords();
    const put = (NS: string[]) => client.send(new PutItemCommand({ TableName, Item: { ...Key, set: { NS } } }));
    await expect(put([])).rejects.toThrow("may not be empty");
    await expect(put(["1", "1.0"])).rejects.toThrow("contains duplicates");
  });

  it("answers a table that does not exist with ResourceNotFoundException", async () => {
    const { client } = await regionWithRecords();
    await expect(client.send(new GetItemCommand({ TableName: "other", Key }))).rejects.toThrow(
      ResourceNotFoundException,
    );
  });

  it("refuses the parameters from before expressions as not implemented", async () => {
    const { client } = await regionWithRecords();
    const get = new GetItemCommand({ TableName, Key, AttributesToGet: ["site"] });
    await expect(client.send(get)).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("conditions", () => {
  it("puts only where the condition holds, and tells the item that stands there when asked", async () => {
    const { client } = await regionWithRecords();
    const put = (version: string) =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: { ...Key, version: { N: version } },
          ConditionExpression: "attribute_not_exists(site)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
    await put("1");
    const failure = await put("2").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConditionalCheckFailedException);
    expect(failure).toMatchObject({
      message: "The conditional request failed",
      Item: { ...Key, version: { N: "1" } },
    });
  });

  it("deletes once", async () => {
    const { client } = await regionWithRecords();
    await client.send(new PutItemCommand({ TableName, Item: Key }));
    const remove = () =>
      client.send(
        new DeleteItemCommand({
          TableName,
          Key,
          ConditionExpression: "attribute_exists(site)",
          ReturnValues: "ALL_OLD",
        }),
      );
    expect((await remove()).Attributes).toEqual(Key);
    await expect(remove()).rejects.toThrow(ConditionalCheckFailedException);
  });
});

describe("UpdateItem", () => {
  it("makes the item where there is none, and returns what each ReturnValues promises", async () => {
    const { client } = await regionWithRecords();
    const update = (ReturnValues: "UPDATED_NEW" | "UPDATED_OLD" | "ALL_OLD" | "ALL_NEW") =>
      client
        .send(
          new UpdateItemCommand({
            TableName,
            Key,
            UpdateExpression: "SET phase = :phase ADD attempts :one",
            ExpressionAttributeValues: { ":phase": { S: "joining" }, ":one": { N: "1" } },
            ReturnValues,
          }),
        )
        .then(({ Attributes }) => Attributes);
    expect(await update("UPDATED_NEW")).toEqual({ phase: { S: "joining" }, attempts: { N: "1" } });
    expect(await update("UPDATED_OLD")).toEqual({ phase: { S: "joining" }, attempts: { N: "1" } });
    expect(await update("ALL_OLD")).toEqual({ ...Key, phase: { S: "joining" }, attempts: { N: "2" } });
    expect(await update("ALL_NEW")).toEqual({ ...Key, phase: { S: "joining" }, attempts: { N: "4" } });
  });

  it("does not change key attributes", async () => {
    const { client } = await regionWithRecords();
    const update = new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: "SET site = :b",
      ExpressionAttributeValues: { ":b": { S: "b" } },
    });
    await expect(client.send(update)).rejects.toThrow(
      "Cannot update attribute site. This attribute is part of the key",
    );
  });
});

describe("consumed capacity", () => {
  it("counts writes by the KB, reads by 4 KB and half where they are eventually consistent (limits-and-prices 1.3)", async () => {
    const { client } = await regionWithRecords();
    const { ConsumedCapacity: written } = await client.send(
      new PutItemCommand({
        TableName,
        Item: { ...Key, text: { S: "x".repeat(5000) } },
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    expect(written).toEqual({ TableName, CapacityUnits: 5 });
    const read = async (ConsistentRead: boolean) =>
      (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead, ReturnConsumedCapacity: "TOTAL" })))
        .ConsumedCapacity?.CapacityUnits;
    expect(await read(true)).toBe(2);
    expect(await read(false)).toBe(1);
  });

  it("counts a write to each index whose projection changes, two where its key does", async () => {
    const { client } = await regionWithRecords();
    const put = async (dueAt: string, note: string) =>
      (
        await client.send(
          new PutItemCommand({
            TableName,
            Item: { ...Key, lane: { S: "0" }, dueAt: { N: dueAt }, note: { S: note } },
            ReturnConsumedCapacity: "INDEXES",
          }),
        )
      ).ConsumedCapacity;
    const due = (units: number) => ({ GlobalSecondaryIndexes: { due: { CapacityUnits: units } } });
    expect(await put("1", "first")).toMatchObject({ CapacityUnits: 2, Table: { CapacityUnits: 1 }, ...due(1) });
    expect(await put("1", "second")).toEqual({ TableName, CapacityUnits: 1, Table: { CapacityUnits: 1 } });
    expect(await put("2", "third")).toMatchObject({ CapacityUnits: 3, ...due(2) });
  });
});
