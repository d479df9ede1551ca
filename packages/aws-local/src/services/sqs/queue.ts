/**
 * One queue: where its messages are (delayed, visible, in flight) and how they pass from one to the next. Time-outs hang
 * on the clock, one timer a hidden message, so nothing scans the queue.
 */
import { OverLimit } from "@aws-sdk/client-sqs";
import type { Surroundings } from "../../region.ts";
import { invalidParameter, invalidReceiptHandle, malformedReceiptHandle, messageNotInFlight } from "./errors.ts";
import { fifoOrder } from "./fifo.ts";
import type { StoredMessage } from "./message.ts";
import type { QueueSettings } from "./settings.ts";

/** limits-and-prices 1.3: 120 000 in flight, standard and FIFO. */
const mostInFlight = 120_000;
/** From the first receive, a message can be hidden for 12 hours in all. */
const longestVisibility = 43_200_000;

export type NewMessage = Omit<StoredMessage, "receiveCount" | "firstReceivedAt" | "receiptHandle" | "timer">;

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  settings: QueueSettings;
  tags: Record<string, string>;
  modifiedAt: number;
  purgedAt: number | undefined;
  add(message: NewMessage, delay: number, receiveCount?: number): void;
  /** Takes up to `most` visible messages and hides each for `visibility` milliseconds. */
  take(most: number, visibility: number): StoredMessage[];
  /** Removes the message of that handle, if it is the handle of its latest receive. */
  remove(receiptHandle: string): void;
  changeVisibility(receiptHandle: string, visibility: number): void;
  /** Takes one message out for a move task, whatever its redrive policy. */
  takeOut(): StoredMessage | undefined;
  counts(): { visible: number; inFlight: number; delayed: number };
  purge(): void;
  onArrival(listener: () => void): () => void;
}

