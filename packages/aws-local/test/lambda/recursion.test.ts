import type { SQSEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/random.ts";
import { currentInvocation } from "../../src/services/lambda/in-process.ts";
import { enter } from "../../src/services/lambda/lineage.ts";
import { arnOf } from "../sqs/harness.ts";
import { type LambdaRegion, lambdaRegion } from "./harness.ts";

/** Sends as an SDK inside the function does: with the trace header of its invocation. */
function sendAgain(world: LambdaRegion, url: string, body: string): void {
  const traceHeader = currentInvocation()?.traceHeader ?? "";
  world.sqs.service.operations["SendMessage"]?.({ QueueUrl: url, MessageBody: body, DelaySeconds: 1 } as never, {
    principal: { kind: "user" },
    requestId: "",
    traceHeader,
  });
}

async function loop(isTold: boolean) {
  const world = lambdaRegion();
  const url = await world.sqs.queue("lane");
  const seen: string[] = [];
  await world.create("reconcile", (event) => {
    for (const record of (event as SQSEvent).Records) {
      seen.push(record.body);
      if (isTold) sendAgain(world, url, record.body);
      else world.sqs.queues.send(arnOf("lane"), record.body, "someone else");
    }
  });
  await world.map("reconcile", arnOf("lane"));
  return { ...world, url, seen };
}

describe("recursive loop detection", () => {
  it("stops a chain SQS → Lambda → SQS after 16 invocations (Lambda developer guide)", async () => {
    const world = await loop(true);
    await world.sqs.send(world.url, "key");
    await world.clock.advance(60_000);
    expect(world.seen).toHaveLength(16);
    expect(world.measured).toContainEqual({ name: "RecursiveInvocationsDropped", value: 1 });
    expect(await world.sqs.counts(world.url)).toMatchObject({ visible: 0, inFlight: 1 });
  });

  it("counts each chain for itself", async () => {
    const world = await loop(true);
    for (const body of ["a", "b"]) {
      await world.sqs.send(world.url, body);
      await world.clock.advance(500);
    }
    await world.clock.advance(60_000);
    for (const body of ["a", "b"]) expect(world.seen.filter((seen) => seen === body)).toHaveLength(16);
  });

  it("lets the chain end in the source queue's dead-letter queue", async () => {
    const world = await loop(true);
    const dead = await world.sqs.queue("dead");
    await world.sqs.call("SetQueueAttributes", {
      QueueUrl: world.url,
      Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 }) },
    });
    await world.sqs.send(world.url, "key");
    await world.clock.advance(180_000);
    expect(await world.sqs.counts(dead)).toMatchObject({ visible: 1 });
    expect(world.seen).toHaveLength(16);
  });

  it("does not see a chain whose messages carry no trace header", async () => {
    const world = await loop(false);
    await world.sqs.send(world.url, "key");
    await world.clock.advance(60_000);
    expect(world.seen.length).toBeGreaterThan(100);
  });

  it("is switched off by PutFunctionRecursionConfig", async () => {
    const world = await loop(true);
    await world.call("PutFunctionRecursionConfig", { FunctionName: "reconcile", RecursiveLoop: "Allow" });
    await world.sqs.send(world.url, "key");
    await world.clock.advance(60_000);
    expect(world.seen.length).toBeGreaterThan(30);
  });

  it("answers RecursiveInvocationException to a synchronous call in a loop", async () => {
    const world = lambdaRegion();
    const arn = await world.create("reconcile", () => 1);
    const given = { now: 0, random: seededRandom(1) };
    let header: string | undefined;
    for (let count = 0; count < 16; count++) header = enter(header, arn, given).header;
    await expect(world.invoke("reconcile", {}, header)).rejects.toMatchObject({ name: "RecursiveInvocationException" });
  });

  it("keeps root and sampling of a header, and the counts of other functions", () => {
    const given = { now: 1_700_000_000_000, random: seededRandom(1) };
    const { header } = enter(
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:5",
      "arn",
      given,
    );
    expect(header).toMatch(
      /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[0-9a-f]{16};Sampled=1;Lineage=a87bd80c:5\|[0-9a-f]{8}:0$/,
    );
  });
});
