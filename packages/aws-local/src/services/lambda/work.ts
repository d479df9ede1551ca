/** What an environment is given to do, what becomes of it, and the failures that are Lambda's own words. */
import type { FunctionFailure } from "./environment.ts";

export interface Work {
  readonly requestId: string;
  readonly payload: string;
  readonly traceHeader: string;
  readonly clientContext?: string | undefined;
}

export interface Result {
  readonly requestId: string;
  /** JSON: what the function returned, or the failure. */
  readonly payload: string;
  readonly failure: FunctionFailure | undefined;
  /** The last 4 KB of the log. */
  readonly logTail: string;
}

/** limits-and-prices 1.3: 6 MB, sync payload; AWS adds 100 bytes for its own envelope. */
const largestResponse = 6_291_556;

export const isTooLarge = (payload: string): boolean => Buffer.byteLength(payload) > largestResponse;

export const responseTooLarge = (payload: string): FunctionFailure => ({
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size (${Buffer.byteLength(payload)} bytes) exceeded maximum allowed payload size (6291556 bytes).`,
});

export const timedOut = (work: Work, limit: number): FunctionFailure => ({
  errorType: "Sandbox.Timedout",
  errorMessage: `RequestId: ${work.requestId} Error: Task timed out after ${(limit / 1000).toFixed(2)} seconds`,
});

/** `reason` as the launcher tells it: `exit status 1`, `signal: killed`. */
export function exitError(requestId: string, reason: string): FunctionFailure {
  const what =
    reason === "exit status 0" ? "Runtime exited without providing a reason" : `Runtime exited with error: ${reason}`;
  return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${what}` };
}
