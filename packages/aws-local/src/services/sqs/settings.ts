/**
 * The attributes of a queue: which ones there are, their defaults and bounds (limits-and-prices 1.3), and what follows from them.
 */
import * as sqs from "@aws-sdk/client-sqs";
import { invalidAttribute, invalidParameter, notModelled } from "./errors.ts";

/** The attributes of a queue, read once when they are set. Times are milliseconds. */
export interface QueueSettings {
  readonly attributes: Readonly<Record<string, string>>;
  readonly visibilityTimeout: number;
  readonly delay: number;
  readonly retention: number;
  readonly waitTime: number;
  readonly maximumMessageSize: number;
  readonly isFifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicatesByGroup: boolean;
  readonly policy: string | undefined;
  readonly redrive: RedrivePolicy | undefined;
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Name, default, lowest and highest value. */
const numbers: Readonly<Record<string, readonly [byDefault: number, low: number, high: number]>> = {
  VisibilityTimeout: [30, 0, 43_200],
  DelaySeconds: [0, 0, 900],
  MessageRetentionPeriod: [345_600, 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 0, 20],
  MaximumMessageSize: [1_048_576, 1_024, 1_048_576],
};
const forFifoOnly = new Set(["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]);
const encryption = new Set(["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"]);
const documents = new Set(["Policy", "RedrivePolicy", "RedriveAllowPolicy"]);

/** The settings of a queue with these attributes; a queue name that ends in `.fifo` goes with FifoQueue=true. */
export function settingsOf(queueName: string, attributes: Readonly<Record<string, string>>): QueueSettings {
  for (const [name, value] of Object.entries(attributes)) validate(name, value);
  const isFifo = attributes["FifoQueue"] === "true";
  if (isFifo !== queueName.endsWith(".fifo")) throw invalidParameter(fifoNameRule(isFifo));
  if (!isFifo && Object.keys(attributes).some((name) => forFifoOnly.has(name)))
    throw new sqs.InvalidAttributeName({
      message: "You can specify the FifoQueue attributes only on FIFO queues.",
      $metadata: {},
    });

  const seconds = (name: keyof typeof numbers): number => numberOf(attributes, name) * 1000;
  return {
    attributes: withDefaults(attributes),
    visibilityTimeout: seconds("VisibilityTimeout"),
    delay: seconds("DelaySeconds"),
    retention: seconds("MessageRetentionPeriod"),
    waitTime: seconds("ReceiveMessageWaitTimeSeconds"),
    maximumMessageSize: numberOf(attributes, "MaximumMessageSize"),
    isFifo,
    contentBasedDeduplication: attributes["ContentBasedDeduplication"] === "true",
    deduplicatesByGroup: attributes["DeduplicationScope"] === "messageGroup",
    policy: attributes["Policy"],
    redrive: redriveOf(attributes["RedrivePolicy"]),
  };
}

const fifoNameRule = (isFifo: boolean): string =>
  isFifo
    ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length"
    : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";

function validate(name: string, value: string): void {
  const bounds = numbers[name];
  if (bounds !== undefined) {
    const given = Number(value);
    if (!/^\d+$/.test(value) || given < bounds[1] || given > bounds[2]) throw invalidAttribute(name);
  } else if (documents.has(name)) {
    if (parsed(value) === undefined) throw invalidAttribute(name);
  } else if (name === "FifoThroughputLimit" && value === "perMessageGroupId") {
    throw notModelled("FifoThroughputLimit perMessageGroupId");
  } else if (!forFifoOnly.has(name) && !encryption.has(name)) {
    throw new sqs.InvalidAttributeName({ message: `Unknown Attribute ${name}.`, $metadata: {} });
  }
}

function numberOf(attributes: Readonly<Record<string, string>>, name: keyof typeof numbers): number {
  const given = attributes[name];
  return given === undefined ? (numbers[name]?.[0] ?? 0) : Number(given);
}

function withDefaults(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const filled: Record<string, string> = { SqsManagedSseEnabled: "KmsMasterKeyId" in attributes ? "false" : "true" };
  for (const [name, [byDefault]] of Object.entries(numbers)) filled[name] = String(byDefault);
  if (attributes["FifoQueue"] === "true")
    Object.assign(filled, {
      ContentBasedDeduplication: "false",
      DeduplicationScope: "queue",
      FifoThroughputLimit: "perQueue",
    });
  return { ...filled, ...attributes };
}

function redriveOf(document: string | undefined): RedrivePolicy | undefined {
  if (document === undefined) return undefined;
  const policy = parsed(document);
  const target = policy?.["deadLetterTargetArn"];
  const count = Number(policy?.["maxReceiveCount"]);
  if (typeof target !== "string" || !Number.isInteger(count) || count < 1 || count > 1000)
    throw invalidParameter(
      `Value ${document} for parameter RedrivePolicy is invalid. Reason: Redrive policy must contain deadLetterTargetArn and a maxReceiveCount from 1 to 1000.`,
    );
  return { deadLetterTargetArn: target, maxReceiveCount: count };
}

/** Whether the dead-letter queue lets that source use it. */
export function allowsRedriveFrom(deadLetterQueue: QueueSettings, sourceArn: string): boolean {
  const policy = parsed(deadLetterQueue.attributes["RedriveAllowPolicy"] ?? "{}");
  const permission = policy?.["redrivePermission"] ?? "allowAll";
  if (permission === "allowAll") return true;
  const sources = policy?.["sourceQueueArns"];
  return permission === "byQueue" && Array.isArray(sources) && sources.includes(sourceArn);
}

function parsed(document: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(document);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
