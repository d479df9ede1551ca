/**
 * Asynchronous invocations: accepted at once, run a moment later, retried. A function error is retried twice, after one
 * and two more minutes; throttles and recursion are not function errors: throttled events go back to the event queue for
 * up to six hours, first after a second, at most five minutes apart (Lambda developer guide, asynchronous invocation).
 */
import type { Surroundings } from "../../region.ts";
import type { Destinations } from "./destinations.ts";
import type { LambdaFunction } from "./function.ts";
import type { InvocationAttempt, Invoker } from "./invoker.ts";
import type { FunctionRegistry } from "./registry.ts";
import type { Result } from "./work.ts";

const minute = 60_000;
const longestAge = 6 * 60 * minute;
const longestThrottleDelay = 5 * minute;

export interface QueuedEvent {
  readonly requestId: string;
  readonly payload: string;
  readonly traceHeader: string | undefined;
  readonly acceptedAt: number;
  /** How often the function ran for it. */
  runs: number;
  throttles: number;
}

export function createEventQueue(
  surroundings: Surroundings,
  registry: FunctionRegistry,
  invoker: Invoker,
  destinations: Destinations,
) {
  const { clock, random } = surroundings;

  /** Accepts an event; its fate is seen in the log, in the destination or in the dead-letter queue. */
  function accept(
    target: LambdaFunction,
    attempt: Pick<InvocationAttempt, "payload" | "traceHeader" | "requestId">,
  ): void {
    const event: QueuedEvent = {
      payload: attempt.payload,
      traceHeader: attempt.traceHeader,
      requestId: attempt.requestId ?? random.uuid(),
      acceptedAt: clock.now(),
      runs: 0,
      throttles: 0,
    };
    later(target, event, 1);
  }

  function later(target: LambdaFunction, event: QueuedEvent, delay: number): void {
    clock.after(delay, () => {
      if (registry.isCurrent(target)) run(target, event);
    });
  }

  function run(target: LambdaFunction, event: QueuedEvent): void {
    if (isTooOld(target, event, 0)) {
      destinations.failed(target, event, "EventAgeExceeded", undefined);
      return;
    }
    const admission = invoker.invoke(target, event, (result) => finished(target, event, result));
    if (admission === "started") event.runs += 1;
    else if (admission === "recursive") destinations.failed(target, event, "RecursiveInvocation", undefined);
    else {
      const delay = Math.min(longestThrottleDelay, 1000 * 2 ** event.throttles);
      event.throttles += 1;
      later(target, event, delay);
    }
  }

  function finished(target: LambdaFunction, event: QueuedEvent, result: Result): void {
    const delay = event.runs * minute;
    const mostRuns = 1 + (target.eventInvoke?.maximumRetryAttempts ?? 2);
    if (result.failure === undefined) destinations.succeeded(target, event, result);
    else if (event.runs >= mostRuns) destinations.failed(target, event, "RetriesExhausted", result);
    else if (isTooOld(target, event, delay)) destinations.failed(target, event, "EventAgeExceeded", result);
    else later(target, event, delay);
  }

  function isTooOld(target: LambdaFunction, event: QueuedEvent, delay: number): boolean {
    const seconds = target.eventInvoke?.maximumEventAgeInSeconds;
    return clock.now() + delay - event.acceptedAt > (seconds === undefined ? longestAge : seconds * 1000);
  }

  return { accept };
}
