/**
 * The JSON around a notification. Text and member order are as SNS writes them; the signature is no signature, for
 * nobody here has the key of AWS's certificate.
 */
import type { MessageAttributeValue } from "@aws-sdk/client-sns";
import type { ReceivedMessage } from "../../region.ts";

export interface Notification {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly signature: string;
}

/** What a queue gets without RawMessageDelivery. */
export function queueEnvelope(notification: Notification, subscriptionArn: string, region: string): string {
  const members: [string, string][] = [
    ["Type", "Notification"],
    ["MessageId", notification.messageId],
    ["TopicArn", notification.topicArn],
    ...(notification.subject === undefined ? [] : [["Subject", notification.subject] satisfies [string, string]]),
    ["Message", notification.message],
    ["Timestamp", new Date(notification.publishedAt).toISOString()],
    ["SignatureVersion", "1"],
    ["Signature", notification.signature],
    ["SigningCertURL", certificateUrl(region)],
    ["UnsubscribeURL", unsubscribeUrl(region, subscriptionArn)],
  ];
  const lines = members.map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  const attributes = Object.entries(typedAttributes(notification)).map(
    ([name, value]) => `    ${JSON.stringify(name)} : ${JSON.stringify(value)}`,
  );
  if (attributes.length > 0) lines.push(`  "MessageAttributes" : {\n${attributes.join(",\n")}\n  }`);
  return `{\n${lines.join(",\n")}\n}`;
}

/** What a function gets: the two URLs are spelled otherwise, and an absent subject is null. */
export function functionEvent(notification: Notification, subscriptionArn: string, region: string): object {
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          Type: "Notification",
          MessageId: notification.messageId,
          TopicArn: notification.topicArn,
          Subject: notification.subject ?? null,
          Message: notification.message,
          Timestamp: new Date(notification.publishedAt).toISOString(),
          SignatureVersion: "1",
          Signature: notification.signature,
          SigningCertUrl: certificateUrl(region),
          UnsubscribeUrl: unsubscribeUrl(region, subscriptionArn),
          MessageAttributes: typedAttributes(notification),
        },
      },
    ],
  };
}

/** For a queue with RawMessageDelivery, where they become the message's own attributes. */
export function rawAttributes(notification: Notification): ReceivedMessage["messageAttributes"] {
  return Object.fromEntries(
    Object.entries(notification.attributes).map(([name, value]) => [
      name,
      {
        dataType: value.DataType ?? "String",
        ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
        ...(value.BinaryValue !== undefined && { binaryValue: base64(value.BinaryValue) }),
      },
    ]),
  );
}

function typedAttributes(notification: Notification): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(
    Object.entries(notification.attributes).map(([name, value]) => [
      name,
      {
        Type: value.DataType ?? "String",
        Value: value.BinaryValue === undefined ? (value.StringValue ?? "") : base64(value.BinaryValue),
      },
    ]),
  );
}

const base64 = (blob: Uint8Array): string =>
  Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString("base64");

const certificateUrl = (region: string): string =>
  `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000000000000000000000.pem`;

const unsubscribeUrl = (region: string, subscriptionArn: string): string =>
  `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
