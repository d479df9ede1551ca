/** All queues of the region: their names, how a message gets into one, and the way to a dead-letter queue. */
import { createHash } from "node:crypto";
import {
  InvalidMessageContents,
  type MessageAttributeValue,
  QueueDeletedRecently,
  QueueNameExists,
} from "@aws-sdk/client-sqs";
import type { Surroundings } from "../../region.ts";
import { invalidParameter, missingParameter, queueDoesNotExist } from "./errors.ts";
import { type Accepted, deduplication } from "./fifo.ts";
import { md5, type StoredMessage, sizeOf } from "./message.ts";
import { createQueue, type Queue } from "./queue.ts";
import { allowsRedriveFrom, settingsOf } from "./settings.ts";

const minute = 60_000;

/** What a sender gives; times in milliseconds. */
export interface Submission {
  readonly body: string;
  readonly delay: number | undefined;
  readonly messageAttributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly senderId: string;
  readonly traceHeader: string | undefined;
  readonly messageGroupId: string | undefined;
  readonly messageDeduplicationId: string | undefined;
}

export type Registry = ReturnType<typeof createRegistry>;

export function createRegistry(surroundings: Surroundings) {
  const { clock, random, region, account } = surroundings;
  const byName = new Map<string, Queue>();
  const deletedAt = new Map<string, number>();
  const deduplicators = new Map<Queue, ReturnType<typeof deduplication>>();

  const arnOf = (name: string): string => `arn:aws:sqs:${region}:${account}:${name}`;

  function create(name: string, attributes: Record<string, string>, tags: Record<string, string>): Queue {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(name.replace(/\.fifo$/, "")) || name.length > 80)
      throw invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    const settings = settingsOf(name, attributes);
    const existing = byName.get(name);
    if (existing !== undefined) return sameOrRefused(existing, attributes);
    if (clock.now() - (deletedAt.get(name) ?? Number.NEGATIVE_INFINITY) < minute)
      throw new QueueDeletedRecently({
        message: "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        $metadata: {},
      });
    checkRedrive(arnOf(name), settings);
    const queue = createQueue(surroundings, { name, arn: arnOf(name), settings, tags }, deadLetter);
    byName.set(name, queue);
    deduplicators.set(queue, deduplication(clock.now));
    return queue;
  }

  /** Creating a queue again with the same attributes answers its URL; attributes left out do not count. */
  function sameOrRefused(queue: Queue, attributes: Record<string, string>): Queue {
    for (const [name, value] of Object.entries(attributes))
      if (queue.settings.attributes[name] !== value)
        throw new QueueNameExists({
          message: `A queue already exists with the same name and a different value for attribute ${name}`,
          $metadata: {},
        });
    return queue;
  }

  function setAttributes(queue: Queue, changes: Record<string, string>): void {
    if ("FifoQueue" in changes && changes["FifoQueue"] !== String(queue.settings.isFifo))
      throw invalidParameter("You cannot change the FifoQueue attribute of an existing queue.");
    const merged = { ...queue.settings.attributes, ...changes };
    // An empty document takes the attribute away.
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
    const settings = settingsOf(queue.name, kept);
    checkRedrive(queue.arn, settings);
    queue.settings = settings;
    queue.modifiedAt = clock.now();
  }

  function checkRedrive(arn: string, settings: ReturnType<typeof settingsOf>): void {
    if (settings.redrive === undefined) return;
    const refuse = (reason: string): Error =>
      invalidParameter(
        `Value ${settings.attributes["RedrivePolicy"]} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
      );
    const target = find(settings.redrive.deadLetterTargetArn);
    if (target === undefined) throw refuse("Dead letter target does not exist.");
    if (target.settings.isFifo !== settings.isFifo)
      throw refuse("Dead-letter queue must be same type of queue as the source.");
    if (!allowsRedriveFrom(target.settings, arn))
      throw refuse("Queue does not have permission to use the dead-letter queue.");
  }

  function destroy(queue: Queue): void {
    queue.purge();
    byName.delete(queue.name);
    deduplicators.delete(queue);
    deletedAt.set(queue.name, clock.now());
  }

  /** By name, ARN or URL. */
  function find(reference: string): Queue | undefined {
    if (reference.startsWith("arn:")) {
      const name = reference.split(":")[5] ?? "";
      return reference === arnOf(name) ? byName.get(name) : undefined;
    }
    const parts = reference.split("/");
    const owner = parts.at(-2);
    return owner === undefined || owner === account ? byName.get(parts.at(-1) ?? "") : undefined;
  }

  function need(reference: string): Queue {
    const queue = find(reference);
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  function send(queue: Queue, submission: Submission): { messageId: string; sequenceNumber: bigint | undefined } {
    validate(queue, submission);
    if (!queue.settings.isFifo) {
      const messageId = random.uuid();
      enqueue(queue, submission, { messageId, sequenceNumber: undefined });
      return { messageId, sequenceNumber: undefined };
    }
    return sendInOrder(queue, submission);
  }

  function sendInOrder(queue: Queue, submission: Submission): Accepted {
    const deduplicator = deduplicators.get(queue) ?? deduplication(clock.now);
    const deduplicationId = submission.messageDeduplicationId ?? contentHash(queue, submission.body);
    const key = queue.settings.deduplicatesByGroup
      ? `${submission.messageGroupId} ${deduplicationId}`
      : deduplicationId;
    const earlier = deduplicator.earlier(key);
    if (earlier !== undefined) return earlier;
    const accepted = { messageId: random.uuid(), sequenceNumber: deduplicator.nextSequenceNumber() };
    deduplicator.remember(key, accepted);
    enqueue(queue, { ...submission, messageDeduplicationId: deduplicationId }, accepted);
    return accepted;
  }

  function enqueue(
    queue: Queue,
    submission: Submission,
    identity: { messageId: string; sequenceNumber: bigint | undefined },
  ): void {
    const { delay, ...content } = submission;
    queue.add(
      {
        ...content,
        ...identity,
        md5OfBody: md5(submission.body),
        sentAt: clock.now(),
        enqueuedAt: clock.now(),
        deadLetterSourceArn: undefined,
      },
      delay ?? queue.settings.delay,
    );
  }

  /**
   * A standard queue's message keeps its time stamps on the way, a FIFO queue's starts its retention again
   * (developer guide, dead-letter queues).
   */
  function deadLetter(from: Queue, message: StoredMessage): boolean {
    const target = find(from.settings.redrive?.deadLetterTargetArn ?? "");
    if (target === undefined) return false;
    const enqueuedAt = from.settings.isFifo ? clock.now() : message.enqueuedAt;
    target.add({ ...message, enqueuedAt, deadLetterSourceArn: from.arn }, 0, message.receiveCount);
    return true;
  }

  return { create, setAttributes, destroy, find, need, send, all: () => [...byName.values()] };
}

function contentHash(queue: Queue, body: string): string {
  if (!queue.settings.contentBasedDeduplication)
    throw invalidParameter(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  return createHash("sha256").update(body).digest("hex");
}

/** Characters that SQS takes: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF. */
const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

function validate(queue: Queue, submission: Submission): void {
  const { settings } = queue;
  if (submission.body === "") throw missingParameter("MessageBody");
  if (forbidden.test(submission.body))
    throw new InvalidMessageContents({ message: "Invalid characters found in the message body.", $metadata: {} });
  if (sizeOf(submission.body, submission.messageAttributes) > settings.maximumMessageSize)
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${settings.maximumMessageSize} bytes.`,
    );
  if (submission.delay !== undefined && (submission.delay < 0 || submission.delay > 900_000))
    throw invalidParameter(
      `Value ${submission.delay / 1000} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  for (const [name, value] of Object.entries(submission.messageAttributes)) validateAttribute(name, value);
  const count = Object.keys(submission.messageAttributes).length;
  if (count > 10) throw invalidParameter(`Number of message attributes [${count}] exceeds the allowed maximum [10].`);
  if (settings.isFifo) validateFifo(submission);
  else if (submission.messageDeduplicationId !== undefined)
    throw invalidParameter(
      `Value ${submission.messageDeduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.`,
    );
}

function validateFifo(submission: Submission): void {
  if (submission.messageGroupId === undefined) throw missingParameter("MessageGroupId");
  if (submission.delay !== undefined && submission.delay > 0)
    throw invalidParameter(
      `Value ${submission.delay / 1000} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
}

function validateAttribute(name: string, value: MessageAttributeValue): void {
  if (!/^(String|Number|Binary)(\..+)?$/.test(value.DataType ?? ""))
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const content = value.DataType?.startsWith("Binary") ? value.BinaryValue : value.StringValue;
  if (content === undefined || content.length === 0)
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${value.DataType}'.`,
    );
}
