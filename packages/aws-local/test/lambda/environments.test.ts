import { describe, expect, it } from "vitest";
import { lambdaRegion } from "./harness.ts";

describe("execution environments", () => {
  it("are used again while warm, and shut down after some idle minutes", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    await world.invoke("reconcile");
    await world.clock.advance(300_000);
    await world.invoke("reconcile");
    expect(world.statistics("reconcile").coldStarts).toBe(1);
    await world.clock.advance(420_000);
    await world.invoke("reconcile");
    expect(world.statistics("reconcile").coldStarts).toBe(2);
  });

  it("are made anew after a change of code or configuration", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    await world.invoke("reconcile");
    await world.call("UpdateFunctionConfiguration", { FunctionName: "reconcile", MemorySize: 256 });
    await world.invoke("reconcile");
    await world.call("UpdateFunctionCode", { FunctionName: "reconcile", S3Bucket: "bundles", S3Key: "new" });
    await world.invoke("reconcile");
    expect(world.statistics("reconcile").coldStarts).toBe(3);
  });

  it("end after the invocation under way when the function changes meanwhile", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => world.launcher.sleep(1000));
    const answer = world.call("Invoke", { FunctionName: "reconcile" });
    await world.clock.advance(500);
    await world.call("UpdateFunctionConfiguration", { FunctionName: "reconcile", MemorySize: 256 });
    await world.clock.advance(1000);
    expect((await answer).FunctionError).toBeUndefined();
    expect(world.statistics("reconcile")).toEqual({ coldStarts: 1, concurrent: 0, warm: 0 });
  });

  it("run as many as are invoked at once, up to the reserved concurrency", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => world.launcher.sleep(1000), { Timeout: 10 });
    await world.call("PutFunctionConcurrency", { FunctionName: "reconcile", ReservedConcurrentExecutions: 2 });
    const first = [1, 2].map(() => world.call("Invoke", { FunctionName: "reconcile" }));
    await world.clock.advance(10);
    await expect(world.invoke("reconcile")).rejects.toMatchObject({
      name: "TooManyRequestsException",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    });
    expect(world.measured).toContainEqual({ name: "Throttles", value: 1 });
    await world.clock.advance(2000);
    await Promise.all(first);
    await world.invoke("reconcile");
    expect(world.statistics("reconcile")).toEqual({ coldStarts: 2, concurrent: 0, warm: 2 });
  });

  it("share what reservations leave of the account's concurrency", async () => {
    const world = lambdaRegion({ accountConcurrency: 102 });
    await world.create("reserved", () => 1);
    await world.create("reconcile", () => world.launcher.sleep(1000), { Timeout: 10 });
    await world.call("PutFunctionConcurrency", { FunctionName: "reserved", ReservedConcurrentExecutions: 2 });
    await expect(
      world.call("PutFunctionConcurrency", { FunctionName: "reconcile", ReservedConcurrentExecutions: 1 }),
    ).rejects.toThrow("below its minimum value of [100]");
    for (let count = 0; count < 100; count++) void world.call("Invoke", { FunctionName: "reconcile" });
    await world.clock.advance(10);
    await expect(world.invoke("reconcile")).rejects.toMatchObject({ Reason: "ConcurrentInvocationLimitExceeded" });
    expect((await world.invoke("reserved")).payload).toBe(1);
  });
});
