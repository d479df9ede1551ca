/** The log of one invocation: Lambda's own START, END and REPORT lines around what the function prints. */
import type { FunctionFailure } from "./environment.ts";

export interface InvocationLog {
  /** `initDuration` in milliseconds, for a cold start. */
  start(requestId: string, initDuration: number | undefined): void;
  line(line: string): void;
  failure(requestId: string, failure: FunctionFailure): void;
  end(requestId: string, duration: number, memorySize: number): void;
  /** The last 4 KB (Invoke, LogType Tail). */
  tail(): string;
}

const tailSize = 4096;

export function createInvocationLog(write: (line: string) => void): InvocationLog {
  let text = "";
  let init = "";

  function line(content: string): void {
    write(content);
    text = `${text}${content}\n`.slice(-tailSize);
  }

  return {
    line,
    start(requestId, initDuration) {
      if (initDuration !== undefined) init = `\tInit Duration: ${initDuration.toFixed(2)} ms`;
      line(`START RequestId: ${requestId} Version: $LATEST`);
    },
    failure(requestId, failure) {
      line(`${requestId} ${failure.errorType}: ${failure.errorMessage}`);
    },
    end(requestId, duration, memorySize) {
      line(`END RequestId: ${requestId}`);
      line(
        `REPORT RequestId: ${requestId}\tDuration: ${duration.toFixed(2)} ms\tBilled Duration: ${Math.ceil(duration)} ms\tMemory Size: ${memorySize} MB${init}`,
      );
    },
    tail: () => text,
  };
}
