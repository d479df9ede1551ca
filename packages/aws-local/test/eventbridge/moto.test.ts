/**
 * The same rules, queues and events put to moto, a stand-in for AWS by other authors: does each pattern deliver the
 * same events to SQS there as here?
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { SQS } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { world } from "./neighbours.ts";

const available = spawnSync("python3", ["-c", "import moto.server"]).status === 0;
if (!available) console.warn("EventBridge is not compared with moto: python3 has no moto.server");

const events: readonly object[] = [
  { state: "ALARM", name: "cpu-high", count: 3, ip: "10.0.0.7", zone: { id: "a" }, tags: ["x", "y"] },
  { state: "OK", name: "disk", count: 0, ip: "10.0.1.7", zone: { id: "b" }, tags: ["z"] },
  { state: "INSUFFICIENT_DATA", name: "CPU-low", count: 7.5, zone: {}, tags: ["y"], extra: null },
  { name: "", count: -2, tags: [] },
];

const patterns: readonly object[] = [
  { state: ["ALARM"] },
  { state: ["ALARM", "OK"] },
  { state: [{ prefix: "IN" }] },
  { name: [{ suffix: "-high" }] },
  { name: [{ "equals-ignore-case": "cpu-LOW" }] },
  { name: [""] },
  { count: [3] },
  { count: [{ numeric: [">", 0, "<=", 5] }] },
  { count: [{ numeric: ["<", 0] }] },
  { count: [{ numeric: ["=", 7.5] }] },
  { zone: { id: ["a", "b"] } },
  { zone: { id: [{ exists: true }] } },
  { state: [{ exists: false }] },
  { tags: ["y"] },
  { tags: ["z", "x"] },
  { state: [{ "anything-but": "OK" }], name: [{ exists: true }] },
  { state: [{ "anything-but": ["OK", "ALARM"] }] },
  { state: [{ "anything-but": { prefix: "A" } }] },
  { name: [{ wildcard: "c*-h*" }] },
  { $or: [{ state: ["OK"] }, { count: [{ numeric: [">", 7] }] }] },
  { state: ["ALARM"], zone: { id: ["b"] } },
];

describe.runIf(available)("pattern delivery to SQS, compared with moto", () => {
  let server: ChildProcess | undefined;
  let options: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

  beforeAll(async () => {
    const port = await freePort();
    server = spawn("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    options = {
      endpoint: `http://127.0.0.1:${port}`,
      region: "eu-west-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    await listening(server);
  }, 60_000);

  afterAll(() => {
    server?.kill();
  });

  it("delivers the same events for every pattern that moto knows", async () => {
    const theirs = await deliveredByMoto();
    const ours = await deliveredHere();
    const named = (delivered: readonly number[][]) => patterns.map((pattern, index) => [pattern, delivered[index]]);
    expect(named(ours)).toEqual(named(theirs));
  }, 60_000);

  /** Which events each pattern let through, by their index. */
  async function deliveredByMoto(): Promise<number[][]> {
    const bridge = new EventBridge({ ...options, maxAttempts: 1 });
    const sqs = new SQS({ ...options, maxAttempts: 1 });
    const queues: string[] = [];
    for (const [index, pattern] of patterns.entries()) {
      const { QueueUrl = "" } = await sqs.createQueue({ QueueName: `q${index}` });
      queues.push(QueueUrl);
      await bridge.putRule({ Name: `r${index}`, EventPattern: JSON.stringify({ detail: pattern }) });
      const Arn = `arn:aws:sqs:eu-west-1:123456789012:q${index}`;
      await bridge.putTargets({ Rule: `r${index}`, Targets: [{ Id: "1", Arn }] });
    }
    await bridge.putEvents({ Entries: entries() });
    return Promise.all(
      queues.map(async (QueueUrl) => {
        const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
        return Messages.map(({ Body = "" }) => indexOf(Body)).sort((one, other) => one - other);
      }),
    );
  }

  async function deliveredHere(): Promise<number[][]> {
    const { rule, events: bridge, clock, delivered } = world();
    const queue = (index: number): string => `arn:aws:sqs:eu-west-1:123456789012:q${index}`;
    for (const [index, pattern] of patterns.entries())
      await rule(`r${index}`, { detail: pattern }, { Arn: queue(index) });
    await bridge.PutEvents({ Entries: entries() });
    await clock.advance(1000);
    return patterns.map((_, index) =>
      delivered.filter(({ arn }) => arn === queue(index)).map(({ body }) => indexOf(body)),
    );
  }

  const entries = () =>
    events.map((detail, index) => ({
      Source: "test",
      DetailType: "Test",
      Detail: JSON.stringify({ ...detail, index }),
    }));
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Moto tells on its error output when it listens. */
function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`moto ended with status ${code}`)));
    server.stderr?.on("data", (text: Buffer) => {
      if (text.includes("Running on")) resolve();
    });
  });
}

const indexOf = (body: string): number => JSON.parse(body).detail.index;
