/** ReceiveMessage: at once, or waiting on the clock until a message becomes visible (long polling). */
import type { ReceiveMessageResult } from "@aws-sdk/client-sqs";
import type { Clock } from "../../clock.ts";
import { invalidParameter, notModelled } from "./errors.ts";
import { asMessage, type StoredMessage } from "./message.ts";
import { type Queue, refuseAtLimit } from "./queue.ts";

export interface ReceiveRequest {
  readonly AttributeNames?: readonly string[] | undefined;
  readonly MessageSystemAttributeNames?: readonly string[] | undefined;
  readonly MessageAttributeNames?: readonly string[] | undefined;
  readonly MaxNumberOfMessages?: number | undefined;
  readonly VisibilityTimeout?: number | undefined;
  readonly WaitTimeSeconds?: number | undefined;
  readonly ReceiveRequestAttemptId?: string | undefined;
}

export async function receive(clock: Clock, queue: Queue, request: ReceiveRequest): Promise<ReceiveMessageResult> {
  if (request.ReceiveRequestAttemptId !== undefined) throw notModelled("ReceiveRequestAttemptId");
  const most = inRange("MaxNumberOfMessages", request.MaxNumberOfMessages ?? 1, 1, 10);
  const wait = inRange("WaitTimeSeconds", request.WaitTimeSeconds ?? queue.settings.waitTime / 1000, 0, 20) * 1000;
  const visibility =
    inRange("VisibilityTimeout", request.VisibilityTimeout ?? queue.settings.visibilityTimeout / 1000, 0, 43_200) *
    1000;
  if (wait === 0) refuseAtLimit(queue);

  let taken = queue.take(most, visibility);
  if (taken.length === 0 && wait > 0)
    taken = await firstToArrive(clock, queue, wait, () => queue.take(most, visibility));
  const wanted = {
    system: [...(request.AttributeNames ?? []), ...(request.MessageSystemAttributeNames ?? [])],
    message: request.MessageAttributeNames ?? [],
  };
  return taken.length === 0 ? {} : { Messages: taken.map((message) => asMessage(message, wanted)) };
}

function firstToArrive(
  clock: Clock,
  queue: Queue,
  wait: number,
  take: () => StoredMessage[],
): Promise<StoredMessage[]> {
  return new Promise((resolve) => {
    const finish = (messages: StoredMessage[]): void => {
      unsubscribe();
      timer.cancel();
      resolve(messages);
    };
    const timer = clock.after(wait, () => finish([]));
    const unsubscribe = queue.onArrival(() => {
      const messages = take();
      if (messages.length > 0) finish(messages);
    });
  });
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${low} and ${high}, if provided.`,
  );
}
