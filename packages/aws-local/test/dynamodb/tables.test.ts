import { ResourceInUseException, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { createRegion, recordsTable, regionWithRecords, startAt } from "./region.ts";

const TableName = "records";
const HOUR = 60 * 60_000;
const item = (at: number, expiresAt?: number) => ({
  site: { S: "a" },
  at: { N: String(at) },
  ...(expiresAt === undefined ? {} : { expiresAt: { N: String(Math.floor(expiresAt / 1000)) } }),
});

describe("tables", () => {
  it("are CREATING, then ACTIVE; data is there only then", async () => {
    const { client, clock } = createRegion({ tableChange: { low: 5000, high: 5000 } });
    const { TableDescription } = await client.createTable(recordsTable);
    expect(TableDescription).toMatchObject({
      TableStatus: "CREATING",
      TableArn: "arn:aws:dynamodb:eu-west-1:123456789012:table/records",
      BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    });
    await expect(client.putItem({ TableName, Item: item(1) })).rejects.toThrow(ResourceNotFoundException);
    await clock.advance(5000);
    await client.putItem({ TableName, Item: item(1) });
    expect((await client.describeTable({ TableName })).Table?.TableStatus).toBe("ACTIVE");
  });

  it("cannot be made twice, and are deleted unless protected", async () => {
    const { client } = await regionWithRecords();
    await expect(client.createTable(recordsTable)).rejects.toThrow(ResourceInUseException);
    await client.updateTable({ TableName, DeletionProtectionEnabled: true });
    await expect(client.deleteTable({ TableName })).rejects.toThrow("protected against deletion");
    await client.updateTable({ TableName, DeletionProtectionEnabled: false });
    await client.deleteTable({ TableName });
    expect((await client.listTables({})).TableNames).toEqual([]);
    await expect(client.describeTable({ TableName })).rejects.toThrow(
      "Requested resource not found: Table: records not found",
    );
  });

  it("count their items about every six hours only (API reference, TableDescription)", async () => {
    const { client, clock } = await regionWithRecords();
    await client.putItem({ TableName, Item: item(1) });
    const count = async () => (await client.describeTable({ TableName })).Table?.ItemCount;
    expect(await count()).toBe(0);
    await clock.advance(6 * HOUR);
    expect(await count()).toBe(1);
  });

  it("get an index later, filled with the items that were there", async () => {
    const { client, clock } = await regionWithRecords({ tableChange: { low: 1000, high: 1000 } });
    await clock.advance(1000);
    await client.putItem({ TableName, Item: { ...item(1), kind: { S: "node" } } });
    await client.putItem({ TableName, Item: { ...item(2), kind: { N: "7" } } });
    await client.updateTable({
      TableName,
      AttributeDefinitions: [{ AttributeName: "kind", AttributeType: "S" }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: "kinds",
            KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
            Projection: { ProjectionType: "ALL" },
          },
        },
      ],
    });
    await clock.advance(1000);
    const { Items } = await client.query({
      TableName,
      IndexName: "kinds",
      KeyConditionExpression: "kind = :kind",
      ExpressionAttributeValues: { ":kind": { S: "node" } },
    });
    expect(Items).toEqual([{ ...item(1), kind: { S: "node" } }]);
  });

  it("refuse a stream, which is not modelled, aloud", async () => {
    const { client } = createRegion();
    const StreamSpecification = { StreamEnabled: true, StreamViewType: "NEW_IMAGE" as const };
    await expect(client.createTable({ ...recordsTable, StreamSpecification })).rejects.toMatchObject({
      name: "NotImplemented",
    });
  });
});

describe("time to live", () => {
  const specification = { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: "expiresAt" } };

  it("leaves expired items readable until they are deleted, later (Developer Guide, TTL)", async () => {
    const { client, clock } = await regionWithRecords();
    await client.updateTimeToLive(specification);
    await clock.advance(2 * HOUR);
    await client.putItem({ TableName, Item: item(1, clock.now() + 60_000) });
    await client.putItem({ TableName, Item: item(2) });
    await clock.advance(5 * 60_000);
    expect((await client.scan({ TableName })).Count).toBe(2);
    await clock.advance(2 * HOUR);
    expect((await client.scan({ TableName })).Items).toEqual([item(2)]);
  });

  it("keeps what expired more than five years ago", async () => {
    const { client, clock } = await regionWithRecords();
    await client.updateTimeToLive(specification);
    await client.putItem({ TableName, Item: item(1, startAt - 6 * 365 * 24 * HOUR) });
    await clock.advance(24 * HOUR);
    expect((await client.scan({ TableName })).Count).toBe(1);
  });

  it("takes an hour to be enabled, in which it cannot be changed again", async () => {
    const { client, clock } = await regionWithRecords();
    const status = async () => (await client.describeTimeToLive({ TableName })).TimeToLiveDescription?.TimeToLiveStatus;
    expect(await status()).toBe("DISABLED");
    await client.updateTimeToLive(specification);
    expect(await status()).toBe("ENABLING");
    await expect(client.updateTimeToLive(specification)).rejects.toThrow(
      "Time to live has been modified multiple times within a fixed interval",
    );
    await clock.advance(HOUR);
    expect(await status()).toBe("ENABLED");
    await expect(client.updateTimeToLive(specification)).rejects.toThrow("TimeToLive is already enabled");
  });
});
