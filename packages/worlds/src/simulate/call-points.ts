/**
 * Every call that leaves a function is a point where something may happen to it: it is delayed, refused, takes effect
 * without an answer, or its caller dies just before or just after it.
 */
import { userCredentials } from "@warden/aws-local";
import { currentInvocation } from "@warden/aws-local/services/lambda/in-process";
import type { SdkClient } from "../loop.ts";
import type { ClientOwner } from "../virtual.ts";

export type Fate =
  | { readonly kind: "passes" }
  /** An error of AWS: nothing took effect. */
  | { readonly kind: "refused"; readonly code: "ThrottlingException" | "InternalFailure"; readonly status: 400 | 500 }
  /** It took effect; the caller gave up before the answer arrived. */
  | { readonly kind: "answer-lost" }
  | { readonly kind: "crash"; readonly when: "before" | "after" };

export interface Call {
  readonly who: ClientOwner["who"];
  /** `SendCommand` */
  readonly operation: string;
  readonly input: unknown;
}

export interface CallPoints {
  fateOf(call: Call): Fate;
  /** Milliseconds on the way there, and on the way back. */
  latency(): number;
  /** `typed` hands objects over; `wire` sends the SDK's own bytes. */
  readonly transport: "typed" | "wire";
}

export function putIn(client: SdkClient, owner: ClientOwner, points: CallPoints): void {
  const middleware =
    (next: Next, context: Context) =>
    async (args: Arguments): Promise<Answer> => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(args, next, context);
        } catch (error) {
          if (attempt === attempts || !passes(error)) throw error;
          await owner.sleep(points.latency() * 10 * 2 ** attempt);
        }
      }
    };

  /** One attempt, with whatever befalls it. A function that was killed never comes back from it. */
  async function once(args: Arguments, next: Next, context: Context): Promise<Answer> {
    const operation = (context.commandName ?? "").replace(/Command$/, "");
    const invocation = currentInvocation();
    const stillAlive = async (): Promise<void> => (invocation?.isKilled === true ? never() : undefined);
    const die = (): Promise<never> => {
      owner.kill();
      return never();
    };

    await stillAlive();
    const fate = points.fateOf({ who: owner.who, operation, input: args.input });
    if (fate.kind === "crash" && fate.when === "before") return die();
    await owner.sleep(points.latency());
    await stillAlive();
    if (fate.kind === "refused") throw refusal(fate.code, fate.status);
    const answer = await send(args, next, context, operation, invocation?.traceHeader);
    await owner.sleep(points.latency());
    await stillAlive();
    if (fate.kind === "crash") return die();
    if (fate.kind === "answer-lost") throw refusal("TimeoutError", undefined);
    return answer;
  }

  async function send(
    args: Arguments,
    next: Next,
    context: Context,
    operation: string,
    traceHeader: string | undefined,
  ): Promise<Answer> {
    if (points.transport === "wire") return next(args);
    const { clientName = "" } = context;
    const credentials = owner.credentials ?? userCredentials;
    const call = { clientName, operation, input: args.input, traceHeader, credentials };
    const { output, requestId } = await owner.aws.router.call(call);
    const $metadata = { requestId, httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 };
    return { response: {}, output: { ...output, $metadata } };
  }

  const plugin = {
    applyToStack: (stack: { add(each: typeof middleware, options: object): void }) =>
      stack.add(middleware, { step: "initialize", name: "wardenCallPoint", priority: "high" }),
  };
  // Every client has the same stack, but each types it for its own commands.
  client.middlewareStack.use(plugin as never);
}

interface Arguments {
  readonly input: object;
}
interface Answer {
  readonly response: unknown;
  readonly output: object;
}
type Next = (args: Arguments) => Promise<Answer>;
interface Context {
  readonly clientName?: string;
  readonly commandName?: string;
}

/** The SDK's own number in its standard retry mode; the clients of a simulation are told not to retry by themselves. */
const attempts = 3;

/** What the SDK tries again: throttling, errors of the service, and answers that did not come. */
function passes(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status =
    "$metadata" in error &&
    typeof error.$metadata === "object" &&
    error.$metadata !== null &&
    "httpStatusCode" in error.$metadata
      ? Number(error.$metadata.httpStatusCode)
      : 0;
  return (
    status >= 500 || /Throttl|RequestLimitExceeded|Rate exceeded|TimeoutError/.test(`${error.name} ${error.message}`)
  );
}

/** The dead do not go on. */
const never = (): Promise<never> => new Promise(() => {});

function refusal(name: string, status: number | undefined): Error {
  const $metadata = status === undefined ? {} : { httpStatusCode: status };
  return Object.assign(new Error("as the scenario says"), { name, $metadata });
}
