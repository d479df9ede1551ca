/**
 * Every call that leaves a function is a point where something may happen to it: it is delayed, refused, takes effect
 * without an answer, or its caller dies just before or just after it. So a simulation lets misfortune in, and a test shows
 * that a crash anywhere leads to the same end. Only for functions that run inside this process.
 */
import { type CurrentInvocation, currentInvocation } from "@warden/aws-local/services/lambda/in-process";
import type { FunctionName } from "@warden/functions/catalogue";
import type { SdkClient } from "./loop.ts";

export interface CallPoints {
  fateOf(call: Call): Fate;
  /**
   * Milliseconds on the way there, and on the way back. Without it calls take no time, and none that fails is tried
   * again, for that is waited for.
   */
  readonly latency?: () => number;
}

export type Fate =
  | { readonly kind: "passes" }
  /** An error of AWS: nothing took effect. */
  | { readonly kind: "refused"; readonly code: "ThrottlingException" | "InternalFailure"; readonly status: 400 | 500 }
  /** It took effect; the caller gave up before the answer arrived. */
  | { readonly kind: "answer-lost" }
  /** The function's environments end as by `kill -9`. */
  | { readonly kind: "crash"; readonly when: "before" | "after" };

export const passes: Fate = { kind: "passes" };

export interface Call {
  readonly functionName: FunctionName;
  /** `SendCommand` */
  readonly operation: string;
  readonly input: object;
}

/** Who calls. */
export interface CallingFunction {
  readonly functionName: FunctionName;
  /** Ends all of its environments. */
  kill(): void;
  /** Lets virtual time pass inside a call. */
  sleep(ms: number): Promise<void>;
  /** Keeps virtual time from moving on while a call is under way, also when its function was killed meanwhile. */
  track<T>(work: Promise<T>): Promise<T>;
}

/** Before the client's first call, and before whatever carries its calls is put into its stack. */
export function addCallPoints(client: SdkClient, caller: CallingFunction, { fateOf, latency }: CallPoints): void {
  const attempts = latency === undefined ? 1 : standardAttempts;
  const pass = async (factor = 1): Promise<void> => {
    if (latency !== undefined) await caller.sleep(latency() * factor);
  };

  const middleware = (next: Next, { commandName = "" }: Command): Next => {
    const operation = commandName.replace(/Command$/, "");
    return async (sent) => {
      const call = { functionName: caller.functionName, operation, input: sent.input };
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(call, () => next(sent));
        } catch (error) {
          if (attempt === attempts || !mayPassNextTime(error)) throw error;
          await pass(10 * 2 ** attempt);
        }
      }
    };
  };

  /** One attempt, with whatever befalls it. A function that was killed never comes back from it. */
  async function once(call: Call, send: () => Promise<Answer>): Promise<Answer> {
    const invocation = currentInvocation();
    await alive(invocation);
    const fate = fateOf(call);
    if (fate.kind === "crash" && fate.when === "before") return die();
    await pass();
    await alive(invocation);
    if (fate.kind === "refused") throw refusal(fate.code, fate.status);
    const answer = await caller.track(send());
    await pass();
    await alive(invocation);
    if (fate.kind === "crash") return die();
    if (fate.kind === "answer-lost") throw refusal("TimeoutError", undefined);
    return answer;
  }

  function die(): Promise<never> {
    caller.kill();
    return never();
  }

  const plugin = {
    applyToStack: (stack: { add(each: typeof middleware, options: object): void }) =>
      stack.add(middleware, { step: "initialize", name: "wardenCallPoint", priority: "high" }),
  };
  // Every client has the same stack, but each types it for its own commands.
  client.middlewareStack.use(plugin as never);
}

interface Answer {
  readonly response: unknown;
  readonly output: object;
}
type Next = (sent: { readonly input: object }) => Promise<Answer>;
interface Command {
  readonly commandName?: string;
}

/** The SDK's own number in its standard retry mode; the clients of a virtual world are told not to retry by themselves. */
const standardAttempts = 3;

/** What the SDK tries again: throttling, errors of the service, and answers that did not come. */
function mayPassNextTime(error: unknown): boolean {
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

const alive = async (invocation: CurrentInvocation | undefined): Promise<void> =>
  invocation?.isKilled === true ? never() : undefined;

function refusal(name: string, status: number | undefined): Error {
  const $metadata = status === undefined ? {} : { httpStatusCode: status };
  return Object.assign(new Error("as the scenario says"), { name, $metadata });
}
