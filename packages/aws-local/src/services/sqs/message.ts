/**
 * A message of a queue, and what SQS computes over it: digests, size, and the attributes a receiver may ask for.
 */
import { createHash } from "node:crypto";
import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { Timer } from "../../clock.ts";
import type { ReceivedMessage } from "../../region.ts";

export interface StoredMessage {
  readonly messageId: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly messageAttributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly senderId: string;
  readonly traceHeader: string | undefined;
  readonly messageGroupId: string | undefined;
  readonly messageDeduplicationId: string | undefined;
  readonly sequenceNumber: bigint | undefined;
  /** Milliseconds. A standard queue's dead-letter queue keeps it, so the retention period goes on (developer guide, dead-letter queues). */
  readonly sentAt: number;
  /** Milliseconds; what the retention period counts from. */
  readonly enqueuedAt: number;
  /** Set when a redrive policy moved the message here. */
  readonly deadLetterSourceArn: string | undefined;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  /** Handle of the latest receive; an older one no longer deletes the message. */
  receiptHandle: string | undefined;
  /** Ends the delay or the visibility time-out. */
  timer: Timer | undefined;
}

export const md5 = (text: string | Buffer): string => createHash("md5").update(text).digest("hex");

/** The digest that the SDKs recompute (developer guide, "Calculating the MD5 message digest for message attributes"). */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttributeValue>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names) {
    const value = attributes[name];
    if (value === undefined) continue;
    parts.push(withLength(Buffer.from(name)), withLength(Buffer.from(value.DataType ?? "")));
    if (value.BinaryValue === undefined) parts.push(Buffer.from([1]), withLength(Buffer.from(value.StringValue ?? "")));
    else parts.push(Buffer.from([2]), withLength(bytes(value.BinaryValue)));
  }
  return md5(Buffer.concat(parts));
}

function withLength(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** The wire layer's blobs are a subclass of Uint8Array whose `valueOf` warns, so they are wrapped, not converted. */
const bytes = (blob: Uint8Array): Buffer => Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);

/** The size that counts against MaximumMessageSize: body plus names, types and values of the attributes. */
export function sizeOf(body: string, attributes: Readonly<Record<string, MessageAttributeValue>>): number {
  let size = Buffer.byteLength(body);
  for (const [name, value] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(value.DataType ?? "");
    size += value.BinaryValue?.byteLength ?? Buffer.byteLength(value.StringValue ?? "");
  }
  return size;
}

export function systemAttributes(message: StoredMessage): Record<string, string> {
  const attributes: Record<string, string> = {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
  };
  if (message.traceHeader !== undefined) attributes["AWSTraceHeader"] = message.traceHeader;
  if (message.deadLetterSourceArn !== undefined) attributes["DeadLetterQueueSourceArn"] = message.deadLetterSourceArn;
  if (message.messageGroupId !== undefined) attributes["MessageGroupId"] = message.messageGroupId;
  if (message.messageDeduplicationId !== undefined)
    attributes["MessageDeduplicationId"] = message.messageDeduplicationId;
  if (message.sequenceNumber !== undefined) attributes["SequenceNumber"] = String(message.sequenceNumber);
  return attributes;
}

/** As ReceiveMessage answers it: only the attributes that the caller named. */
export function asMessage(
  message: StoredMessage,
  wanted: { system: readonly string[]; message: readonly string[] },
): Message {
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => wanted.system.includes("All") || wanted.system.includes(name),
  );
  const attributes = Object.fromEntries(
    Object.entries(message.messageAttributes).filter(([name]) => isWanted(name, wanted.message)),
  );
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(digest !== undefined && { MD5OfMessageAttributes: digest, MessageAttributes: attributes }),
  };
}

/** `All`, `.*`, `prefix.*` or the exact name. */
function isWanted(name: string, wanted: readonly string[]): boolean {
  return wanted.some(
    (pattern) =>
      pattern === "All" || pattern === name || (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2))),
  );
}

/** As Lambda's pollers get it: all attributes. */
export function asReceived(message: StoredMessage): ReceivedMessage {
  const messageAttributes: Record<string, { dataType: string; stringValue?: string; binaryValue?: string }> = {};
  for (const [name, value] of Object.entries(message.messageAttributes)) {
    messageAttributes[name] = {
      dataType: value.DataType ?? "String",
      ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
      ...(value.BinaryValue !== undefined && { binaryValue: bytes(value.BinaryValue).toString("base64") }),
    };
  }
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle ?? "",
    body: message.body,
    md5OfBody: message.md5OfBody,
    attributes: systemAttributes(message),
    messageAttributes,
  };
}

/** The reverse of `asReceived`, for messages that a neighbour delivers. */
export function fromDelivered(attributes: ReceivedMessage["messageAttributes"]): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      {
        DataType: value.dataType,
        ...(value.stringValue !== undefined && { StringValue: value.stringValue }),
        ...(value.binaryValue !== undefined && { BinaryValue: Buffer.from(value.binaryValue, "base64") }),
      },
    ]),
  );
}
