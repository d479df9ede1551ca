/**
 * The door to the pool: recursion, throttling, then a run. Concurrency follows the developer guide ("Understanding
 * Lambda function scaling"): a reservation is a function's own share and its upper bound; the rest of the account's limit
 * is shared by the functions without one.
 */
import type { Metrics, Surroundings } from "../../region.ts";
import type { LambdaFunction } from "./function.ts";
import { enter } from "./lineage.ts";
import type { Pool } from "./pool.ts";
import type { FunctionRegistry } from "./registry.ts";
import type { Result } from "./work.ts";

/** limits-and-prices 1.3 */
export const accountLimit = 1000;

export interface InvocationAttempt {
  readonly payload: string;
  readonly traceHeader: string | undefined;
  readonly requestId?: string;
  readonly clientContext?: string | undefined;
}

export type Admission = "started" | "function throttled" | "account throttled" | "recursive";
export type Invoker = ReturnType<typeof createInvoker>;

export function createInvoker(
  surroundings: Surroundings,
  registry: FunctionRegistry,
  pool: Pool,
  options: { metrics?: Metrics | undefined; accountConcurrency?: number | undefined },
) {
  const { clock, random } = surroundings;
  const limit = options.accountConcurrency ?? accountLimit;

  /** Starts the invocation, or says why not; `done` is called later, and only if it started. */
  function invoke(target: LambdaFunction, attempt: InvocationAttempt, done: (result: Result) => void): Admission {
    const trace = enter(attempt.traceHeader, target.arn, { now: clock.now(), random });
    if (trace.isLoop && target.recursiveLoop === "Terminate") {
      options.metrics?.put("AWS/Lambda", "RecursiveInvocationsDropped", 1, { FunctionName: target.name });
      return "recursive";
    }
    const throttled = throttling(target);
    if (throttled !== undefined) {
      options.metrics?.put("AWS/Lambda", "Throttles", 1, { FunctionName: target.name });
      return throttled;
    }
    pool.run(
      target,
      {
        requestId: attempt.requestId ?? random.uuid(),
        payload: attempt.payload,
        traceHeader: trace.header,
        clientContext: attempt.clientContext,
      },
      done,
    );
    return "started";
  }

  function throttling(target: LambdaFunction): "function throttled" | "account throttled" | undefined {
    if (target.reservedConcurrency !== undefined)
      return pool.concurrent(target) >= target.reservedConcurrency ? "function throttled" : undefined;
    let shared = 0;
    for (const other of registry.all()) if (other.reservedConcurrency === undefined) shared += pool.concurrent(other);
    return shared >= unreserved() ? "account throttled" : undefined;
  }

  /** What is left for functions without a reservation, if `except` had none. */
  function unreserved(except?: LambdaFunction): number {
    let reserved = 0;
    for (const other of registry.all()) if (other !== except) reserved += other.reservedConcurrency ?? 0;
    return limit - reserved;
  }

  return { invoke, unreserved, limit };
}
