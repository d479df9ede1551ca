import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { regionWithRecords } from "./region.ts";

const TableName = "records";

/** Items 1 to 5 of site `a`, one of site `b`; the odd ones are due in lane 0. */
async function sixItems(options: Parameters<typeof regionWithRecords>[0] = {}) {
  const region = await regionWithRecords(options);
  const items = [1, 2, 3, 4, 5].map((at) => ({
    site: { S: "a" },
    at: { N: String(at) },
    note: { S: at > 3 ? "late" : "early" },
    ...(at % 2 === 1 ? { lane: { S: "0" }, dueAt: { N: String(10 - at) } } : {}),
  }));
  for (const Item of [...items, { site: { S: "b" }, at: { N: "1" } }]) await region.client.putItem({ TableName, Item });
  return region;
}

const ofSite = {
  TableName,
  KeyConditionExpression: "site = :site",
  ExpressionAttributeValues: { ":site": { S: "a" } },
};
const due = {
  TableName,
  IndexName: "due",
  KeyConditionExpression: "lane = :lane AND dueAt <= :now",
  ExpressionAttributeValues: { ":lane": { S: "0" }, ":now": { N: "7" } },
};
const times = (items: Record<string, AttributeValue>[] | undefined) => items?.map((item) => item["at"]?.N);

