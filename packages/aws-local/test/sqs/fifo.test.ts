import { describe, expect, it } from "vitest";
import { bodies, sqsRegion } from "./harness.ts";

async function fifo(attributes: Record<string, string> = {}) {
  const world = sqsRegion();
  const url = await world.queue("lane.fifo", { FifoQueue: "true", ...attributes });
  const put = (body: string, group: string, deduplicationId?: string) =>
    world.call("SendMessage", {
      QueueUrl: url,
      MessageBody: body,
      MessageGroupId: group,
      ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
    });
  return { ...world, url, put };
}

describe("SQS FIFO queues", () => {
  it("keep the order of a group, and hold it back while one of its messages is in flight", async () => {
    const { url, put, receive, call, clock } = await fifo();
    for (const [body, group] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
    ] as const)
      await put(body, group, body);
    const { Messages: first } = await call("ReceiveMessage", { QueueUrl: url, MaxNumberOfMessages: 1 });
    expect(bodies(first ?? [])).toEqual(["a1"]);
    expect(bodies(await receive(url))).toEqual(["b1"]);
    await clock.advance(30_000);
    expect(bodies(await receive(url))).toEqual(["a1", "a2", "b1"]);
  });

  it("open a group when its message in flight is deleted", async () => {
    const { url, put, receive, call } = await fifo();
    for (const body of ["a1", "a2"]) await put(body, "a", body);
    const { Messages } = await call("ReceiveMessage", { QueueUrl: url, MaxNumberOfMessages: 1 });
    expect(await receive(url)).toEqual([]);
    await call("DeleteMessage", { QueueUrl: url, ReceiptHandle: Messages?.[0]?.ReceiptHandle ?? "" });
    expect(bodies(await receive(url))).toEqual(["a2"]);
  });

  it("accept a repeat within 5 minutes without delivering it", async () => {
    const { url, put, receive, clock } = await fifo();
    const first = await put("one", "a", "id");
    const repeat = await put("other body", "a", "id");
    expect(repeat.MessageId).toBe(first.MessageId);
    await clock.advance(299_999);
    await put("again", "a", "id");
    expect(bodies(await receive(url))).toEqual(["one"]);
    await clock.advance(1);
    const later = await put("later", "b", "id");
    expect(later.MessageId).not.toBe(first.MessageId);
    expect(bodies(await receive(url))).toEqual(["later"]);
  });

  it("deduplicate by content when told to, and want an id otherwise", async () => {
    const byContent = await fifo({ ContentBasedDeduplication: "true" });
    for (const body of ["one", "one", "two"]) await byContent.put(body, "a");
    expect(bodies(await byContent.receive(byContent.url))).toEqual(["one", "two"]);
    const byId = await fifo();
    await expect(byId.put("one", "a")).rejects.toThrow("ContentBasedDeduplication enabled or MessageDeduplicationId");
  });

  it("give growing sequence numbers of 20 digits", async () => {
    const { put } = await fifo();
    const [first, second] = [await put("one", "a", "1"), await put("two", "a", "2")];
    expect(first.SequenceNumber).toMatch(/^\d{20}$/);
    expect(BigInt(second.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
  });

  it("want a group, and take no delay of a single message", async () => {
    const { url, call } = await fifo({ ContentBasedDeduplication: "true" });
    await expect(call("SendMessage", { QueueUrl: url, MessageBody: "one" })).rejects.toMatchObject({
      code: "MissingParameter",
    });
    await expect(
      call("SendMessage", { QueueUrl: url, MessageBody: "one", MessageGroupId: "a", DelaySeconds: 5 }),
    ).rejects.toMatchObject({ code: "InvalidParameterValue" });
  });

  it("refuse a delete with an expired handle", async () => {
    const { url, put, receive, call, clock } = await fifo();
    await put("one", "a", "1");
    const [message] = await receive(url);
    await clock.advance(30_000);
    await expect(call("DeleteMessage", { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle ?? "" })).rejects.toThrow(
      "The receipt handle has expired.",
    );
  });

  it("have names that end in .fifo, and no other queue has", async () => {
    const { queue } = sqsRegion();
    await expect(queue("lane", { FifoQueue: "true" })).rejects.toMatchObject({ code: "InvalidParameterValue" });
    await expect(queue("lane.fifo")).rejects.toMatchObject({ code: "InvalidParameterValue" });
  });
});
