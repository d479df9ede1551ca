import { describe, expect, it } from "vitest";
import { arnOf } from "../sqs/harness.ts";
import { lambdaRegion } from "./harness.ts";

describe("an asynchronous invocation", () => {
  const event = { FunctionName: "reconcile", InvocationType: "Event", Payload: '{"key":"a"}' } as const;

  it("is accepted at once and run later", async () => {
    const world = lambdaRegion();
    const seen: unknown[] = [];
    await world.create("reconcile", (given) => void seen.push(given));
    expect(await world.call("Invoke", event)).toEqual({ StatusCode: 202 });
    expect(seen).toEqual([]);
    await world.clock.advance(1000);
    expect(seen).toEqual([{ key: "a" }]);
  });

  it("is retried twice after an error, about 1 and 2 minutes later (aws-semantics 3.8)", async () => {
    const world = lambdaRegion();
    const runs: number[] = [];
    await world.create("reconcile", () => {
      runs.push(Math.round((world.clock.now() - 1_700_000_000_000) / 1000));
      throw new Error("boom");
    });
    await world.call("Invoke", event);
    await world.clock.advance(3_600_000);
    expect(runs).toEqual([0, 60, 180]);
  });

  it("goes to the on-failure destination when its retries are used up", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("failures");
    await world.create("reconcile", () => {
      throw new RangeError("boom");
    });
    await world.call("PutFunctionEventInvokeConfig", {
      FunctionName: "reconcile",
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: arnOf("failures") } },
    });
    await world.call("Invoke", event);
    await world.clock.advance(3_600_000);
    const [message] = await world.sqs.receive(url);
    expect(JSON.parse(message?.Body ?? "")).toEqual({
      version: "1.0",
      timestamp: "2023-11-14T22:14:20.001Z",
      requestContext: {
        requestId: "11111111-2222-4333-8444-555555555555",
        functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:reconcile:$LATEST",
        condition: "RetriesExhausted",
        approximateInvokeCount: 2,
      },
      requestPayload: { key: "a" },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: expect.objectContaining({ errorType: "RangeError", errorMessage: "boom" }),
    });
  });

  it("goes to the function's dead-letter queue as it came, with the error in attributes", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("dead");
    await world.create(
      "reconcile",
      () => {
        throw new Error("boom");
      },
      { DeadLetterConfig: { TargetArn: arnOf("dead") } },
    );
    await world.call("Invoke", event);
    await world.clock.advance(3_600_000);
    const [message] = await world.sqs.receive(url);
    expect(message?.Body).toBe('{"key":"a"}');
    expect(message?.MessageAttributes).toMatchObject({
      ErrorCode: { StringValue: "200" },
      ErrorMessage: { StringValue: "boom" },
    });
  });

  it("is tried for up to 6 hours while the function is throttled (aws-semantics 3.8)", async () => {
    const world = lambdaRegion();
    const url = await world.sqs.queue("failures");
    let runs = 0;
    await world.create("reconcile", () => void runs++);
    await world.call("PutFunctionConcurrency", { FunctionName: "reconcile", ReservedConcurrentExecutions: 0 });
    await world.call("PutFunctionEventInvokeConfig", {
      FunctionName: "reconcile",
      DestinationConfig: { OnFailure: { Destination: arnOf("failures") } },
    });
    await world.call("Invoke", event);
    await world.clock.advance(5 * 3_600_000);
    await world.call("DeleteFunctionConcurrency", { FunctionName: "reconcile" });
    await world.clock.advance(300_000);
    expect(runs).toBe(1);
    await world.call("PutFunctionConcurrency", { FunctionName: "reconcile", ReservedConcurrentExecutions: 0 });
    await world.call("Invoke", event);
    await world.clock.advance(6.2 * 3_600_000);
    const [message] = await world.sqs.receive(url);
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({
      requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 0 },
    });
  });

  it("comes from a service only if the function's policy allows it", async () => {
    const world = lambdaRegion();
    const seen: unknown[] = [];
    const arn = await world.create("reconcile", (given) => void seen.push(given));
    const from = { service: "events.amazonaws.com", sourceArn: "arn:aws:events:eu-west-1:123456789012:rule/launch" };
    expect(() => world.functions.invokeLater(arn, '"event"', from)).toThrow(
      expect.objectContaining({ code: "AccessDeniedException", status: 403 }),
    );
    const { Statement } = await world.call("AddPermission", {
      FunctionName: "reconcile",
      StatementId: "rule",
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: from.sourceArn,
    });
    expect(JSON.parse(Statement ?? "")).toEqual({
      Sid: "rule",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: arn,
      Condition: { ArnLike: { "AWS:SourceArn": from.sourceArn } },
    });
    world.functions.invokeLater(arn, '"event"', from);
    await world.clock.advance(1000);
    expect(seen).toEqual(["event"]);
    await world.call("RemovePermission", { FunctionName: "reconcile", StatementId: "rule" });
    await expect(world.call("GetPolicy", { FunctionName: "reconcile" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});
