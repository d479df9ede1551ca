import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { afterEach, expect, it } from "vitest";
import { embeddedService } from "../../src/service.ts";
import { type ListeningRouter, listen, userCredentials } from "../../src/wire/index.ts";
import { harness, refusalOf } from "./harness.ts";

const open: ListeningRouter[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.close()));
});

async function listening(port = 0): Promise<ListeningRouter> {
  const services = [
    embeddedService(sqs, "sqs", {
      ListQueues: () => ({ QueueUrls: ["urgent"] }),
      /** A long poll that nothing ends. */
      ReceiveMessage: () => new Promise<never>(() => {}),
    }),
    embeddedService(s3, "s3", {
      PutObject: ({ Key }) => ({ ETag: Key }),
      HeadObject: () => ({ ContentLength: 4711 }),
    }),
  ];
  const made = await listen(harness(services).router, { port });
  open.push(made);
  return made;
}

const config = ({ endpoint }: ListeningRouter) => ({ endpoint, region: "eu-west-1", credentials: userCredentials });

it("serves any SDK client on the loopback address only", async () => {
  const server = await listening();
  expect(server.endpoint).toBe(`http://127.0.0.1:${server.port}`);
  const client = new sqs.SQSClient(config(server));
  expect((await client.send(new sqs.ListQueuesCommand({}))).QueueUrls).toEqual(["urgent"]);
  client.destroy();
});

it("keeps keys as they were sent, and the length that a HEAD tells", async () => {
  const server = await listening();
  const client = new s3.S3Client({ ...config(server), forcePathStyle: true });
  const stored = await client.send(new s3.PutObjectCommand({ Bucket: "warden", Key: "a/../b?c", Body: "x" }));
  expect(stored.ETag).toBe("a/../b?c");
  const head = await client.send(new s3.HeadObjectCommand({ Bucket: "warden", Key: "x" }));
  expect(head.ContentLength).toBe(4711);
  client.destroy();
});

it("rejects with Node's error where the port is taken", async () => {
  const { port } = await listening();
  await expect(listening(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
});

it("frees the port when it closes, though a client still waits for its answer", async () => {
  const first = await listening();
  const client = new sqs.SQSClient({ ...config(first), maxAttempts: 1 });
  await client.send(new sqs.ListQueuesCommand({}));
  const QueueUrl = `${first.endpoint}/000000000000/urgent`;
  const polling = refusalOf(client.send(new sqs.ReceiveMessageCommand({ QueueUrl })));
  await client.send(new sqs.ListQueuesCommand({}));
  await first.close();
  expect((await polling).message).toMatch(/socket hang up|ECONNRESET/);
  open.length = 0;
  expect((await listening(first.port)).port).toBe(first.port);
  client.destroy();
});
