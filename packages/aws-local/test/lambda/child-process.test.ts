import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as lambda from "@aws-sdk/client-lambda";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { createChildProcessLauncher } from "../../src/services/lambda/child-process.ts";
import { createLambda, type LambdaOptions } from "../../src/services/lambda/index.ts";
import { caller, policiesByName, sqsRegion } from "../sqs/harness.ts";
import { roleArn } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-"));
const opened: { stop(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Real time and real processes; each function is one file without a bundle. */
function realRegion(options: Partial<LambdaOptions> = {}, execArgv: readonly string[] = []) {
  const clock = realClock();
  const { queues, surroundings } = sqsRegion();
  const lines: string[] = [];
  const embedded = createLambda(
    { ...surroundings, clock },
    {
      queues,
      resourcePolicies: policiesByName,
      launcher: createChildProcessLauncher({ execArgv }),
      codeStore: (_bucket, key) => ({ taskRoot: join(folder, key), codeSha256: "", codeSize: 1 }),
      log: (_name, line) => void lines.push(line),
      ...options,
    },
  );
  opened.push(embedded, clock);
  const call = caller<typeof lambda>(embedded.service);

  async function create(code: string, settings: object = {}): Promise<string> {
    const name = `f${createHash("sha256").update(code).digest("hex").slice(0, 12)}`;
    const directory = mkdtempSync(join(folder, name));
    writeFileSync(join(directory, "index.mjs"), code);
    await call("CreateFunction", {
      FunctionName: name,
      Role: roleArn,
      Handler: "index.handler",
      Code: { S3Bucket: "bundles", S3Key: directory.slice(folder.length + 1) },
      Timeout: 20,
      ...settings,
    });
    return name;
  }

  async function invoke(name: string, payload: unknown = {}) {
    const answer = await call("Invoke", { FunctionName: name, Payload: JSON.stringify(payload), LogType: "Tail" });
    return {
      error: answer.FunctionError,
      payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as unknown,
      log: Buffer.from(answer.LogResult ?? "", "base64").toString(),
    };
  }

  return { ...embedded, create, invoke, lines };
}

describe("an execution environment in a child process", () => {
  it("takes and gives JSON, and stays warm for the next invocation", async () => {
    const world = realRegion();
    const name = await world.create(
      "let count = 0; export const handler = async (event) => ({ twice: event.value * 2, count: ++count });",
    );
    expect((await world.invoke(name, { value: 21 })).payload).toEqual({ twice: 42, count: 1 });
    expect((await world.invoke(name, { value: 1 })).payload).toEqual({ twice: 2, count: 2 });
    expect(world.statistics(name).coldStarts).toBe(1);
  });

  it("runs one invocation at a time in each environment", async () => {
    const world = realRegion();
    const name = await world.create(
      "export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid; };",
    );
    const answers = await Promise.all([world.invoke(name), world.invoke(name)]);
    expect(new Set(answers.map(({ payload }) => payload)).size).toBe(2);
    expect(world.statistics(name).coldStarts).toBe(2);
  });

  it("gives the variables of Lambda and of the function, and nothing of the developer's environment", async () => {
    const world = realRegion({
      credentialsFor: (role, session) => ({ accessKeyId: "ASIA1", secretAccessKey: role, sessionToken: session }),
    });
    const name = await world.create("export const handler = async () => ({ env: process.env, cwd: process.cwd() });", {
      Environment: { Variables: { SITE: "moodle", AWS_ENDPOINT_URL: "http://127.0.0.1:4566" } },
    });
    const { env, cwd } = (await world.invoke(name)).payload as { env: Record<string, string>; cwd: string };
    expect(env).toEqual({
      SITE: "moodle",
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      _HANDLER: "index.handler",
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:0$/,
      ),
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      LAMBDA_TASK_ROOT: cwd,
      TZ: ":UTC",
      LANG: "en_US.UTF-8",
      AWS_ACCESS_KEY_ID: "ASIA1",
      AWS_SECRET_ACCESS_KEY: roleArn,
      AWS_SESSION_TOKEN: name,
    });
  });

  it("reports a thrown error with type, message and trace, and stays warm", async () => {
    const world = realRegion();
    const name = await world.create("export const handler = async () => { throw new TypeError('no such node'); };");
    const answer = await world.invoke(name);
    expect(answer.error).toBe("Unhandled");
    expect(answer.payload).toEqual({
      errorType: "TypeError",
      errorMessage: "no such node",
      trace: expect.arrayContaining(["TypeError: no such node"]),
    });
    await world.invoke(name);
    expect(world.statistics(name).coldStarts).toBe(1);
  });

  it("kills a function that runs into its time-out, also one that never yields", async () => {
    const world = realRegion();
    const name = await world.create("export const handler = async (event) => { while (event.loop); return 'done'; };", {
      Timeout: 1,
    });
    const answer = await world.invoke(name, { loop: true });
    expect(answer.payload).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
    });
    expect((await world.invoke(name)).payload).toBe("done");
    expect(world.statistics(name).coldStarts).toBe(2);
  });

  it("answers Runtime.ExitError when the process ends", async () => {
    const world = realRegion();
    const name = await world.create("export const handler = async ({ code }) => process.exit(code);");
    expect((await world.invoke(name, { code: 3 })).payload).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 3$/),
    });
    expect((await world.invoke(name, { code: 0 })).payload).toMatchObject({
      errorMessage: expect.stringMatching(/Error: Runtime exited without providing a reason$/),
    });
  });

  it("answers Runtime.ExitError when it is killed from outside in the middle of an invocation", async () => {
    const world = realRegion();
    const name = await world.create(
      "export const handler = async () => { console.log('begun'); await new Promise((r) => setTimeout(r, 15000)); };",
    );
    const answer = world.invoke(name);
    await expect.poll(() => world.lines).toContain("begun");
    world.kill(name);
    expect((await answer).payload).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Runtime exited with error: signal: killed$/),
    });
  });

  it("ends a function that outgrows its memory", async () => {
    const world = realRegion();
    const name = await world.create(
      "export const handler = async () => { const kept = []; for (;;) kept.push(new Array(1e5).fill({})); };",
    );
    expect((await world.invoke(name)).payload).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringContaining("signal: aborted"),
    });
  });

  it("answers an unhandled rejection, and ends", async () => {
    const world = realRegion();
    const name = await world.create(
      "export const handler = async () => { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 5000)); };",
    );
    expect((await world.invoke(name)).payload).toMatchObject({
      errorType: "Runtime.UnhandledPromiseRejection",
      errorMessage: "Error: lost",
    });
    await expect.poll(() => world.statistics(name).warm).toBe(0);
  });

  it.each([
    ["throws while loading", "throw new RangeError('bad setting'); export const handler = 1;", "RangeError"],
    ["does not export the handler", "export const other = async () => 1;", "Runtime.HandlerNotFound"],
    ["is no JavaScript", "export const handler = (;", "Runtime.UserCodeSyntaxError"],
  ])("answers the init error of a module that %s", async (_case, code, errorType) => {
    const world = realRegion();
    const name = await world.create(code);
    const answer = await world.invoke(name);
    expect(answer).toMatchObject({ error: "Unhandled", payload: { errorType } });
    await world.invoke(name);
    expect(world.statistics(name).coldStarts).toBe(2);
  });

  it("answers Runtime.ImportModuleError when the handler's file is missing", async () => {
    const world = realRegion();
    const name = await world.create("export const handler = async () => 1;", { Handler: "other.handler" });
    expect((await world.invoke(name)).payload).toMatchObject({
      errorType: "Runtime.ImportModuleError",
      errorMessage: "Error: Cannot find module 'other'",
    });
  });

  it("has what the function printed in the log between Lambda's own lines", async () => {
    const world = realRegion();
    const name = await world.create(
      "export const handler = async () => { console.log('out'); console.error('err'); };",
    );
    const { log } = await world.invoke(name);
    expect(log.split("\n").map((line) => line.split(/[ \t]/)[0])).toEqual(
      expect.arrayContaining(["START", "out", "err", "END", "REPORT"]),
    );
    expect(world.lines).toEqual(expect.arrayContaining(["out", "err"]));
  });

  it("passes more arguments to Node, as for a module loaded before the function", async () => {
    const preload = join(folder, "preload.mjs");
    writeFileSync(preload, "globalThis.preloaded = 'yes';");
    const world = realRegion({}, ["--import", preload]);
    const name = await world.create("export const handler = async () => globalThis.preloaded;");
    expect((await world.invoke(name)).payload).toBe("yes");
  });

  it("lets the SDK find the endpoint and credentials, and pass the trace header on", async () => {
    const received: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      received.push(request.headers);
      response.end("{}");
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve(portOf(server)));
    });
    opened.push({ stop: () => void server.close() });
    const world = realRegion({
      credentialsFor: () => ({ accessKeyId: "ASIA1", secretAccessKey: "secret", sessionToken: "token" }),
    });
    const name = await world.create(
      `import { ListQueuesCommand, SQSClient } from "${import.meta.resolve("@aws-sdk/client-sqs")}";
      export const handler = async () => {
        await new SQSClient().send(new ListQueuesCommand());
        return process.env._X_AMZN_TRACE_ID;
      };`,
      { Environment: { Variables: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` } } },
    );
    const { payload } = await world.invoke(name);
    expect(received[0]).toMatchObject({
      "x-amzn-trace-id": payload,
      "x-amz-security-token": "token",
      authorization: expect.stringContaining("Credential=ASIA1/"),
    });
  });

  it("ends with its parent when that is killed, an invocation under way or not", async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("./parent.ts", import.meta.url)), folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const children = await pidsPrintedBy(parent);
    expect(children).toHaveLength(2);
    expect(children.every(isRunning)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => children.filter(isRunning), { timeout: 5000 }).toEqual([]);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function pidsPrintedBy(parent: ChildProcess): Promise<number[]> {
  let text = "";
  for await (const chunk of parent.stdout ?? []) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return (JSON.parse(text) as number[]).map(Number);
}

/** A process that nobody has waited for yet (state Z) is dead all the same. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
