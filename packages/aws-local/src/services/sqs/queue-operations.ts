/** The operations on queues themselves: create, find, describe, change, purge, delete. */
import type * as sqs from "@aws-sdk/client-sqs";
import { InvalidAttributeName, PurgeQueueInProgress } from "@aws-sdk/client-sqs";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { queueDoesNotExist } from "./errors.ts";
import type { Queue } from "./queue.ts";
import type { Registry } from "./registry.ts";

export function queueOperations(surroundings: Surroundings, registry: Registry, urlOf: (name: string) => string) {
  const { clock, account } = surroundings;

  return {
    CreateQueue(input) {
      const attributes = defined(input.Attributes ?? {});
      return { QueueUrl: urlOf(registry.create(input.QueueName, attributes, input.tags ?? {}).name) };
    },

    DeleteQueue(input) {
      registry.destroy(registry.need(input.QueueUrl));
      return {};
    },

    GetQueueUrl(input) {
      if (input.QueueOwnerAWSAccountId !== undefined && input.QueueOwnerAWSAccountId !== account)
        throw queueDoesNotExist();
      return { QueueUrl: urlOf(registry.need(input.QueueName).name) };
    },

    ListQueues(input) {
      const names = registry
        .all()
        .map((queue) => queue.name)
        .filter((name) => name.startsWith(input.QueueNamePrefix ?? ""))
        .sort();
      const { page, next } = pageOf(names, input.MaxResults, input.NextToken);
      return { ...(page.length > 0 && { QueueUrls: page.map(urlOf) }), ...(next !== undefined && { NextToken: next }) };
    },

    ListDeadLetterSourceQueues(input) {
      const target = registry.need(input.QueueUrl);
      const sources = registry.all().filter((queue) => queue.settings.redrive?.deadLetterTargetArn === target.arn);
      const { page, next } = pageOf(sources, input.MaxResults, input.NextToken);
      return { queueUrls: page.map((queue) => urlOf(queue.name)), ...(next !== undefined && { NextToken: next }) };
    },

    GetQueueAttributes(input) {
      const wanted: readonly string[] = input.AttributeNames ?? [];
      const known = described(registry.need(input.QueueUrl));
      for (const name of wanted) if (name !== "All" && !attributeNames.has(name)) throw unknownAttribute(name);
      const asked = Object.entries(known).filter(([name]) => wanted.includes("All") || wanted.includes(name));
      return asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) };
    },

    SetQueueAttributes(input) {
      registry.setAttributes(registry.need(input.QueueUrl), defined(input.Attributes));
      return {};
    },

    PurgeQueue(input) {
      const queue = registry.need(input.QueueUrl);
      if (queue.purgedAt !== undefined && clock.now() - queue.purgedAt < 60_000)
        throw new PurgeQueueInProgress({
          message: `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
          $metadata: {},
        });
      queue.purgedAt = clock.now();
      queue.purge();
      return {};
    },

    TagQueue(input) {
      Object.assign(registry.need(input.QueueUrl).tags, input.Tags);
      return {};
    },

    UntagQueue(input) {
      const queue = registry.need(input.QueueUrl);
      for (const key of input.TagKeys) delete queue.tags[key];
      return {};
    },

    ListQueueTags(input) {
      const { tags } = registry.need(input.QueueUrl);
      return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
    },
  } satisfies Operations<typeof sqs>;
}

function described(queue: Queue): Record<string, string> {
  const counts = queue.counts();
  return {
    ...queue.settings.attributes,
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
  };
}

const attributeNames = new Set(
  `ApproximateNumberOfMessages ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible
  ContentBasedDeduplication CreatedTimestamp DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit
  KmsDataKeyReusePeriodSeconds KmsMasterKeyId LastModifiedTimestamp MaximumMessageSize MessageRetentionPeriod Policy
  QueueArn ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled VisibilityTimeout`.split(
    /\s+/,
  ),
);

const unknownAttribute = (name: string): Error =>
  new InvalidAttributeName({ message: `Unknown Attribute ${name}.`, $metadata: {} });

/** A token is given only to a caller that asked for pages. */
function pageOf<Item>(
  items: readonly Item[],
  size: number | undefined,
  token: string | undefined,
): { page: readonly Item[]; next: string | undefined } {
  const from = token === undefined ? 0 : Number(Buffer.from(token, "base64").toString());
  const until = from + (size ?? 1000);
  const next = size !== undefined && until < items.length ? Buffer.from(String(until)).toString("base64") : undefined;
  return { page: items.slice(from, until), next };
}

function defined(attributes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) kept[name] = value;
  return kept;
}
