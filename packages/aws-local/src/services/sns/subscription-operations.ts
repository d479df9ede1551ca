/** The operations on subscriptions. Queues and functions of the account are confirmed at once, as on AWS. */
import type * as sns from "@aws-sdk/client-sns";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { deadLetterArn } from "./delivery.ts";
import { invalid, notFound, notModelled } from "./errors.ts";
import type { Subscription, Topic } from "./topic.ts";
import { needTopic, pageOf, type Topics } from "./topic-operations.ts";

export function subscriptionOperations({ random, account }: Surroundings, topics: Topics) {
  function need(arn: string): { topic: Topic; subscription: Subscription } {
    for (const topic of topics.values()) {
      const subscription = topic.subscriptions.get(arn);
      if (subscription !== undefined) return { topic, subscription };
    }
    throw notFound("Subscription");
  }

  const listed = (subscription: Subscription): sns.Subscription => ({
    SubscriptionArn: subscription.arn,
    TopicArn: subscription.topicArn,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    Owner: account,
  });

  return {
    Subscribe(input) {
      const topic = needTopic(topics, input.TopicArn);
      const protocol = protocolOf(input.Protocol);
      const endpoint = input.Endpoint ?? "";
      const attributes = { ...input.Attributes };
      if (!endpoint.startsWith(`arn:aws:${protocol}:`)) throw invalid(`${protocol.toUpperCase()} endpoint ARN`);
      for (const [name, value] of Object.entries(attributes)) checkAttribute(protocol, name, value);
      for (const existing of topic.subscriptions.values())
        if (existing.protocol === protocol && existing.endpoint === endpoint)
          return { SubscriptionArn: sameOrRefused(existing, attributes) };
      const arn = `${topic.arn}:${random.uuid()}`;
      topic.subscriptions.set(arn, { arn, topicArn: topic.arn, protocol, endpoint, attributes });
      return { SubscriptionArn: arn };
    },

    /** Unsubscribing what does not exist is no error. */
    Unsubscribe(input) {
      for (const topic of topics.values())
        if (topic.subscriptions.delete(input.SubscriptionArn)) topic.deletedSubscriptions += 1;
      return {};
    },

    ListSubscriptions(input) {
      const all = [...topics.values()].flatMap((topic) => [...topic.subscriptions.values()]);
      const { page, next } = pageOf(all, input.NextToken);
      return { Subscriptions: page.map(listed), ...(next !== undefined && { NextToken: next }) };
    },

    ListSubscriptionsByTopic(input) {
      const { page, next } = pageOf([...needTopic(topics, input.TopicArn).subscriptions.values()], input.NextToken);
      return { Subscriptions: page.map(listed), ...(next !== undefined && { NextToken: next }) };
    },

    GetSubscriptionAttributes(input) {
      const { subscription } = need(input.SubscriptionArn);
      return {
        Attributes: {
          RawMessageDelivery: "false",
          ...subscription.attributes,
          SubscriptionArn: subscription.arn,
          TopicArn: subscription.topicArn,
          Protocol: subscription.protocol,
          Endpoint: subscription.endpoint,
          Owner: account,
          ConfirmationWasAuthenticated: "true",
          PendingConfirmation: "false",
        },
      };
    },

    SetSubscriptionAttributes(input) {
      const { subscription } = need(input.SubscriptionArn);
      const value = input.AttributeValue ?? "";
      if (value !== "") checkAttribute(subscription.protocol, input.AttributeName, value);
      if (value === "") delete subscription.attributes[input.AttributeName];
      else subscription.attributes[input.AttributeName] = value;
      return {};
    },
  } satisfies Operations<typeof sns>;
}

const protocols = new Set(["http", "https", "email", "email-json", "sms", "application", "firehose"]);

function protocolOf(protocol: string): "sqs" | "lambda" {
  if (protocol === "sqs" || protocol === "lambda") return protocol;
  if (protocols.has(protocol)) throw notModelled(`the protocol ${protocol}`);
  throw invalid(`Does not support this protocol string: ${protocol}`);
}

function checkAttribute(protocol: "sqs" | "lambda", name: string, value: string): void {
  if (["FilterPolicy", "FilterPolicyScope", "DeliveryPolicy", "SubscriptionRoleArn", "ReplayPolicy"].includes(name))
    throw notModelled(`the subscription attribute ${name}`);
  if (name === "RawMessageDelivery") {
    if (value !== "true" && value !== "false") throw invalid("Attributes Reason: RawMessageDelivery: Invalid value.");
    if (protocol === "lambda" && value === "true")
      throw invalid("Attributes Reason: Delivery protocol [lambda] does not support raw message delivery.");
  } else if (name === "RedrivePolicy") {
    if (deadLetterArn(value)?.startsWith("arn:aws:sqs:") !== true)
      throw invalid("RedrivePolicy: must be an SQS queue ARN");
  } else throw invalid("AttributeName");
}

function sameOrRefused(existing: Subscription, attributes: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(attributes))
    if (existing.attributes[name] !== value)
      throw invalid("Attributes Reason: Subscription already exists with different attributes");
  return existing.arn;
}
