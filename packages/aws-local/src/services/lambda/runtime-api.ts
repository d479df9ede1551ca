/**
 * The Lambda Runtime API (version 2018-06-01) of one execution environment, on a loopback port of its own: so it never has to
 * guess which process asks, and any runtime client for this API works with it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { EnvironmentObserver, FunctionFailure, Invocation } from "./environment.ts";

export interface RuntimeApi {
  /** Resolves with `127.0.0.1:<port>`. */
  listen(): Promise<string>;
  invoke(invocation: Invocation): void;
  close(): void;
}

export function createRuntimeApi(observer: EnvironmentObserver): RuntimeApi {
  let isInitialised = false;
  /** The runtime's open request for the next event. */
  let open: ServerResponse | undefined;
  /** An event that came before the runtime asked for it: a runtime asks again only after its answer was taken. */
  let early: Invocation | undefined;
  let current: string | undefined;

  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => handle(request, response, body));
  });
  // A runtime may wait for its next event as long as it likes.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 0;

  function handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const path = (request.url ?? "").replace("/2018-06-01/runtime", "");
    const answer = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path);
    if (request.method === "GET" && path === "/invocation/next") next(response);
    else if (request.method === "POST" && path === "/init/error") initFailed(response, body);
    else if (request.method === "POST" && answer !== null) answered(response, answer[1], answer[2] === "error", body);
    else reply(response, 404, { errorType: "NotFound", errorMessage: path });
  }

  function next(response: ServerResponse): void {
    open = response;
    if (early !== undefined) {
      const invocation = early;
      early = undefined;
      hand(invocation, response);
    } else if (!isInitialised) {
      isInitialised = true;
      observer.initialised();
    }
  }

  function hand(invocation: Invocation, response: ServerResponse): void {
    open = undefined;
    current = invocation.requestId;
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": invocation.requestId,
      "lambda-runtime-deadline-ms": String(Math.round(invocation.deadline)),
      "lambda-runtime-invoked-function-arn": invocation.functionArn,
      "lambda-runtime-trace-id": invocation.traceHeader,
      ...(invocation.clientContext !== undefined && {
        "lambda-runtime-client-context": Buffer.from(invocation.clientContext, "base64").toString("latin1"),
      }),
    });
    response.end(invocation.payload);
  }

  function initFailed(response: ServerResponse, body: string): void {
    reply(response, 202, { status: "OK" });
    later(() => observer.initFailed(failureFrom(body)));
  }

  function answered(response: ServerResponse, requestId: string | undefined, isError: boolean, body: string): void {
    if (requestId === undefined || requestId !== current) {
      reply(response, 400, { errorType: "InvalidRequestID", errorMessage: "Invalid request ID" });
      return;
    }
    current = undefined;
    reply(response, 202, { status: "OK" });
    later(() =>
      observer.answered(
        isError
          ? { kind: "error", failure: failureFrom(body) }
          : { kind: "response", payload: body === "" ? "null" : body },
      ),
    );
  }

  return {
    listen: () =>
      new Promise((resolve) => {
        server.listen(0, "127.0.0.1", () => {
          const address = server.address();
          resolve(`127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
        });
      }),
    invoke(invocation) {
      if (open === undefined) early = invocation;
      else hand(invocation, open);
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What the function printed before it answered lies in its pipe by now and is read in this turn of the event loop. */
const later = (task: () => void): void => void setImmediate(task);

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function failureFrom(body: string): FunctionFailure {
  const reported: unknown = parsed(body);
  if (typeof reported !== "object" || reported === null) return { errorType: "Runtime.Unknown", errorMessage: body };
  const trace = "trace" in reported && Array.isArray(reported.trace) ? reported.trace.map(String) : [];
  return {
    errorType: "errorType" in reported ? String(reported.errorType) : "Error",
    errorMessage: "errorMessage" in reported ? String(reported.errorMessage) : "",
    trace,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
