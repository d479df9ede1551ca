/** From a published message to its subscribers. A delivery that is refused goes to the subscription's dead-letter queue. */
import type { MessageAttributeValue } from "@aws-sdk/client-sns";
import type { Functions, Queues, Range, ServicePrincipal, Surroundings } from "../../region.ts";
import { functionEvent, type Notification, queueEnvelope, rawAttributes } from "./envelope.ts";
import { invalid } from "./errors.ts";
import type { Subscription, Topic } from "./topic.ts";

/** SNS developer guide, quotas: 256 KB a message. */
const largestMessage = 262_144;

export interface Publication {
  readonly message: string;
  readonly subject: string | undefined;
  readonly isStructured: boolean;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly traceHeader: string | undefined;
}

export type Publish = (topic: Topic, publication: Publication) => string;

export function createDelivery(
  surroundings: Surroundings,
  neighbours: { queues: Queues; functions: Functions },
  delay: Range,
): Publish {
  const { clock, random, region } = surroundings;

  function publish(topic: Topic, publication: Publication): string {
    const messages = byProtocol(publication);
    const messageId = random.uuid();
    for (const subscription of topic.subscriptions.values()) {
      const notification: Notification = {
        messageId,
        topicArn: topic.arn,
        subject: publication.subject,
        message: messages(subscription.protocol),
        publishedAt: clock.now(),
        attributes: publication.attributes,
        signature: Buffer.from(random.hex(256), "hex").toString("base64"),
      };
      clock.after(random.integer(delay.low, delay.high), () =>
        deliver(subscription, notification, publication.traceHeader),
      );
    }
    return messageId;
  }

  function deliver(subscription: Subscription, notification: Notification, traceHeader: string | undefined): void {
    const from: ServicePrincipal = { service: "sns.amazonaws.com", sourceArn: subscription.topicArn };
    const trace = traceHeader === undefined ? {} : { traceHeader };
    try {
      if (subscription.protocol === "sqs")
        deliverToQueue(subscription.endpoint, subscription, notification, from, trace);
      else {
        const event = JSON.stringify(functionEvent(notification, subscription.arn, region));
        neighbours.functions.invokeLater(subscription.endpoint, event, from, trace);
      }
    } catch {
      // Refused or gone: SNS does not retry client errors (developer guide, message delivery retries).
      deliverToDeadLetterQueue(subscription, notification, from);
    }
  }

  function deliverToQueue(
    queueArn: string,
    subscription: Subscription,
    notification: Notification,
    from: ServicePrincipal,
    trace: { traceHeader?: string },
  ): void {
    const isRaw = subscription.attributes["RawMessageDelivery"] === "true";
    const body = isRaw ? notification.message : queueEnvelope(notification, subscription.arn, region);
    const extras = isRaw ? { ...trace, messageAttributes: rawAttributes(notification) } : trace;
    neighbours.queues.deliver(queueArn, body, from, extras);
  }

  function deliverToDeadLetterQueue(
    subscription: Subscription,
    notification: Notification,
    from: ServicePrincipal,
  ): void {
    const queueArn = deadLetterArn(subscription.attributes["RedrivePolicy"]);
    if (queueArn === undefined) return;
    try {
      deliverToQueue(queueArn, subscription, notification, from, {});
    } catch {
      // Nobody is left to tell.
    }
  }

  return publish;
}

/** With MessageStructure `json`, each protocol may have its own text. */
function byProtocol({ message, subject, isStructured, attributes }: Publication): (protocol: string) => string {
  if (message === "") throw invalid("Empty message");
  if (sizeOf(message, attributes) > largestMessage) throw invalid("Message too long");
  if (subject !== undefined && !/^[\x20-\x7E]{1,100}$/.test(subject)) throw invalid("Subject");
  if (!isStructured) return () => message;
  const texts = structured(message);
  return (protocol) => texts.get(protocol) ?? texts.get("default") ?? "";
}

function structured(message: string): Map<string, string> {
  let given: unknown;
  try {
    given = JSON.parse(message);
  } catch {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
  const texts = new Map<string, string>();
  if (typeof given === "object" && given !== null)
    for (const [protocol, text] of Object.entries(given)) if (typeof text === "string") texts.set(protocol, text);
  if (!texts.has("default")) throw invalid("Message Structure - No default entry in JSON message body");
  return texts;
}

function sizeOf(message: string, attributes: Publication["attributes"]): number {
  let size = Buffer.byteLength(message);
  for (const [name, value] of Object.entries(attributes))
    size +=
      Buffer.byteLength(name) +
      Buffer.byteLength(value.DataType ?? "") +
      (value.BinaryValue?.byteLength ?? Buffer.byteLength(value.StringValue ?? ""));
  return size;
}

export function deadLetterArn(redrivePolicy: string | undefined): string | undefined {
  if (redrivePolicy === undefined) return undefined;
  try {
    const policy: unknown = JSON.parse(redrivePolicy);
    if (typeof policy === "object" && policy !== null && "deadLetterTargetArn" in policy)
      return typeof policy.deadLetterTargetArn === "string" ? policy.deadLetterTargetArn : undefined;
  } catch {
    // Not JSON: no policy.
  }
  return undefined;
}
