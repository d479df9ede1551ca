import { describe, expect, it } from "vitest";
import { arnOf, bodies, sqsRegion } from "./harness.ts";

describe("SQS queues", () => {
  it("names a queue by URL, ARN and name", async () => {
    const { queue, send, call, queues } = sqsRegion();
    const url = await queue("lane");
    expect(url).toBe("http://127.0.0.1:4566/123456789012/lane");
    expect(await call("GetQueueUrl", { QueueName: "lane" })).toEqual({ QueueUrl: url });
    await send(arnOf("lane"), "by ARN");
    expect(queues.receive(arnOf("lane"), 1)).toMatchObject([{ body: "by ARN" }]);
    await send("https://sqs.eu-west-1.amazonaws.com/123456789012/lane", "by AWS's own URL");
  });

  it.each(["lane", "http://127.0.0.1:4566/123456789012/lane", "http://127.0.0.1:4566/999999999999/other"])(
    "answers QueueDoesNotExist for %s",
    async (QueueUrl) => {
      const { queue, call } = sqsRegion();
      await queue("other");
      await expect(call("SendMessage", { QueueUrl, MessageBody: "key" })).rejects.toMatchObject({
        name: "QueueDoesNotExist",
        message: "The specified queue does not exist.",
      });
    },
  );

  it("creates a queue again only with the same attributes", async () => {
    const { queue } = sqsRegion();
    const url = await queue("lane", { VisibilityTimeout: "60" });
    expect(await queue("lane", { VisibilityTimeout: "60" })).toBe(url);
    expect(await queue("lane")).toBe(url);
    await expect(queue("lane", { VisibilityTimeout: "61" })).rejects.toMatchObject({
      name: "QueueNameExists",
      message: "A queue already exists with the same name and a different value for attribute VisibilityTimeout",
    });
  });

  it("gives a deleted queue's name free after 60 seconds", async () => {
    const { queue, call, clock } = sqsRegion();
    await call("DeleteQueue", { QueueUrl: await queue("lane") });
    await expect(queue("lane")).rejects.toMatchObject({ name: "QueueDeletedRecently" });
    await clock.advance(60_000);
    expect(await queue("lane")).toContain("/lane");
  });

  it("describes its attributes with their defaults (limits-and-prices 1.3)", async () => {
    const { queue, send, receive, call } = sqsRegion();
    const url = await queue("lane");
    for (const body of ["one", "two"]) await send(url, body);
    await receive(url);
    await send(url, "three");
    await send(url, "four", 10);
    const { Attributes } = await call("GetQueueAttributes", { QueueUrl: url, AttributeNames: ["All"] });
    expect(Attributes).toEqual({
      QueueArn: arnOf("lane"),
      VisibilityTimeout: "30",
      DelaySeconds: "0",
      MessageRetentionPeriod: "345600",
      ReceiveMessageWaitTimeSeconds: "0",
      MaximumMessageSize: "1048576",
      SqsManagedSseEnabled: "true",
      CreatedTimestamp: "1700000000",
      LastModifiedTimestamp: "1700000000",
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "2",
      ApproximateNumberOfMessagesDelayed: "1",
    });
    expect(await call("GetQueueAttributes", { QueueUrl: url })).toEqual({});
  });

  it.each([
    ["VisibilityTimeout", "43201", "InvalidAttributeValue"],
    ["MessageRetentionPeriod", "59", "InvalidAttributeValue"],
    ["ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue"],
    ["DelaySeconds", "soon", "InvalidAttributeValue"],
    ["Policy", "{", "InvalidAttributeValue"],
    ["Colour", "red", "InvalidAttributeName"],
  ])("refuses %s = %s with %s", async (name, value, error) => {
    const { queue } = sqsRegion();
    await expect(queue("lane", { [name]: value })).rejects.toMatchObject({ name: error });
  });

  it("moves a message that was received maxReceiveCount times to the dead-letter queue, with its SentTimestamp", async () => {
    const { queue, send, receive, clock } = sqsRegion();
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 });
    const url = await queue("lane", { RedrivePolicy });
    const id = await send(url, "key");
    for (let count = 0; count < 2; count++) {
      expect(await receive(url)).toHaveLength(1);
      await clock.advance(30_000);
    }
    expect(await receive(url)).toEqual([]);
    const [message] = await receive(dead);
    expect(message).toMatchObject({
      MessageId: id,
      Attributes: { SentTimestamp: "1700000000000", DeadLetterQueueSourceArn: arnOf("lane") },
    });
  });

  it("counts the retention period of a dead-letter queue from the first sending", async () => {
    const { queue, send, receive, clock, counts } = sqsRegion();
    const dead = await queue("dead", { MessageRetentionPeriod: "100" });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 1 });
    const url = await queue("lane", { RedrivePolicy, VisibilityTimeout: "60" });
    await send(url, "key");
    await receive(url);
    await clock.advance(60_000);
    await receive(url);
    expect(await counts(dead)).toMatchObject({ visible: 1 });
    await clock.advance(40_000);
    expect(await counts(dead)).toMatchObject({ visible: 0 });
  });

  it("refuses a dead-letter queue that does not exist or does not allow the source", async () => {
    const { queue } = sqsRegion();
    await queue("dead", { RedriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) });
    for (const name of ["missing", "dead"])
      await expect(
        queue("lane", { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(name), maxReceiveCount: 2 }) }),
      ).rejects.toMatchObject({ code: "InvalidParameterValue" });
  });

  it("gives dead letters back to their source as new messages by a move task", async () => {
    const { queue, send, receive, clock, call } = sqsRegion();
    await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 1 });
    const url = await queue("lane", { RedrivePolicy });
    const ids: string[] = [];
    for (const body of ["one", "two", "three"]) ids.push(await send(url, body));
    await receive(url);
    await clock.advance(30_000);
    await receive(url);
    await call("StartMessageMoveTask", { SourceArn: arnOf("dead"), MaxNumberOfMessagesPerSecond: 2 });
    await expect(call("StartMessageMoveTask", { SourceArn: arnOf("dead") })).rejects.toThrow("already a task running");
    await clock.advance(500);
    const first = await receive(url);
    expect(bodies(first)).toEqual(["one", "two"]);
    expect(ids).not.toContain(first[0]?.MessageId);
    expect(first[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: "1", SentTimestamp: "1700000030000" });
    await clock.advance(1000);
    expect(bodies(await receive(url))).toEqual(["three"]);
    expect((await call("ListMessageMoveTasks", { SourceArn: arnOf("dead") })).Results).toMatchObject([
      { Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
    ]);
  });

  it("ends a move task when the destination refuses a message, which stays", async () => {
    const { queue, send, receive, clock, call, counts } = sqsRegion();
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 1 });
    const url = await queue("lane", { RedrivePolicy });
    await queue("small", { MaximumMessageSize: "1024" });
    await send(url, "x".repeat(2000));
    await receive(url);
    await clock.advance(30_000);
    await receive(url);
    await call("StartMessageMoveTask", { SourceArn: arnOf("dead"), DestinationArn: arnOf("small") });
    await clock.advance(1000);
    expect((await call("ListMessageMoveTasks", { SourceArn: arnOf("dead") })).Results).toMatchObject([
      { Status: "FAILED", FailureReason: expect.stringContaining("shorter than 1024 bytes") },
    ]);
    expect(await counts(dead)).toMatchObject({ visible: 1 });
  });

  it("moves only from a dead-letter queue", async () => {
    const { queue, call } = sqsRegion();
    await queue("lane");
    await expect(call("StartMessageMoveTask", { SourceArn: arnOf("lane") })).rejects.toThrow(
      "Source queue must be configured as a Dead Letter Queue.",
    );
  });

  it("purges all messages, once in 60 seconds", async () => {
    const { queue, send, receive, call, counts, clock } = sqsRegion();
    const url = await queue("lane");
    for (const body of ["one", "two"]) await send(url, body);
    await receive(url);
    await send(url, "three", 10);
    await call("PurgeQueue", { QueueUrl: url });
    await clock.advance(59_000);
    expect(await counts(url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    await expect(call("PurgeQueue", { QueueUrl: url })).rejects.toMatchObject({ name: "PurgeQueueInProgress" });
    await clock.advance(1000);
    await call("PurgeQueue", { QueueUrl: url });
  });

  it("lists queues by prefix, page by page, and keeps tags", async () => {
    const { queue, call } = sqsRegion();
    for (const name of ["lane-urgent", "lane-normal", "other"]) await queue(name);
    const first = await call("ListQueues", { QueueNamePrefix: "lane-", MaxResults: 1 });
    expect(first.QueueUrls).toEqual(["http://127.0.0.1:4566/123456789012/lane-normal"]);
    const second = await call("ListQueues", {
      QueueNamePrefix: "lane-",
      MaxResults: 1,
      NextToken: first.NextToken ?? "",
    });
    expect(second).toEqual({ QueueUrls: ["http://127.0.0.1:4566/123456789012/lane-urgent"] });
    await call("TagQueue", { QueueUrl: "other", Tags: { site: "moodle", stage: "test" } });
    await call("UntagQueue", { QueueUrl: "other", TagKeys: ["stage"] });
    expect(await call("ListQueueTags", { QueueUrl: "other" })).toEqual({ Tags: { site: "moodle" } });
  });
});

