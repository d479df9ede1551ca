import type { SQSEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import type { Authorizer } from "../../src/region.ts";
import type { Handler } from "../../src/services/lambda/in-process.ts";
import { arnOf } from "../sqs/harness.ts";
import { lambdaRegion } from "./harness.ts";

/** A handler that keeps the batches it saw and answers what the test says. */
function recorder(answer: (event: SQSEvent) => unknown = () => undefined) {
  const batches: SQSEvent["Records"][] = [];
  const handler: Handler = (event) => {
    const batch = event as SQSEvent;
    batches.push(batch.Records);
    return answer(batch);
  };
  return { batches, handler, bodies: () => batches.map((records) => records.map(({ body }) => body)) };
}

const fail = (): never => {
  throw new Error("boom");
};

describe("SQS event source mapping", () => {
  it("invokes with records as SQS and Lambda name their members, and removes them after success", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    const seen = recorder();
    await world.create("reconcile", seen.handler);
    await world.map("reconcile", arnOf("lane"));
    await world.sqs.call("SendMessage", {
      QueueUrl: url,
      MessageBody: "key",
      MessageAttributes: { site: { DataType: "String", StringValue: "moodle" } },
    });
    await world.clock.advance(1000);
    const record = seen.batches[0]?.[0];
    expect(record).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: "key",
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "1700000000000",
        SenderId: "AIDAEMBEDDEDAWSUSER",
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^17000000000\d\d$/),
      },
      messageAttributes: {
        site: { dataType: "String", stringValue: "moodle", stringListValues: [], binaryListValues: [] },
      },
      md5OfBody: "3c6e0b8a9c15224a8228b9a98ca1531d",
      eventSource: "aws:sqs",
      eventSourceARN: arnOf("lane"),
      awsRegion: "eu-west-1",
    });
    expect(await world.sqs.counts(url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("returns a failed batch to the queue when its visibility time-out ends, not before", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane", { VisibilityTimeout: "30" });
    let isBroken = true;
    const seen = recorder(() => (isBroken ? fail() : undefined));
    await world.create("reconcile", seen.handler);
    await world.map("reconcile", arnOf("lane"));
    await world.sqs.send(url, "key");
    await world.clock.advance(29_000);
    expect(seen.batches).toHaveLength(1);
    expect(await world.sqs.counts(url)).toMatchObject({ inFlight: 1 });
    isBroken = false;
    await world.clock.advance(2000);
    expect(seen.batches.map((records) => records[0]?.attributes.ApproximateReceiveCount)).toEqual(["1", "2"]);
    expect(await world.sqs.counts(url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("moves a message that keeps failing to the dead-letter queue after maxReceiveCount receives", async () => {
    const world = lambdaRegion();
    const dead = await world.sqs.queue("dead");
    const url = await world.sqs.queue("lane", {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 3 }),
    });
    const seen = recorder(fail);
    await world.create("reconcile", seen.handler);
    await world.map("reconcile", arnOf("lane"));
    await world.sqs.send(url, "key");
    await world.clock.advance(300_000);
    expect(seen.batches).toHaveLength(3);
    expect(await world.sqs.counts(dead)).toMatchObject({ visible: 1 });
  });

  it("returns only the messages that ReportBatchItemFailures names", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    const seen = recorder(({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    }));
    await world.create("reconcile", seen.handler);
    for (const body of ["good", "bad", "fine"]) await world.sqs.send(url, body);
    await world.map("reconcile", arnOf("lane"), { FunctionResponseTypes: ["ReportBatchItemFailures"] });
    await world.clock.advance(1000);
    expect(await world.sqs.counts(url)).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    await world.clock.advance(30_000);
    expect(seen.bodies()).toEqual([["good", "bad", "fine"], ["bad"]]);
  });

  it.each([
    ["an unknown message id", { batchItemFailures: [{ itemIdentifier: "other" }] }],
    ["an empty id", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null id", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["a wrong key", { batchItemFailures: [{ id: "other" }] }],
    ["a list that is no list", { batchItemFailures: "all" }],
  ])("takes the whole batch for failed when batchItemFailures has %s", async (_case, answer) => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    await world.create("reconcile", () => answer);
    await world.sqs.send(url, "one");
    await world.sqs.send(url, "two");
    await world.map("reconcile", arnOf("lane"), { FunctionResponseTypes: ["ReportBatchItemFailures"] });
    await world.clock.advance(1000);
    expect(await world.sqs.counts(url)).toMatchObject({ inFlight: 2 });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty list", { batchItemFailures: [] }],
    ["a null list", { batchItemFailures: null }],
    ["an empty object", {}],
  ])("takes the whole batch for done when the function answers %s", async (_case, answer) => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    await world.create("reconcile", () => answer);
    await world.sqs.send(url, "one");
    await world.map("reconcile", arnOf("lane"), { FunctionResponseTypes: ["ReportBatchItemFailures"] });
    await world.clock.advance(1000);
    expect(await world.sqs.counts(url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("ignores batchItemFailures when the mapping does not ask for them", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    await world.create("reconcile", () => ({ batchItemFailures: [{ itemIdentifier: "other" }] }));
    await world.sqs.send(url, "one");
    await world.map("reconcile", arnOf("lane"));
    await world.clock.advance(1000);
    expect(await world.sqs.counts(url)).toMatchObject({ inFlight: 0 });
  });

  it("collects a batch until its window ends or it is full", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    const seen = recorder();
    await world.create("reconcile", seen.handler);
    await world.map("reconcile", arnOf("lane"), { BatchSize: 12, MaximumBatchingWindowInSeconds: 5 });
    await world.sqs.send(url, "first");
    await world.clock.advance(4000);
    await world.sqs.send(url, "second");
    await world.clock.advance(500);
    expect(seen.batches).toHaveLength(0);
    await world.clock.advance(1000);
    expect(seen.bodies()).toEqual([["first", "second"]]);
    for (let count = 0; count < 12; count++) await world.sqs.send(url, String(count));
    await world.clock.advance(200);
    expect(seen.batches[1]).toHaveLength(12);
  });

  it("runs at most ScalingConfig.MaximumConcurrency batches at a time", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    let now = 0;
    let most = 0;
    await world.create("reconcile", async () => {
      most = Math.max(most, ++now);
      await world.launcher.sleep(1000);
      now -= 1;
    });
    await world.map("reconcile", arnOf("lane"), { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    for (let count = 0; count < 6; count++) await world.sqs.send(url, String(count));
    await world.clock.advance(10_000);
    expect(most).toBe(2);
    expect(await world.sqs.counts(url)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("starts at 5 concurrent batches and adds 300 after a minute of work (limits-and-prices 1.3)", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane", { VisibilityTimeout: "900" });
    await world.create("reconcile", () => world.launcher.sleep(600_000), { Timeout: 900 });
    await world.map("reconcile", arnOf("lane"), { BatchSize: 1 });
    for (let count = 0; count < 400; count++) await world.sqs.send(url, String(count));
    await world.clock.advance(50_000);
    expect(world.statistics("reconcile").concurrent).toBe(5);
    await world.clock.advance(20_000);
    expect(world.statistics("reconcile").concurrent).toBe(305);
  });

  it("keeps a throttled batch back and tries it again before its visibility time-out ends", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    const seen = recorder();
    await world.create("reconcile", seen.handler);
    await world.call("PutFunctionConcurrency", { FunctionName: "reconcile", ReservedConcurrentExecutions: 0 });
    await world.map("reconcile", arnOf("lane"));
    await world.sqs.send(url, "key");
    await world.clock.advance(5000);
    expect(seen.batches).toHaveLength(0);
    await world.call("DeleteFunctionConcurrency", { FunctionName: "reconcile" });
    await world.clock.advance(20_000);
    expect(seen.batches.map((records) => records[0]?.attributes.ApproximateReceiveCount)).toEqual(["1"]);
  });

  it("lets the messages of a function that stays throttled come back, which counts as a receive", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    await world.create("reconcile", () => undefined);
    await world.call("PutFunctionConcurrency", { FunctionName: "reconcile", ReservedConcurrentExecutions: 0 });
    const uuid = await world.map("reconcile", arnOf("lane"));
    await world.sqs.send(url, "key");
    await world.clock.advance(45_000);
    await world.call("DeleteEventSourceMapping", { UUID: uuid });
    await world.clock.advance(60_000);
    const [message] = await world.sqs.receive(url);
    expect(message?.Attributes?.ApproximateReceiveCount).toBe("3");
  });

  it("returns the messages of an invocation that timed out or was killed", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    const seen = recorder(() => world.launcher.sleep(25_000));
    await world.create("reconcile", seen.handler, { Timeout: 20 });
    await world.map("reconcile", arnOf("lane"));
    await world.sqs.send(url, "key");
    await world.clock.advance(31_000);
    expect(seen.batches).toHaveLength(2);
    world.kill("reconcile");
    await world.clock.advance(30_000);
    expect(seen.batches).toHaveLength(3);
    expect(world.logs.filter((line) => line.includes("Task timed out after 20.00 seconds"))).toHaveLength(1);
    expect(world.logs.filter((line) => line.includes("signal: killed"))).toHaveLength(1);
  });

  it("refuses a queue whose visibility time-out is shorter than the function's time-out", async () => {
    const world = lambdaRegion();
    await world.sqs.queue("lane", { VisibilityTimeout: "30" });
    await world.create("reconcile", () => undefined, { Timeout: 60 });
    await expect(world.map("reconcile", arnOf("lane"))).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
    });
  });

  it("refuses a role that may not read the queue, and stops reading when the role loses its right", async () => {
    let denied = "sqs:DeleteMessage";
    const authorizer: Authorizer = {
      authorize({ action }) {
        if (action === denied) throw new AwsError("AccessDenied", `not authorized to perform: ${action}`, 403);
      },
    };
    const world = lambdaRegion({ authorizer });
    const url = await world.sqs.queue("lane");
    const seen = recorder();
    await world.create("reconcile", seen.handler);
    await expect(world.map("reconcile", arnOf("lane"))).rejects.toMatchObject({
      message: "The function execution role does not have permissions to call DeleteMessage on SQS",
    });
    denied = "";
    const uuid = await world.map("reconcile", arnOf("lane"));
    denied = "sqs:ReceiveMessage";
    await world.sqs.send(url, "key");
    await world.clock.advance(1000);
    expect(seen.batches).toHaveLength(0);
    expect((await world.call("GetEventSourceMapping", { UUID: uuid })).LastProcessingResult).toContain("PROBLEM");
    denied = "";
    await world.clock.advance(60_000);
    expect(seen.batches).toHaveLength(1);
  });

  it("stops polling while disabled and after deletion", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    const seen = recorder();
    await world.create("reconcile", seen.handler);
    const uuid = await world.map("reconcile", arnOf("lane"));
    await world.call("UpdateEventSourceMapping", { UUID: uuid, Enabled: false });
    await world.sqs.send(url, "one");
    await world.clock.advance(1000);
    expect(seen.bodies()).toEqual([]);
    await world.call("UpdateEventSourceMapping", { UUID: uuid, Enabled: true });
    await world.clock.advance(1000);
    expect(seen.bodies()).toEqual([["one"]]);
    await world.call("DeleteEventSourceMapping", { UUID: uuid });
    await world.sqs.send(url, "two");
    await world.clock.advance(1000);
    expect(await world.sqs.counts(url)).toMatchObject({ visible: 1 });
  });

  it("goes on with a queue that was deleted and made anew", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("lane");
    const seen = recorder();
    await world.create("reconcile", seen.handler);
    await world.map("reconcile", arnOf("lane"));
    await world.sqs.send(url, "one");
    await world.sqs.call("DeleteQueue", { QueueUrl: url });
    await world.clock.advance(61_000);
    await world.sqs.queue("lane");
    await world.clock.advance(60_000);
    await world.sqs.send(url, "two");
    await world.clock.advance(1000);
    expect(seen.bodies()).toEqual([["two"]]);
  });

  it.each([
    ["FilterCriteria", { FilterCriteria: { Filters: [{ Pattern: "{}" }] } }],
    ["ProvisionedPollerConfig", { ProvisionedPollerConfig: { MinimumPollers: 2 } }],
  ])("answers NotImplemented to %s", async (name, member) => {
    const world = lambdaRegion();
    await world.sqs.queue("lane");
    await world.create("reconcile", () => undefined);
    await expect(
      world.call("CreateEventSourceMapping", { FunctionName: "reconcile", EventSourceArn: arnOf("lane"), ...member }),
    ).rejects.toMatchObject({ code: "NotImplemented", message: `${name} is not modelled here` });
  });

  it("wants a window for batches over 10", async () => {
    const world = lambdaRegion();
    await world.sqs.queue("lane");
    await world.create("reconcile", () => undefined);
    await expect(world.map("reconcile", arnOf("lane"), { BatchSize: 50 })).rejects.toThrow(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    );
  });
});
