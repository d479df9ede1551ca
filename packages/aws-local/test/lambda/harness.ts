/** A region with SQS and Lambda, whose functions are handlers of the test, under virtual time. */
import type * as lambda from "@aws-sdk/client-lambda";
import { virtualClock } from "../../src/clock.ts";
import type { Metrics } from "../../src/region.ts";
import { createInProcessLauncher, type Handler } from "../../src/services/lambda/in-process.ts";
import { createLambda, type LambdaOptions } from "../../src/services/lambda/index.ts";
import { caller, policiesByName, sqsRegion } from "../sqs/harness.ts";

export const roleArn = "arn:aws:iam::123456789012:role/reconcile";

export function lambdaRegion(options: Partial<LambdaOptions> = {}) {
  const handlers = new Map<string, Handler>();
  const logs: string[] = [];
  const clock = virtualClock({ startAt: 1_700_000_000_000, settled: () => launcher.settled() });
  const launcher = createInProcessLauncher({ clock, handlers: (name) => handlers.get(name) });
  const sqs = sqsRegion(clock);
  const measured: { name: string; value: number }[] = [];
  const metrics: Metrics = { put: (_namespace, name, value) => void measured.push({ name, value }) };
  const embedded = createLambda(sqs.surroundings, {
    queues: sqs.queues,
    resourcePolicies: policiesByName,
    launcher,
    codeStore: (bucket, key) =>
      bucket === "bundles" ? { taskRoot: `/var/task/${key}`, codeSha256: "c2hh", codeSize: 1000 } : undefined,
    log: (_name, line) => void logs.push(line),
    metrics,
    ...options,
  });
  const call = caller<typeof lambda>(embedded.service);

  async function create(
    name: string,
    handler: Handler,
    settings: Partial<Parameters<typeof call<"CreateFunction">>[1]> = {},
  ): Promise<string> {
    handlers.set(name, handler);
    const { FunctionArn } = await call("CreateFunction", {
      FunctionName: name,
      Runtime: "nodejs24.x",
      Role: roleArn,
      Handler: "index.handler",
      Code: { S3Bucket: "bundles", S3Key: name },
      ...settings,
    });
    return FunctionArn ?? "";
  }

  /** Invokes and lets time pass until the answer is there. */
  async function invoke(name: string, payload: unknown = {}, traceHeader?: string) {
    const invoked = caller<typeof lambda>(embedded.service, traceHeader === undefined ? {} : { traceHeader });
    let answer: Awaited<ReturnType<typeof call<"Invoke">>> | undefined;
    let failure: unknown;
    invoked("Invoke", { FunctionName: name, Payload: JSON.stringify(payload), LogType: "Tail" }).then(
      (result) => {
        answer = result;
      },
      (error: unknown) => {
        failure = error;
      },
    );
    // A refusal needs no time of the clock, only a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advanceUntil(() => answer !== undefined || failure !== undefined, 3_600_000);
    if (failure !== undefined) throw failure;
    const text = Buffer.from(answer?.Payload ?? new Uint8Array()).toString();
    return { ...answer, payload: JSON.parse(text) as unknown };
  }

  async function map(functionName: string, queueArn: string, settings: MappingSettings = {}): Promise<string> {
    const { UUID } = await call("CreateEventSourceMapping", {
      FunctionName: functionName,
      EventSourceArn: queueArn,
      ...settings,
    });
    return UUID ?? "";
  }

  return { ...embedded, clock, launcher, handlers, sqs, logs, measured, call, create, invoke, map };
}

type MappingSettings = Partial<
  Pick<
    lambda.CreateEventSourceMappingRequest,
    "BatchSize" | "MaximumBatchingWindowInSeconds" | "ScalingConfig" | "FunctionResponseTypes" | "Enabled"
  >
>;

export type LambdaRegion = ReturnType<typeof lambdaRegion>;