describe("SQS for its neighbours", () => {
  it("takes a message from a service only if the queue's policy allows it", async () => {
    const { queue, queues, call } = sqsRegion();
    const url = await queue("lane");
    const from = { service: "events.amazonaws.com", sourceArn: "arn:aws:events:eu-west-1:123456789012:rule/launch" };
    expect(() => queues.deliver(arnOf("lane"), "event", from)).toThrow(
      expect.objectContaining({ code: "AccessDenied", status: 403 }),
    );
    const Policy = JSON.stringify({ Statement: [{ Principal: { Service: "events.amazonaws.com" } }] });
    await call("SetQueueAttributes", { QueueUrl: url, Attributes: { Policy } });
    queues.deliver(arnOf("lane"), "event", from, { traceHeader: "Root=1-0-0" });
    expect(queues.receive(arnOf("lane"), 1)).toMatchObject([
      { body: "event", attributes: { AWSTraceHeader: "Root=1-0-0", SenderId: "events.amazonaws.com" } },
    ]);
    await call("SetQueueAttributes", { QueueUrl: url, Attributes: { Policy: "" } });
    expect(() => queues.deliver(arnOf("lane"), "event", from)).toThrow();
  });

  it("tells when a message becomes visible: sent, delayed, timed out or given back", async () => {
    const { queue, queues, send, clock } = sqsRegion();
    const url = await queue("lane");
    let arrivals = 0;
    const unsubscribe = queues.onArrival(arnOf("lane"), () => void arrivals++);
    await send(url, "key");
    expect(arrivals).toBe(1);
    const [message] = queues.receive(arnOf("lane"), 1);
    queues.giveBack(arnOf("lane"), message?.receiptHandle ?? "");
    expect(arrivals).toBe(2);
    queues.receive(arnOf("lane"), 1);
    await clock.advance(30_000);
    expect(arrivals).toBe(3);
    await send(url, "later", 5);
    expect(arrivals).toBe(3);
    await clock.advance(5000);
    expect(arrivals).toBe(4);
    unsubscribe();
    await send(url, "key");
    expect(arrivals).toBe(4);
  });

  it("keeps the caller's trace header with the message", async () => {
    const { service, queues, queue } = sqsRegion();
    const url = await queue("lane");
    const call = {
      principal: { kind: "role", roleName: "reconcile", sessionName: "s" },
      requestId: "",
      traceHeader: "Root=1-a",
    } as const;
    service.operations["SendMessage"]?.({ QueueUrl: url, MessageBody: "key" } as never, call);
    expect(queues.receive(arnOf("lane"), 1)).toMatchObject([
      { attributes: { AWSTraceHeader: "Root=1-a", SenderId: "AROAreconcile:s" } },
    ]);
  });
});
