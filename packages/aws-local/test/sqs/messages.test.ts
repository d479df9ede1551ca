import { describe, expect, it } from "vitest";
import { virtualClock } from "../../src/clock.ts";
import { arnOf, bodies, sqsRegion } from "./harness.ts";

describe("SQS messages", () => {
  it("hides a received message for the visibility time-out, then hands it out again with a new handle", async () => {
    const { queue, send, receive, clock } = sqsRegion();
    const url = await queue("lane", { VisibilityTimeout: "30" });
    await send(url, "key");
    const [first] = await receive(url);
    await clock.advance(29_999);
    expect(await receive(url)).toEqual([]);
    await clock.advance(1);
    const [second] = await receive(url);
    expect(second?.MessageId).toBe(first?.MessageId);
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    expect(second?.Attributes).toMatchObject({
      ApproximateReceiveCount: "2",
      SentTimestamp: "1700000000000",
      ApproximateFirstReceiveTimestamp: "1700000000000",
    });
  });

  it("deletes by the latest handle, and takes an older one without deleting", async () => {
    const { queue, send, receive, clock, call, counts } = sqsRegion();
    const url = await queue("lane");
    await send(url, "key");
    const [first] = await receive(url);
    await clock.advance(30_000);
    const [second] = await receive(url);
    await call("DeleteMessage", { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle ?? "" });
    expect(await counts(url)).toMatchObject({ inFlight: 1 });
    await call("DeleteMessage", { QueueUrl: url, ReceiptHandle: second?.ReceiptHandle ?? "" });
    expect(await counts(url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    await call("DeleteMessage", { QueueUrl: url, ReceiptHandle: second?.ReceiptHandle ?? "" });
  });

  it("refuses a handle that no queue gave, and one of another queue", async () => {
    const { queue, send, receive, call } = sqsRegion();
    const url = await queue("lane");
    const other = await queue("other");
    await send(other, "key");
    const [message] = await receive(other);
    for (const ReceiptHandle of ["nonsense", message?.ReceiptHandle ?? ""])
      await expect(call("DeleteMessage", { QueueUrl: url, ReceiptHandle })).rejects.toMatchObject({
        name: "ReceiptHandleIsInvalid",
      });
  });

  it("makes a message visible at once by a visibility time-out of 0, and later by a longer one", async () => {
    const { queue, send, receive, clock, call } = sqsRegion();
    const url = await queue("lane");
    await send(url, "key");
    const handle = (await receive(url))[0]?.ReceiptHandle ?? "";
    await call("ChangeMessageVisibility", { QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: 0 });
    const again = (await receive(url))[0]?.ReceiptHandle ?? "";
    await call("ChangeMessageVisibility", { QueueUrl: url, ReceiptHandle: again, VisibilityTimeout: 120 });
    await clock.advance(119_000);
    expect(await receive(url)).toEqual([]);
    await clock.advance(1000);
    expect(await receive(url)).toHaveLength(1);
  });

  it("answers MessageNotInflight for a message that is visible again", async () => {
    const { queue, send, receive, clock, call } = sqsRegion();
    const url = await queue("lane");
    await send(url, "key");
    const handle = (await receive(url))[0]?.ReceiptHandle ?? "";
    await clock.advance(30_000);
    await expect(
      call("ChangeMessageVisibility", { QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: 10 }),
    ).rejects.toMatchObject({ name: "MessageNotInflight" });
  });

  it("hides a message for at most 12 hours from its first receive", async () => {
    const { queue, send, receive, clock, call } = sqsRegion();
    const url = await queue("lane", { VisibilityTimeout: "3600" });
    await send(url, "key");
    const handle = (await receive(url))[0]?.ReceiptHandle ?? "";
    await clock.advance(1_800_000);
    await expect(
      call("ChangeMessageVisibility", { QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: 43_000 }),
    ).rejects.toThrow("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
  });

  it("delays by the message's own delay, else by the queue's", async () => {
    const { queue, send, receive, clock, counts } = sqsRegion();
    const url = await queue("lane", { DelaySeconds: "10" });
    await send(url, "by the queue");
    await send(url, "at once", 0);
    await send(url, "by itself", 20);
    expect(await counts(url)).toEqual({ visible: 1, inFlight: 0, delayed: 2 });
    expect(bodies(await receive(url))).toEqual(["at once"]);
    await clock.advance(10_000);
    expect(bodies(await receive(url))).toEqual(["by the queue"]);
    await clock.advance(10_000);
    expect(bodies(await receive(url))).toEqual(["by itself"]);
  });

  it("refuses a delay over 15 minutes (limits-and-prices 1.3)", async () => {
    const { queue, send } = sqsRegion();
    await expect(send(await queue("lane"), "key", 901)).rejects.toMatchObject({ code: "InvalidParameterValue" });
  });

  it("drops a message at the end of its retention period, 4 days unless set (limits-and-prices 1.3)", async () => {
    const { queue, send, receive, clock, counts } = sqsRegion();
    const url = await queue("lane");
    const short = await queue("short", { MessageRetentionPeriod: "60" });
    await send(url, "key");
    await send(short, "key");
    await clock.advance(59_999);
    expect(await counts(short)).toMatchObject({ visible: 1 });
    await clock.advance(1);
    expect(await counts(short)).toMatchObject({ visible: 0 });
    await clock.advance(4 * 86_400_000 - 60_001);
    expect(await counts(url)).toMatchObject({ visible: 1 });
    await clock.advance(1);
    expect(await receive(url)).toEqual([]);
  });

  it("waits for a message up to WaitTimeSeconds, and answers when one arrives", async () => {
    const { queue, send, clock, call } = sqsRegion();
    const url = await queue("lane");
    const answers: unknown[] = [];
    const wait = (): void =>
      void call("ReceiveMessage", { QueueUrl: url, WaitTimeSeconds: 20 }).then(({ Messages }) =>
        answers.push({ at: clock.now() - 1_700_000_000_000, bodies: bodies(Messages ?? []) }),
      );
    wait();
    await clock.advance(5000);
    await send(url, "key");
    await clock.advance(1);
    expect(answers).toEqual([{ at: 5000, bodies: ["key"] }]);
    wait();
    await clock.advance(19_998);
    expect(answers).toHaveLength(1);
    await clock.advance(20_000);
    expect(answers[1]).toMatchObject({ bodies: [] });
  });

  it("hands out at most MaxNumberOfMessages, 1 unless set, 10 at most", async () => {
    const { queue, send, call } = sqsRegion();
    const url = await queue("lane");
    for (let count = 0; count < 12; count++) await send(url, String(count));
    const taken = async (MaxNumberOfMessages?: number) =>
      (
        await call("ReceiveMessage", {
          QueueUrl: url,
          ...(MaxNumberOfMessages !== undefined && { MaxNumberOfMessages }),
        })
      ).Messages?.length;
    expect([await taken(), await taken(10), await taken(10)]).toEqual([1, 10, 1]);
    await expect(taken(11)).rejects.toMatchObject({ code: "InvalidParameterValue" });
  });

  it("answers OverLimit to a short poll with 120 000 messages in flight (limits-and-prices 1.3)", async () => {
    // A clock that keeps no tasks: as many timers in order would take seconds.
    const clock = { ...virtualClock({ startAt: 0 }), after: () => ({ cancel() {} }) };
    const { queue, queues, call } = sqsRegion(clock);
    const url = await queue("lane");
    for (let count = 0; count < 120_001; count++) queues.send(arnOf("lane"), "key", "tester");
    expect(queues.receive(arnOf("lane"), 200_000)).toHaveLength(120_000);
    await expect(call("ReceiveMessage", { QueueUrl: url })).rejects.toMatchObject({ name: "OverLimit" });
  }, 30_000);

  it("gives digests of body and attributes as the SDK computes them", async () => {
    const { queue, receive, call } = sqsRegion();
    const url = await queue("lane");
    const sent = await call("SendMessage", {
      QueueUrl: url,
      MessageBody: "This is a test message",
      MessageAttributes: {
        test_attribute_name_1: { DataType: "String", StringValue: "test_attribute_value_1" },
        blob: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 3]) },
      },
    });
    expect(sent.MD5OfMessageBody).toBe("fafb00f5732ab283681e124bf8747ed1");
    const [message] = await receive(url);
    expect(message?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(message?.MessageAttributes?.["blob"]?.BinaryValue).toEqual(new Uint8Array([1, 2, 3]));
  });

  it("answers only the attributes that were asked for", async () => {
    const { queue, call } = sqsRegion();
    const url = await queue("lane");
    const attribute = { DataType: "String", StringValue: "x" };
    await call("SendMessage", {
      QueueUrl: url,
      MessageBody: "key",
      MessageAttributes: { "site.name": attribute, "site.zone": attribute, other: attribute },
    });
    const { Messages } = await call("ReceiveMessage", {
      QueueUrl: url,
      AttributeNames: ["SenderId" as "All"],
      MessageAttributeNames: ["site.*"],
    });
    expect(Object.keys(Messages?.[0]?.Attributes ?? {})).toEqual(["SenderId"]);
    expect(Object.keys(Messages?.[0]?.MessageAttributes ?? {})).toEqual(["site.name", "site.zone"]);
  });

  it("takes 1 MiB, counting the attributes, and not a byte more", async () => {
    const { queue, call } = sqsRegion();
    const url = await queue("lane");
    const MessageAttributes = { a: { DataType: "String", StringValue: "x" } };
    const largest = 1_048_576 - "aStringx".length;
    await call("SendMessage", { QueueUrl: url, MessageBody: "x".repeat(largest), MessageAttributes });
    await expect(
      call("SendMessage", { QueueUrl: url, MessageBody: "x".repeat(largest + 1), MessageAttributes }),
    ).rejects.toThrow("One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.");
  });

  it("answers each entry of a batch for itself", async () => {
    const { queue, receive, call } = sqsRegion();
    const url = await queue("lane");
    const answer = await call("SendMessageBatch", {
      QueueUrl: url,
      Entries: [
        { Id: "good", MessageBody: "key" },
        { Id: "bad", MessageBody: "key", DelaySeconds: 1000 },
        { Id: "odd", MessageBody: "\u0000" },
      ],
    });
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(["good"]);
    expect(answer.Failed).toMatchObject([
      { Id: "bad", SenderFault: true, Code: "InvalidParameterValue" },
      { Id: "odd", SenderFault: true, Code: "InvalidMessageContents" },
    ]);
    const [message] = await receive(url);
    const deleted = await call("DeleteMessageBatch", {
      QueueUrl: url,
      Entries: [
        { Id: "a", ReceiptHandle: message?.ReceiptHandle ?? "" },
        { Id: "b", ReceiptHandle: "nonsense" },
      ],
    });
    expect(deleted).toMatchObject({ Successful: [{ Id: "a" }], Failed: [{ Id: "b", Code: "ReceiptHandleIsInvalid" }] });
  });

  it.each([
    ["EmptyBatchRequest", []],
    ["BatchEntryIdsNotDistinct", ["a", "a"]],
    ["InvalidBatchEntryId", ["a b"]],
    ["TooManyEntriesInBatchRequest", ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]],
  ])("answers %s for a batch with ids %j", async (name, ids) => {
    const { queue, call } = sqsRegion();
    const Entries = ids.map((Id) => ({ Id, MessageBody: "key" }));
    await expect(call("SendMessageBatch", { QueueUrl: await queue("lane"), Entries })).rejects.toMatchObject({ name });
  });

  it("answers BatchRequestTooLong when the entries together are over 1 MiB", async () => {
    const { queue, call } = sqsRegion();
    const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(600_000) }));
    await expect(call("SendMessageBatch", { QueueUrl: await queue("lane"), Entries })).rejects.toMatchObject({
      name: "BatchRequestTooLong",
    });
  });
});
