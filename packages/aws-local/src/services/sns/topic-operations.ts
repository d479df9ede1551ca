/** The operations on topics and their tags. */
import type * as sns from "@aws-sdk/client-sns";
import { ResourceNotFoundException } from "@aws-sdk/client-sns";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalid, notFound, notModelled } from "./errors.ts";
import { defaultPolicy, type Topic } from "./topic.ts";

export type Topics = Map<string, Topic>;

const settable = new Set(["DisplayName", "Policy", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"]);

export function needTopic(topics: Topics, arn: string): Topic {
  const topic = topics.get(arn);
  if (topic === undefined) throw notFound("Topic");
  return topic;
}

export function topicOperations({ region, account }: Surroundings, topics: Topics) {
  return {
    CreateTopic(input) {
      if (input.Name.endsWith(".fifo") || input.Attributes?.["FifoTopic"] === "true") throw notModelled("a FIFO topic");
      if (!/^[A-Za-z0-9_-]{1,256}$/.test(input.Name)) throw invalid("Topic Name");
      if (input.DataProtectionPolicy !== undefined) throw notModelled("DataProtectionPolicy");
      const arn = `arn:aws:sns:${region}:${account}:${input.Name}`;
      for (const [name, value] of Object.entries(input.Attributes ?? {})) checkAttribute(name, value);
      const existing = topics.get(arn);
      for (const [name, value] of Object.entries(input.Attributes ?? {}))
        if (existing !== undefined && existing.attributes[name] !== value)
          throw invalid("Attributes Reason: Topic already exists with different attributes");
      if (existing === undefined)
        topics.set(arn, {
          arn,
          name: input.Name,
          attributes: { ...input.Attributes },
          tags: new Map((input.Tags ?? []).map((tag) => [tag.Key, tag.Value])),
          subscriptions: new Map(),
          deletedSubscriptions: 0,
        });
      return { TopicArn: arn };
    },

    /** Deleting what does not exist is no error (API reference, DeleteTopic). */
    DeleteTopic(input) {
      topics.delete(input.TopicArn);
      return {};
    },

    ListTopics(input) {
      const { page, next } = pageOf([...topics.keys()].sort(), input.NextToken);
      return { Topics: page.map((TopicArn) => ({ TopicArn })), ...(next !== undefined && { NextToken: next }) };
    },

    GetTopicAttributes(input) {
      const topic = needTopic(topics, input.TopicArn);
      return {
        Attributes: {
          DisplayName: "",
          Policy: defaultPolicy(topic.arn, account),
          ...topic.attributes,
          TopicArn: topic.arn,
          Owner: account,
          SubscriptionsConfirmed: String(topic.subscriptions.size),
          SubscriptionsPending: "0",
          SubscriptionsDeleted: String(topic.deletedSubscriptions),
        },
      };
    },

    SetTopicAttributes(input) {
      const topic = needTopic(topics, input.TopicArn);
      const value = input.AttributeValue ?? "";
      checkAttribute(input.AttributeName, value);
      if (value === "") delete topic.attributes[input.AttributeName];
      else topic.attributes[input.AttributeName] = value;
      return {};
    },

    TagResource(input) {
      const { tags } = tagged(topics, input.ResourceArn);
      for (const { Key, Value } of input.Tags) tags.set(Key, Value);
      return {};
    },

    UntagResource(input) {
      const { tags } = tagged(topics, input.ResourceArn);
      for (const key of input.TagKeys) tags.delete(key);
      return {};
    },

    ListTagsForResource: (input) => ({
      Tags: [...tagged(topics, input.ResourceArn).tags].map(([Key, Value]) => ({ Key, Value })),
    }),
  } satisfies Operations<typeof sns>;
}

function checkAttribute(name: string, value: string): void {
  if (name === "DeliveryPolicy" || name.endsWith("FeedbackRoleArn") || name.endsWith("FeedbackSampleRate"))
    throw notModelled(`the topic attribute ${name}`);
  if (name === "FifoTopic" && value === "false") return;
  if (!settable.has(name)) throw invalid("AttributeName");
  if (name === "Policy" && value !== "" && !isObject(value)) throw invalid("Policy Error: null");
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

function tagged(topics: Topics, arn: string): Topic {
  const topic = topics.get(arn);
  if (topic === undefined) throw new ResourceNotFoundException({ message: "Resource does not exist", $metadata: {} });
  return topic;
}

/** Lists come a hundred at a time. */
export function pageOf<Item>(
  items: readonly Item[],
  token: string | undefined,
): { page: readonly Item[]; next: string | undefined } {
  const from = token === undefined ? 0 : Number(token);
  const until = from + 100;
  return { page: items.slice(from, until), next: until < items.length ? String(until) : undefined };
}