export function createQueue(
  surroundings: Surroundings,
  identity: { name: string; arn: string; settings: QueueSettings; tags: Record<string, string> },
  /** Hands a message that was received too often to the dead-letter queue; false when there is none. */
  deadLetter: (from: Queue, message: StoredMessage) => boolean,
): Queue {
  const { clock, random } = surroundings;
  const delayed = new Set<StoredMessage>();
  const visible = new Set<StoredMessage>();
  const inFlight = new Map<string, StoredMessage>();
  const order = fifoOrder();
  let listeners: readonly (() => void)[] = [];

  function add(message: NewMessage, delay: number, receiveCount = 0): void {
    const stored: StoredMessage = {
      ...message,
      receiveCount,
      firstReceivedAt: undefined,
      receiptHandle: undefined,
      timer: undefined,
    };
    if (delay <= 0) show(stored);
    else delayUntilShown(stored, delay);
  }

  function delayUntilShown(message: StoredMessage, delay: number): void {
    delayed.add(message);
    message.timer = clock.after(delay, () => {
      delayed.delete(message);
      show(message);
    });
  }

  function show(message: StoredMessage): void {
    message.timer = undefined;
    if (isExpired(message)) return;
    visible.add(message);
    announce();
  }

  function announce(): void {
    for (const listener of listeners) listener();
  }

  const isExpired = (message: StoredMessage): boolean => clock.now() - message.enqueuedAt >= queue.settings.retention;

  function take(most: number, visibility: number): StoredMessage[] {
    const taken: StoredMessage[] = [];
    for (const message of candidates()) {
      if (taken.length >= most) break;
      if (isExpired(message)) visible.delete(message);
      else if (isReceivedTooOften(message) && deadLetter(queue, message)) visible.delete(message);
      else if (inFlight.size >= mostInFlight) break;
      else if (!queue.settings.isFifo || order.mayTake(message, taken)) {
        hide(message, visibility);
        taken.push(message);
      }
    }
    return taken;
  }

  /** A FIFO queue hands out by sequence number, also a message that came back. */
  const candidates = (): Iterable<StoredMessage> =>
    queue.settings.isFifo ? order.sorted([...delayed], [...visible]) : visible;

  function isReceivedTooOften(message: StoredMessage): boolean {
    const redrive = queue.settings.redrive;
    return redrive !== undefined && message.receiveCount >= redrive.maxReceiveCount;
  }

  function hide(message: StoredMessage, visibility: number): void {
    visible.delete(message);
    message.receiveCount += 1;
    message.firstReceivedAt ??= clock.now();
    message.receiptHandle = newReceiptHandle(message);
    inFlight.set(message.messageId, message);
    order.lock(message);
    message.timer = clock.after(visibility, () => giveBack(message));
  }

  function giveBack(message: StoredMessage): void {
    release(message);
    show(message);
  }

  function release(message: StoredMessage): void {
    message.timer?.cancel();
    inFlight.delete(message.messageId);
    order.unlock(message);
  }

  /** Opaque to callers, but tells whose it is, so that a handle of another queue can be refused. */
  const newReceiptHandle = (message: StoredMessage): string =>
    Buffer.from(`${random.hex(16)}|${identity.name}|${message.messageId}|${message.receiveCount}`).toString("base64");

  function remove(receiptHandle: string): void {
    const message = messageOf(receiptHandle);
    if (message === undefined) return;
    if (message.receiptHandle !== receiptHandle || !inFlight.has(message.messageId)) {
      if (queue.settings.isFifo) throw invalidReceiptHandle(receiptHandle, "The receipt handle has expired.");
      // A late delete of the latest receipt still works on a standard queue; one of an earlier receipt does not.
      if (message.receiptHandle === receiptHandle) visible.delete(message);
      return;
    }
    release(message);
    if (queue.settings.isFifo && visible.size > 0) announce();
  }

  function changeVisibility(receiptHandle: string, visibility: number): void {
    const message = messageOf(receiptHandle);
    if (message === undefined || message.receiptHandle !== receiptHandle)
      throw invalidReceiptHandle(
        receiptHandle,
        "Message does not exist or is not available for visibility timeout change.",
      );
    if (!inFlight.has(message.messageId)) throw messageNotInFlight();
    if (clock.now() + visibility - (message.firstReceivedAt ?? 0) > longestVisibility)
      throw invalidParameter("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
    message.timer?.cancel();
    if (visibility === 0) giveBack(message);
    else message.timer = clock.after(visibility, () => giveBack(message));
  }

  function messageOf(receiptHandle: string): StoredMessage | undefined {
    const [, name, messageId] = Buffer.from(receiptHandle, "base64").toString("utf8").split("|");
    if (messageId === undefined || name !== identity.name) throw malformedReceiptHandle(receiptHandle);
    const hidden = inFlight.get(messageId);
    if (hidden !== undefined) return hidden;
    for (const message of visible) if (message.messageId === messageId) return message;
    return undefined;
  }

  function takeOut(): StoredMessage | undefined {
    for (const message of visible) {
      visible.delete(message);
      if (!isExpired(message)) return message;
    }
    return undefined;
  }

  function counts(): { visible: number; inFlight: number; delayed: number } {
    for (const message of visible) if (isExpired(message)) visible.delete(message);
    return { visible: visible.size, inFlight: inFlight.size, delayed: delayed.size };
  }

  function purge(): void {
    for (const message of [...delayed, ...inFlight.values()]) message.timer?.cancel();
    delayed.clear();
    visible.clear();
    inFlight.clear();
    order.clear();
  }

  const queue: Queue = {
    ...identity,
    createdAt: clock.now(),
    modifiedAt: clock.now(),
    purgedAt: undefined,
    add,
    take,
    remove,
    changeVisibility,
    takeOut,
    counts,
    purge,
    onArrival(listener) {
      listeners = [...listeners, listener];
      return () => {
        listeners = listeners.filter((other) => other !== listener);
      };
    },
  };
  return queue;
}

/** ReceiveMessage without waiting answers OverLimit at the limit; with waiting it answers nothing. */
export function refuseAtLimit(queue: Queue): void {
  if (queue.counts().inFlight >= mostInFlight)
    throw new OverLimit({ message: "The maximum number of in flight messages is reached.", $metadata: {} });
}
