/**
 * Execution environments inside this process, for virtual time. A handler is an ordinary function; isolation, memory and
 * environment variables are not modelled, so the world that makes the handlers gives them their configuration.
 *
 * A virtual clock may only move on when no handler is under way: give it `settled`. A handler that waits for time itself
 * must do so by `sleep`, or the clock would wait for the handler and the handler for the clock.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "aws-lambda";
import type { Clock } from "../../clock.ts";
import {
  type EnvironmentLauncher,
  type EnvironmentObserver,
  type EnvironmentSpecification,
  type ExecutionEnvironment,
  failureOf,
  type Invocation,
} from "./environment.ts";

export type Handler = (event: unknown, context: Context) => unknown;

export interface InProcessLauncher extends EnvironmentLauncher {
  /** Resolves when every handler has answered or sleeps. At once, if so already. */
  settled(): Promise<void>;
  /** Waits `duration` milliseconds of the clock from inside a handler, which must do nothing else meanwhile. */
  sleep(duration: number): Promise<void>;
}

/** What runs now; an in-process transport sends `traceHeader` along, and refuses calls once `isKilled`. */
export interface CurrentInvocation {
  readonly functionName: string;
  readonly requestId: string;
  readonly traceHeader: string;
  /** The environment was killed: nothing that the handler still does may have an effect. */
  readonly isKilled: boolean;
}

const invocations = new AsyncLocalStorage<UnderWay>();

interface UnderWay extends CurrentInvocation {
  isKilled: boolean;
  /** It has answered. What it left under way goes on, as in an environment that thaws with its next invocation. */
  isOver: boolean;
  /** Calls of `sleep` that it has under way. */
  sleepers: number;
}

/** The invocation on whose behalf the caller runs. */
export const currentInvocation = (): CurrentInvocation | undefined => invocations.getStore();

export function createInProcessLauncher(options: {
  clock: Clock;
  /** Called at each cold start, so a handler's module state can begin anew with its environment. */
  handlers: (functionName: string, variables: Readonly<Record<string, string>>) => Handler | undefined;
  /** How long initialisation takes, in milliseconds of the clock. */
  coldStart?: () => number;
}): InProcessLauncher {
  const { clock } = options;
  const active = new Set<UnderWay>();
  let waiting: (() => void)[] = [];

  function leave(invocation: UnderWay): void {
    active.delete(invocation);
    if (active.size > 0) return;
    const ready = waiting;
    waiting = [];
    for (const resolve of ready) resolve();
  }

  function launch(specification: EnvironmentSpecification, observer: EnvironmentObserver): ExecutionEnvironment {
    let current: UnderWay | undefined;
    let isKilled = false;
    let handler: Handler | undefined;
    const starting = clock.after(options.coldStart?.() ?? 0, initialise);

    function initialise(): void {
      try {
        handler = options.handlers(specification.functionName, specification.variables);
      } catch (error) {
        observer.initFailed(failureOf(error));
        return;
      }
      if (handler === undefined) observer.initFailed(handlerNotFound(specification.handler));
      else observer.initialised();
    }

    function invoke(invocation: Invocation): void {
      const underWay: UnderWay = {
        functionName: specification.functionName,
        requestId: invocation.requestId,
        traceHeader: invocation.traceHeader,
        isKilled: false,
        isOver: false,
        sleepers: 0,
      };
      current = underWay;
      active.add(underWay);
      const event: unknown = JSON.parse(invocation.payload);
      void invocations
        .run(underWay, async () => handler?.(event, contextOf(specification, invocation, clock)))
        .then(
          (result) => ({ kind: "response", payload: JSON.stringify(result) ?? "null" }) as const,
          (error: unknown) => ({ kind: "error", failure: failureOf(error) }) as const,
        )
        .then((answer) => {
          underWay.isOver = true;
          if (!isKilled) observer.answered(answer);
          leave(underWay);
        });
    }

    function kill(): void {
      isKilled = true;
      starting.cancel();
      if (current === undefined) return;
      current.isKilled = true;
      current.isOver = true;
      leave(current);
    }

    return { invoke, kill };
  }

  function sleep(duration: number): Promise<void> {
    const invocation = invocations.getStore();
    return new Promise((resolve) => {
      clock.after(duration, () => {
        if (invocation !== undefined) wake(invocation);
        resolve();
      });
      if (invocation !== undefined) rest(invocation);
    });
  }

  function rest(invocation: UnderWay): void {
    invocation.sleepers += 1;
    leave(invocation);
  }

  /**
   * Before the handler goes on: the clock asks `settled` as soon as this task returns. While other calls of the same
   * handler sleep, it may be waiting for them and for nothing else, so only the last one to wake makes it active.
   */
  function wake(invocation: UnderWay): void {
    invocation.sleepers -= 1;
    if (invocation.sleepers === 0 && !invocation.isOver) active.add(invocation);
  }

  async function settled(): Promise<void> {
    while (active.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  return { launch, settled, sleep };
}

const handlerNotFound = (handler: string) => ({
  errorType: "Runtime.HandlerNotFound",
  errorMessage: `${handler} is undefined or not exported`,
  trace: [],
});

function contextOf(specification: EnvironmentSpecification, invocation: Invocation, clock: Clock): Context {
  const callback = (): never => {
    throw new Error("the callback style is not modelled here: return a promise");
  };
  return {
    awsRequestId: invocation.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: specification.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: String(specification.memorySize),
    logGroupName: specification.variables["AWS_LAMBDA_LOG_GROUP_NAME"] ?? "",
    logStreamName: specification.variables["AWS_LAMBDA_LOG_STREAM_NAME"] ?? "",
    getRemainingTimeInMillis: () => invocation.deadline - clock.now(),
    done: callback,
    fail: callback,
    succeed: callback,
  };
}
