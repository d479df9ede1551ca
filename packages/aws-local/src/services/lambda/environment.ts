/**
 * An execution environment: where a function's code lives between invocations. The pool talks to it by this interface
 * only, so that functions run in child processes behind a Runtime API, or in this process under virtual time.
 */

export interface EnvironmentLauncher {
  /** Starts an environment; what becomes of it is told to `observer`, never thrown. */
  launch(specification: EnvironmentSpecification, observer: EnvironmentObserver): ExecutionEnvironment;
}

export interface EnvironmentSpecification {
  readonly functionName: string;
  /** As configured: `index.handler`. */
  readonly handler: string;
  /** The folder that the code package unpacks to: `LAMBDA_TASK_ROOT`. */
  readonly taskRoot: string;
  /** In MB. */
  readonly memorySize: number;
  /** All environment variables that Lambda gives, the function's own included. */
  readonly variables: Readonly<Record<string, string>>;
  /** One line of the function's standard output or standard error. */
  readonly log: (line: string) => void;
}

export interface ExecutionEnvironment {
  /** Hands over one event. Only after `initialised`, and only one at a time. */
  invoke(invocation: Invocation): void;
  /** Ends it at once, whatever it does; nothing is observed any more. */
  kill(): void;
}

/** Callbacks rather than promises: all that follows from an answer has happened when the callback returns. */
export interface EnvironmentObserver {
  initialised(): void;
  /** The handler could not be loaded. */
  initFailed(failure: FunctionFailure): void;
  answered(answer: Answer): void;
  /** The process ended by itself: `exit status 1`, `signal: killed`. */
  exited(reason: string): void;
}

export interface Invocation {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  readonly functionArn: string;
  /** Milliseconds since the epoch, in the region's time. */
  readonly deadline: number;
  readonly traceHeader: string;
  /** Base64 of JSON, as the caller of Invoke gave it. */
  readonly clientContext: string | undefined;
}

export type Answer =
  | { readonly kind: "response"; readonly payload: string }
  | { readonly kind: "error"; readonly failure: FunctionFailure };

/** What a caller gets for a payload when the function failed. */
export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** As the runtime client of Node reports a thrown value. */
export function failureOf(thrown: unknown): FunctionFailure {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split("\n") ?? [] };
}
