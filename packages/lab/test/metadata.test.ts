/** The instance metadata as `forward.ts` brings callers to it: by a socket, with the caller's address in a first line. */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstanceMetadata } from "@warden/aws-local/region";
import { metadataService } from "@warden/lab/metadata";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "warden-metadata-"));
const socketPath = join(folder, "metadata.sock");
const metadata: InstanceMetadata = {};
const credentials = { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" };
const service = metadataService(socketPath, (address) =>
  address === "172.31.0.4" ? { instanceId: "i-0", roleName: "node", credentials, metadata } : undefined,
);
afterAll(() => {
  service.end();
  rmSync(folder, { recursive: true });
});

function ask(from: string, method: string, path: string, token?: string): Promise<[number | undefined, string]> {
  const socket = connect(socketPath);
  socket.write(`${from}\n`);
  const headers = token === undefined ? {} : { "X-aws-ec2-metadata-token": token };
  return new Promise((resolve, reject) => {
    const sent = request({ createConnection: () => socket, method, path, headers }, async (answer) => {
      let body = "";
      for await (const chunk of answer) body += String(chunk);
      resolve([answer.statusCode, body]);
    });
    sent.on("error", reject);
    sent.end();
  });
}
const tokenOf = async (from: string): Promise<string> => (await ask(from, "PUT", "/latest/api/token"))[1];
const read = async (from: string, path: string) => ask(from, "GET", `/latest/meta-data/${path}`, await tokenOf(from));

describe("the instance metadata", () => {
  it("wants a token, as version 2 does", async () => {
    expect((await ask("172.31.0.4", "GET", "/latest/meta-data/instance-id"))[0]).toBe(401);
  });

  it("tells each instance about itself, and a stranger nothing", async () => {
    expect(await read("172.31.0.4", "instance-id")).toEqual([200, "i-0"]);
    expect((await read("172.31.0.5", "instance-id"))[0]).toBe(404);
    const [, text] = await read("172.31.0.4", "iam/security-credentials/node");
    expect(JSON.parse(text)).toMatchObject({ AccessKeyId: "key", SecretAccessKey: "secret", Token: "token" });
  });

  it("has notices from the moment that there are some", async () => {
    expect((await read("172.31.0.4", "spot/instance-action"))[0]).toBe(404);
    metadata.spotAction = { action: "terminate", time: "2026-01-12T08:02:00Z" };
    metadata.targetLifecycleState = "Terminated";
    expect(await read("172.31.0.4", "spot/instance-action")).toEqual([200, JSON.stringify(metadata.spotAction)]);
    expect(await read("172.31.0.4", "autoscaling/target-lifecycle-state")).toEqual([200, "Terminated"]);
  });
});
