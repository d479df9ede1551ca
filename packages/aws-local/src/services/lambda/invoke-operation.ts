/** Invoke: synchronous, asynchronous, or only a check. */
import type * as lambda from "@aws-sdk/client-lambda";
import {
  InvalidRequestContentException,
  RecursiveInvocationException,
  RequestTooLargeException,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import type { Call } from "../../service.ts";
import type { createEventQueue } from "./asynchronous.ts";
import { notModelled } from "./errors.ts";
import type { LambdaFunction } from "./function.ts";
import type { Admission, Invoker } from "./invoker.ts";
import type { FunctionRegistry } from "./registry.ts";
import type { Result } from "./work.ts";

/** limits-and-prices 1.3: 6 MB synchronous, 1 MB asynchronous. */
const largest = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };

type InvokeInput = Omit<lambda.InvocationRequest, "FunctionName" | "Payload"> & {
  FunctionName: string;
  Payload?: unknown;
};

export function invokeOperation(
  registry: FunctionRegistry,
  invoker: Invoker,
  events: ReturnType<typeof createEventQueue>,
): (input: InvokeInput, call: Call) => Promise<Omit<lambda.InvokeCommandOutput, "$metadata">> {
  return async (input, call) => {
    if (input.TenantId !== undefined) throw notModelled("TenantId");
    if (input.DurableExecutionName !== undefined) throw notModelled("DurableExecutionName");
    const target = registry.need(input.FunctionName, input.Qualifier);
    const type = input.InvocationType ?? "RequestResponse";
    const payload = payloadOf(input.Payload, largest[type]);
    if (type === "DryRun") return { StatusCode: 204 };
    if (type === "Event") {
      events.accept(target, { payload, traceHeader: call.traceHeader, requestId: call.requestId });
      return { StatusCode: 202 };
    }
    const attempt = {
      payload,
      traceHeader: call.traceHeader,
      requestId: call.requestId,
      clientContext: input.ClientContext,
    };
    return answerOf(await run(invoker, target, attempt), input.LogType);
  };
}

function run(invoker: Invoker, target: LambdaFunction, attempt: Parameters<Invoker["invoke"]>[1]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const admission = invoker.invoke(target, attempt, resolve);
    if (admission !== "started") reject(refusal(admission));
  });
}

function refusal(admission: Exclude<Admission, "started">): Error {
  if (admission === "recursive")
    return new RecursiveInvocationException({
      Type: "User",
      message:
        "Lambda detected that your function is being invoked in a recursive loop with other AWS resources and stopped the invocation.",
      $metadata: {},
    });
  return new TooManyRequestsException({
    Type: "User",
    message: "Rate Exceeded.",
    Reason:
      admission === "function throttled"
        ? "ReservedFunctionConcurrentInvocationLimitExceeded"
        : "ConcurrentInvocationLimitExceeded",
    $metadata: {},
  });
}

function answerOf(result: Result, logType: string | undefined): Omit<lambda.InvokeCommandOutput, "$metadata"> {
  return {
    StatusCode: 200,
    ExecutedVersion: "$LATEST",
    Payload: Uint8ArrayBlobAdapter.fromString(result.payload),
    ...(result.failure !== undefined && { FunctionError: "Unhandled" }),
    ...(logType === "Tail" && { LogResult: Buffer.from(result.logTail).toString("base64") }),
  };
}

/** The body as JSON text; an absent one is an empty event. */
function payloadOf(given: unknown, most: number): string {
  const text = textOf(given);
  const size = Buffer.byteLength(text);
  if (size > most)
    throw new RequestTooLargeException({
      Type: "User",
      message: `Request must be smaller than ${most} bytes for the InvokeFunction operation`,
      $metadata: {},
    });
  if (text === "") return "{}";
  try {
    JSON.parse(text);
  } catch (error) {
    throw new InvalidRequestContentException({
      Type: "User",
      message: `Could not parse request body into json: ${error instanceof Error ? error.message : String(error)}`,
      $metadata: {},
    });
  }
  return text;
}

function textOf(given: unknown): string {
  if (given instanceof Uint8Array)
    return Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString("utf8");
  return typeof given === "string" ? given : "";
}
