/**
 * The pollers of one event source mapping: they take messages as these become visible, collect a batch, and invoke. A
 * batch that succeeded is removed; one that failed is left alone and comes back when its visibility time-out ends.
 *
 * Simpler than AWS in two ways. AWS has several pollers, each with its own window, so its batches may be smaller than here; and
 * it lowers the concurrency of a mapping whose function keeps failing, which is not modelled.
 */
import type { Timer } from "../../clock.ts";
import type { PolledQueues, Range, ReceivedMessage, Surroundings } from "../../region.ts";
import type { LambdaFunction } from "./function.ts";
import type { Invoker } from "./invoker.ts";
import { longestChain } from "./lineage.ts";
import { failedIds, sqsEvent } from "./sqs-event.ts";
import type { Result } from "./work.ts";

/** limits-and-prices 1.3, Lambda ← SQS: from 5 concurrent batches, 300 a minute more, up to 1 250. */
const firstConcurrency = 5;
const concurrencyStep = 300;
const highestConcurrency = 1250;
/** limits-and-prices 1.3: the payload of an invocation. */
const largestPayload = 6_000_000;

export interface PollerSettings {
  readonly batchSize: number;
  /** Milliseconds. */
  readonly window: number;
  readonly maximumConcurrency: number | undefined;
  readonly reportsItemFailures: boolean;
}

interface Batch {
  readonly messages: ReceivedMessage[];
  size: number;
  readonly receivedAt: number;
  windowEnd: Timer | undefined;
}

export interface Poller {
  /** For `LastProcessingResult`. */
  lastResult(): string;
  stop(): void;
}

export function startPoller(
  surroundings: Surroundings,
  given: {
    queueArn: string;
    target: LambdaFunction;
    settings: () => PollerSettings;
    queues: PolledQueues;
    invoker: Invoker;
    /** Throws while the function's role may not read the queue. */
    checkRole: () => void;
    delay: Range;
  },
): Poller {
  const { clock, random, region } = surroundings;
  const { queueArn, target, queues, invoker } = given;
  let isStopped = false;
  let running = 0;
  let concurrency = firstConcurrency;
  let growth: Timer | undefined;
  let nextPoll: Timer | undefined;
  let batch: Batch | undefined;
  let lastResult = "No records processed";

  const limit = (): number => given.settings().maximumConcurrency ?? concurrency;

  function pollSoon(): void {
    if (isStopped || nextPoll !== undefined) return;
    nextPoll = clock.after(random.integer(given.delay.low, given.delay.high), poll);
  }

  /** Takes what is there, as long as there is room for another batch. */
  function poll(): void {
    nextPoll = undefined;
    while (!isStopped && running < limit()) {
      const messages = receive();
      if (messages.length === 0) return;
      for (const message of messages) collect(message);
      if (batch !== undefined && given.settings().window === 0) flush(batch);
    }
    if (!isStopped) growSoon();
  }

  function receive(): readonly ReceivedMessage[] {
    const room = given.settings().batchSize - (batch?.messages.length ?? 0);
    try {
      given.checkRole();
      // A single receive is at most ten messages, so more than ten are collected from several.
      return queues.receive(queueArn, Math.min(10, room));
    } catch (error) {
      lastResult = `PROBLEM: ${error instanceof Error ? error.message : String(error)}`;
      nextPoll = clock.after(60_000, startAgain);
      return [];
    }
  }

  /** The queue may have been deleted and made anew meanwhile. */
  function startAgain(): void {
    unsubscribe();
    unsubscribe = subscribed();
    poll();
  }

  function subscribed(): () => void {
    return queues.visibilityTimeout(queueArn) === undefined ? () => {} : queues.onArrival(queueArn, pollSoon);
  }

  function collect(message: ReceivedMessage): void {
    const size = Buffer.byteLength(message.body) + 1000;
    if (batch !== undefined && batch.size + size > largestPayload) flush(batch);
    batch ??= openBatch();
    batch.messages.push(message);
    batch.size += size;
    if (batch.messages.length >= given.settings().batchSize) flush(batch);
  }

  function openBatch(): Batch {
    const opened: Batch = { messages: [], size: 0, receivedAt: clock.now(), windowEnd: undefined };
    const { window } = given.settings();
    if (window > 0) opened.windowEnd = clock.after(window, () => flush(opened));
    return opened;
  }

  function flush(full: Batch): void {
    full.windowEnd?.cancel();
    if (batch === full) batch = undefined;
    running += 1;
    start(full, 0);
  }

  function start(full: Batch, throttles: number): void {
    const admission = invoker.invoke(
      target,
      {
        payload: JSON.stringify(sqsEvent(full.messages, queueArn, region)),
        traceHeader: longestChain(
          full.messages.map((message) => message.attributes["AWSTraceHeader"]),
          target.arn,
        ),
      },
      (result) => finished(full, result),
    );
    if (admission === "started") return;
    lastResult =
      admission === "recursive" ? "PROBLEM: RecursiveInvocationException" : "PROBLEM: Function call failed (throttled)";
    if (admission === "recursive") leave();
    else retryUntilVisible(full, throttles);
  }

  /**
   * A throttled batch is tried again, slower each time, until its messages are visible to others anyway (developer guide,
   * "Backoff strategy for failed invocations").
   */
  function retryUntilVisible(full: Batch, throttles: number): void {
    const delay = 1000 * 2 ** throttles;
    const hiddenUntil = full.receivedAt + (queues.visibilityTimeout(queueArn) ?? 0);
    if (clock.now() + delay >= hiddenUntil) leave();
    else
      clock.after(delay, () => {
        if (isStopped) leave();
        else start(full, throttles + 1);
      });
  }

  function finished(full: Batch, result: Result): void {
    if (result.failure === undefined) {
      const failed = given.settings().reportsItemFailures
        ? failedIds(result.payload, full.messages)
        : new Set<string>();
      for (const message of full.messages)
        if (!failed.has(message.messageId)) queues.remove(queueArn, message.receiptHandle);
      lastResult = "OK";
    } else lastResult = "PROBLEM: Function call failed";
    leave();
  }

  /** Messages may wait only if there was no room: otherwise the last poll took all, and an arrival starts another. */
  function leave(): void {
    const wasFull = running >= limit();
    running -= 1;
    if (wasFull) pollSoon();
  }

  function growSoon(): void {
    if (growth !== undefined || given.settings().maximumConcurrency !== undefined || concurrency >= highestConcurrency)
      return;
    growth = clock.after(60_000, () => {
      growth = undefined;
      if (running < concurrency) concurrency = firstConcurrency;
      else {
        concurrency = Math.min(highestConcurrency, concurrency + concurrencyStep);
        pollSoon();
      }
    });
  }

  let unsubscribe = subscribed();
  pollSoon();
  return {
    lastResult: () => lastResult,
    stop() {
      isStopped = true;
      unsubscribe();
      for (const timer of [nextPoll, growth, batch?.windowEnd]) timer?.cancel();
    },
  };
}
