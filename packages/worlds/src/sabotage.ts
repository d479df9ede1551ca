/**
 * Breaks functions on purpose, in the middle of their work: how a test shows that a crash anywhere leads to the same
 * end. Only for functions that run inside this process.
 */
import { currentInvocation } from "@warden/aws-local/services/lambda/in-process";
import type { FunctionName } from "@warden/functions/catalogue";
import type { ClientOptions } from "./loop.ts";

/** `crash` kills the function's environments as `kill -9` would. */
export type Sabotage = (call: FunctionCall) => "crash" | undefined;

/** One call that a function makes, just before it leaves the process or just after its answer arrived. */
export interface FunctionCall {
  readonly functionName: FunctionName;
  /** As the SDK names it: `SendCommand`. */
  readonly operation: string;
  readonly body: string;
  readonly moment: "before" | "after";
}

interface Surroundings {
  readonly sabotage: Sabotage | undefined;
  readonly kill: () => void;
  /** Keeps virtual time from moving on while a call is under way, also when its function was killed meanwhile. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

interface RequestHandler<Answer> {
  handle(request: SdkRequest, given?: { readonly abortSignal?: unknown }): Promise<Answer>;
}

/**
 * The client of a function inside this process: it hands on the trace, by which Lambda finds loops, and a function that
 * was killed makes no more calls.
 */
export function functionClient<Answer, Handler extends RequestHandler<Answer>>(
  options: ClientOptions & { readonly requestHandler: Handler & RequestHandler<Answer> },
  functionName: FunctionName,
  { sabotage, kill, track }: Surroundings,
): ClientOptions {
  const { requestHandler } = options;

  async function handle(request: SdkRequest, given?: { readonly abortSignal?: unknown }): Promise<Answer> {
    const invocation = currentInvocation();
    const isDead = (): boolean => invocation?.isKilled === true;
    const crashes = (moment: FunctionCall["moment"]): boolean =>
      sabotage?.({ functionName, operation: operationOf(request), body: textOf(request.body), moment }) === "crash";

    if (isDead()) return never();
    if (crashes("before")) return die();
    if (invocation !== undefined) request.headers["x-amzn-trace-id"] = invocation.traceHeader;
    const answer = await track(requestHandler.handle(request, given));
    if (isDead()) return never();
    return crashes("after") ? die() : answer;
  }

  function die(): Promise<never> {
    kill();
    return never();
  }

  return { ...options, requestHandler: { ...requestHandler, handle } };
}

/** The dead do not go on. */
const never = (): Promise<never> => new Promise(() => {});

/** In a header for JSON, in the path for CBOR, in the body for the query protocol. */
function operationOf({ path, headers, body }: SdkRequest): string {
  const target = Object.entries(headers).find(([name]) => name.toLowerCase() === "x-amz-target")?.[1];
  const named = target?.split(".").at(-1) ?? /\/operation\/(\w+)/.exec(path)?.[1];
  return named ?? /Action=(\w+)/.exec(textOf(body))?.[1] ?? "";
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body ?? "");
}
