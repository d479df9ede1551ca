import { describe, expect, it } from "vitest";
import { currentInvocation } from "../../src/services/lambda/in-process.ts";
import { lambdaRegion } from "./harness.ts";

describe("a synchronous invocation", () => {
  it("answers what the handler returns, as JSON", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", (event) => ({ got: event, at: new Date(0), nothing: undefined }));
    const answer = await world.invoke("reconcile", { key: "a" });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.payload).toEqual({ got: { key: "a" }, at: "1970-01-01T00:00:00.000Z" });
  });

  it("answers null for a handler that returns nothing", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => undefined);
    expect((await world.invoke("reconcile")).payload).toBeNull();
  });

  it("answers 200 with FunctionError when the handler throws", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => {
      throw new TypeError("no such node");
    });
    expect(await world.invoke("reconcile")).toMatchObject({
      StatusCode: 200,
      FunctionError: "Unhandled",
      payload: { errorType: "TypeError", errorMessage: "no such node" },
    });
    expect(world.measured).toContainEqual({ name: "Errors", value: 1 });
  });

  it("ends with Task timed out after the function's time-out, and the environment is lost", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => world.launcher.sleep(10_000), { Timeout: 3 });
    expect((await world.invoke("reconcile")).payload).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: "RequestId: 11111111-2222-4333-8444-555555555555 Error: Task timed out after 3.00 seconds",
    });
    await world.invoke("reconcile");
    expect(world.statistics("reconcile").coldStarts).toBe(2);
  });

  it("gives a context as Lambda's Node runtime does", async () => {
    const world = lambdaRegion();
    await world.create(
      "reconcile",
      async (_event, context) => {
        const before = context.getRemainingTimeInMillis();
        await world.launcher.sleep(1000);
        return { ...context, before, after: context.getRemainingTimeInMillis() };
      },
      { Timeout: 30, MemorySize: 512 },
    );
    expect((await world.invoke("reconcile")).payload).toMatchObject({
      awsRequestId: "11111111-2222-4333-8444-555555555555",
      functionName: "reconcile",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:reconcile",
      memoryLimitInMB: "512",
      logGroupName: "/aws/lambda/reconcile",
      before: 30_000,
      after: 29_000,
    });
  });

  it("answers the end of the log with LogType Tail", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    const { LogResult } = await world.invoke("reconcile");
    expect(Buffer.from(LogResult ?? "", "base64").toString()).toMatch(
      /^START RequestId: \S+ Version: \$LATEST\nEND RequestId: \S+\nREPORT RequestId: \S+\tDuration: 0\.00 ms\t.*Memory Size: 128 MB\tInit Duration: 0\.00 ms\n$/,
    );
  });

  it("refuses a payload that is no JSON, and one over 6 MB (limits-and-prices 1.3)", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    const invoke = (Payload: string) => world.call("Invoke", { FunctionName: "reconcile", Payload });
    await expect(invoke("{")).rejects.toMatchObject({ name: "InvalidRequestContentException" });
    await expect(invoke(JSON.stringify("x".repeat(6_291_456)))).rejects.toMatchObject({
      name: "RequestTooLargeException",
    });
    await expect(
      world.call("Invoke", {
        FunctionName: "reconcile",
        InvocationType: "Event",
        Payload: JSON.stringify("x".repeat(1_048_576)),
      }),
    ).rejects.toMatchObject({ name: "RequestTooLargeException" });
  });

  it("takes an answer over 6 MB for an error", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => "x".repeat(6_291_556));
    expect((await world.invoke("reconcile")).payload).toMatchObject({ errorType: "Function.ResponseSizeTooLarge" });
  });

  it("only checks with DryRun", async () => {
    const world = lambdaRegion();
    let runs = 0;
    await world.create("reconcile", () => void runs++);
    expect(await world.call("Invoke", { FunctionName: "reconcile", InvocationType: "DryRun" })).toEqual({
      StatusCode: 204,
    });
    await world.clock.advance(10_000);
    expect(runs).toBe(0);
  });

  it("answers the init error when the handler is not there", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    world.handlers.delete("reconcile");
    expect(await world.invoke("reconcile")).toMatchObject({
      FunctionError: "Unhandled",
      payload: { errorType: "Runtime.HandlerNotFound", errorMessage: "index.handler is undefined or not exported" },
    });
  });

  it("tells the in-process transport whose invocation runs, until its environment is killed", async () => {
    const world = lambdaRegion();
    const seen: unknown[] = [];
    await world.create("reconcile", async () => {
      const current = currentInvocation();
      seen.push({ ...current });
      await world.launcher.sleep(5000);
      seen.push(current?.isKilled);
    });
    const answer = world.invoke("reconcile");
    await world.clock.advance(1000);
    world.kill("reconcile");
    await answer;
    await world.clock.advance(10_000);
    expect(seen).toEqual([
      expect.objectContaining({
        functionName: "reconcile",
        isKilled: false,
        traceHeader: expect.stringContaining("Lineage="),
      }),
      true,
    ]);
  });
});
