/**
 * Breaks functions on purpose, in the middle of their work: how a test shows that a crash anywhere leads to the same
 * end. Only for functions that run inside this process.
 */
import { userCredentials } from "@warden/aws-local";
import { currentInvocation } from "@warden/aws-local/services/lambda/in-process";
import type { FunctionName } from "@warden/functions/catalogue";
import type { ClientOptions, SdkClient } from "./loop.ts";
import type { ClientOwner } from "./virtual.ts";

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

  function handle(request: SdkRequest, given?: { readonly abortSignal?: unknown }): Promise<Answer> {
    const call = { functionName, operation: operationOf(request), body: () => textOf(request.body) };
    return sabotaged(call, { sabotage, kill, track }, (traceHeader) => {
      if (traceHeader !== undefined) request.headers["x-amzn-trace-id"] = traceHeader;
      return requestHandler.handle(request, given);
    });
  }

  return { ...options, requestHandler: { ...requestHandler, handle } };
}

/** The same for a client that hands objects over in place of bytes, and for whoever is no function besides. */
export function handOver(
  client: SdkClient,
  { who, credentials = userCredentials, aws, kill }: ClientOwner,
  { sabotage, track }: Omit<Surroundings, "kill">,
): void {
  const middleware =
    (_next: unknown, { clientName = "", commandName = "" }: Command) =>
    async ({ input }: { readonly input: object }) => {
      const operation = commandName.replace(/Command$/, "");
      const send = (traceHeader?: string) =>
        aws.router.call({ clientName, operation, input, credentials, traceHeader });
      const call = { functionName: who, operation, body: () => JSON.stringify(input) };
      const { output, requestId } = await (isFunction(call)
        ? sabotaged(call, { sabotage, kill, track }, send)
        : send());
      const $metadata = { requestId, httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 };
      return { response: {}, output: { ...output, $metadata } };
    };
  const plugin = {
    applyToStack: (stack: { add(each: typeof middleware, options: object): void }) =>
      stack.add(middleware, { step: "initialize", name: "wardenHandOver", priority: "high" }),
  };
  // Every client has the same stack, but each types it for its own commands.
  client.middlewareStack.use(plugin as never);
}

interface Command {
  readonly clientName?: string;
  readonly commandName?: string;
}

interface Sent {
  readonly functionName: FunctionName;
  readonly operation: string;
  /** Most who sabotage never look at it. */
  readonly body: () => string;
}

const isFunction = (call: { readonly functionName: ClientOwner["who"] }): call is Sent =>
  call.functionName !== "node" && call.functionName !== "operator";

async function sabotaged<Answer>(
  { functionName, operation, body }: Sent,
  { sabotage, kill, track }: Surroundings,
  send: (traceHeader: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  const invocation = currentInvocation();
  const isDead = (): boolean => invocation?.isKilled === true;
  const crashes = (moment: FunctionCall["moment"]): boolean =>
    sabotage?.({
      ...{ functionName, operation, moment },
      get body() {
        return body();
      },
    }) === "crash";
  const die = (): Promise<never> => {
    kill();
    return never();
  };

  if (isDead()) return never();
  if (crashes("before")) return die();
  const answer = await track(send(invocation?.traceHeader));
  if (isDead()) return never();
  return crashes("after") ? die() : answer;
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
