/**
 * What runs inside a function's process: loads the handler, then asks the Runtime API (2018-06-01) for one event after
 * the other. Plain JavaScript without dependencies, because every cold start pays for what this file loads.
 *
 * Unlike on AWS, the process is not frozen between events: a timer that a handler leaves behind goes on.
 */
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let requestId;
let isInitialised = false;

endWithParent();
process.on("uncaughtException", (error) => giveUp(failureOf(error), 129));
process.on("unhandledRejection", (reason) =>
  giveUp({ ...failureOf(reason), errorType: "Runtime.UnhandledPromiseRejection", errorMessage: String(reason) }, 128),
);

const handler = await load(process.env._HANDLER ?? "").catch((error) => giveUp(failureOf(error), 1));
isInitialised = true;
for (;;) await serve(await call("GET", "/invocation/next"));

/** The other end of descriptor 3 closes when the parent ends, however it ends. */
function endWithParent() {
  const lifeline = new Socket({ fd: 3 });
  lifeline.on("error", () => process.exit(1));
  lifeline.on("close", () => process.exit(1));
  lifeline.resume();
  lifeline.unref();
}

async function load(name) {
  const dot = name.lastIndexOf(".");
  if (dot <= 0) throw named("Runtime.MalformedHandlerName", "Bad handler");
  const module = name.slice(0, dot);
  const path = [".mjs", ".js", ".cjs"]
    .map((end) => join(process.env.LAMBDA_TASK_ROOT ?? "", module + end))
    .find(existsSync);
  if (path === undefined) throw named("Runtime.ImportModuleError", `Error: Cannot find module '${module}'`);
  const loaded = await importOrExplain(path);
  const found = loaded[name.slice(dot + 1)] ?? loaded.default?.[name.slice(dot + 1)];
  if (typeof found === "function") return found;
  throw named("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
}

async function importOrExplain(path) {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw named("Runtime.UserCodeSyntaxError", String(error));
    throw error;
  }
}

async function serve({ headers, body }) {
  requestId = headers["lambda-runtime-aws-request-id"];
  // The SDK's recursion detection reads it and sends it along.
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
  let path = "response";
  let answer;
  try {
    answer = JSON.stringify((await handler(JSON.parse(body), contextOf(headers))) ?? null);
  } catch (error) {
    path = "error";
    answer = JSON.stringify(failureOf(error));
  }
  await call("POST", `/invocation/${requestId}/${path}`, answer);
  requestId = undefined;
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const clientContext = headers["lambda-runtime-client-context"];
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    ...(clientContext !== undefined && { clientContext: JSON.parse(clientContext) }),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function call(method, path, body) {
  return new Promise((resolve) => {
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ host, port, agent, method, path: `/2018-06-01/runtime${path}`, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString("utf8") }));
    });
    // Without its API a runtime has nobody to work for.
    sent.on("error", () => process.exit(1));
    sent.end(body);
  });
}

/** Says why, then ends the process: the next invocation gets a new one. Between two events nobody asks why. */
async function giveUp(failure, exitCode) {
  const path = requestId === undefined ? "/init/error" : `/invocation/${requestId}/error`;
  if (requestId !== undefined || !isInitialised) await call("POST", path, JSON.stringify(failure));
  process.exit(exitCode);
}

function failureOf(thrown) {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split("\n") ?? [] };
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}