describe("Query", () => {
  it("gives a partition in the order of its sort key, numbers as numbers, either way round", async () => {
    const { client } = await sixItems();
    await client.putItem({ TableName, Item: { site: { S: "a" }, at: { N: "10" } } });
    expect(times((await client.query(ofSite)).Items)).toEqual(["1", "2", "3", "4", "5", "10"]);
    expect(times((await client.query({ ...ofSite, ScanIndexForward: false })).Items)?.[0]).toBe("10");
  });

  it.each([
    ["#at > :v", ["4", "5"]],
    [":v >= #at", ["1", "2", "3"]],
    ["#at = :v", ["3"]],
    ["#at BETWEEN :v AND :v", ["3"]],
  ])("narrows the sort key by %s", async (condition, expected) => {
    const { client } = await sixItems();
    const { Items } = await client.query({
      TableName,
      KeyConditionExpression: `site = :site AND ${condition}`,
      ExpressionAttributeNames: { "#at": "at" },
      ExpressionAttributeValues: { ":site": { S: "a" }, ":v": { N: "3" } },
    });
    expect(times(Items)).toEqual(expected);
  });

  it("limits before it filters, and pages by LastEvaluatedKey", async () => {
    const { client } = await sixItems();
    const page = {
      ...ofSite,
      Limit: 3,
      FilterExpression: "note = :late",
      ExpressionAttributeValues: { ":site": { S: "a" }, ":late": { S: "late" } },
    };
    const first = await client.query(page);
    expect(first).toMatchObject({ Count: 0, ScannedCount: 3, LastEvaluatedKey: { site: { S: "a" }, at: { N: "3" } } });
    const second = await client.query({ ...page, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(times(second.Items)).toEqual(["4", "5"]);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  it("gives a LastEvaluatedKey where Limit ends exactly with the last item (Developer Guide, paging)", async () => {
    const { client } = await sixItems();
    const { LastEvaluatedKey } = await client.query({ ...ofSite, Limit: 5 });
    expect(LastEvaluatedKey).toEqual({ site: { S: "a" }, at: { N: "5" } });
  });

  it("ends a page after 1 MB of items", async () => {
    const { client } = await regionWithRecords();
    for (const at of ["1", "2", "3", "4"])
      await client.putItem({ TableName, Item: { site: { S: "a" }, at: { N: at }, text: { S: "x".repeat(390_000) } } });
    const { Count, LastEvaluatedKey } = await client.query(ofSite);
    expect({ Count, LastEvaluatedKey }).toMatchObject({ Count: 3, LastEvaluatedKey: { at: { N: "3" } } });
  });

  it.each([
    ["lane = :site", "Query condition missed key schema element: site"],
    ["site > :site", "Query key condition not supported"],
    [
      "site = :site OR site = :site",
      "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR",
    ],
    ["site = :site AND note = :site", "Query condition missed key schema element: at"],
  ])("refuses the key condition %s", async (KeyConditionExpression, message) => {
    const { client } = await sixItems();
    await expect(client.query({ ...ofSite, KeyConditionExpression })).rejects.toMatchObject({
      name: "ValidationException",
      message,
    });
  });

  it("does not filter by key attributes", async () => {
    const { client } = await sixItems();
    const query = client.query({ ...ofSite, FilterExpression: "site = :site" });
    await expect(query).rejects.toThrow("Primary key attribute: site");
  });
});

describe("global secondary indexes", () => {
  it("leave out items without their keys, show what they project, and are ordered by their own sort key", async () => {
    const { client } = await sixItems();
    const { Items } = await client.query(due);
    expect(Items).toEqual([
      { site: { S: "a" }, at: { N: "5" }, lane: { S: "0" }, dueAt: { N: "5" } },
      { site: { S: "a" }, at: { N: "3" }, lane: { S: "0" }, dueAt: { N: "7" } },
    ]);
  });

  it("lose an item whose key attribute is removed", async () => {
    const { client } = await sixItems();
    const Key = { site: { S: "a" }, at: { N: "5" } };
    await client.updateItem({ TableName, Key, UpdateExpression: "REMOVE dueAt" });
    expect(times((await client.query(due)).Items)).toEqual(["3"]);
  });

  it("refuse consistent reads and attributes they do not hold", async () => {
    const { client } = await sixItems();
    await expect(client.query({ ...due, ConsistentRead: true })).rejects.toThrow(
      "Consistent reads are not supported on global secondary indexes",
    );
    await expect(client.query({ ...due, ProjectionExpression: "note" })).rejects.toThrow(
      "Global secondary index due does not project [note]",
    );
  });

  it("page among items with equal index keys", async () => {
    const { client } = await regionWithRecords();
    const sites = ["a", "b", "c"];
    for (const site of sites)
      await client.putItem({
        TableName,
        Item: { site: { S: site }, at: { N: "1" }, lane: { S: "0" }, dueAt: { N: "5" } },
      });
    const seen: (string | undefined)[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.query({
        ...due,
        Limit: 1,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      seen.push(...(page.Items ?? []).map((item) => item["site"]?.S));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    expect(seen).toEqual(sites);
  });

  it("follow the table a moment later, in the order of the writes", async () => {
    const { client, clock } = await sixItems({ indexPropagation: { low: 100, high: 500 } });
    expect((await client.query(due)).Count).toBe(0);
    await clock.advance(500);
    expect((await client.query(due)).Count).toBe(2);
    const Key = { site: { S: "a" }, at: { N: "5" } };
    await client.updateItem({ TableName, Key, UpdateExpression: "REMOVE dueAt" });
    expect((await client.query(due)).Count).toBe(2);
    await clock.advance(500);
    expect((await client.query(due)).Count).toBe(1);
  });
});

describe("Scan", () => {
  it("shows every item in exactly one of the segments", async () => {
    const { client } = await regionWithRecords();
    for (let number = 0; number < 40; number++)
      await client.putItem({ TableName, Item: { site: { S: `site-${number}` }, at: { N: "1" } } });
    const segments = await Promise.all(
      [0, 1, 2].map((Segment) => client.scan({ TableName, Segment, TotalSegments: 3 })),
    );
    const sites = segments.flatMap(({ Items = [] }) => Items.map((item) => item["site"]?.S));
    expect(sites).toHaveLength(40);
    expect(new Set(sites).size).toBe(40);
    expect(segments.every(({ Count = 0 }) => Count > 0)).toBe(true);
  });

  it("pages over partitions", async () => {
    const { client } = await sixItems();
    const first = await client.scan({ TableName, Limit: 4 });
    const second = await client.scan({ TableName, ExclusiveStartKey: first.LastEvaluatedKey });
    expect([first.Count, second.Count]).toEqual([4, 2]);
  });
});
