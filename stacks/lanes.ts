/** The two lanes, each with its dead-letter queue, and who may write to them: this stage's rules and the caches' topic. */
import { laneSettings } from "@warden/functions/catalogue";
import { breakpointTimeout, deadLetterRetention } from "@warden/functions/deployed";
import { named } from "./named.ts";

/** @param topic by which caches tell the normal lane */
export function lanes({ topic }: { readonly topic: aws.sns.Topic }) {
  return { urgent: lane("Urgent", "urgent", topic), normal: lane("Normal", "normal", topic) };
}

export type Lanes = ReturnType<typeof lanes>;

function lane(title: string, name: "urgent" | "normal", topic: aws.sns.Topic) {
  const { visibility, deliveries } = laneSettings[name];
  const dlq = new sst.aws.Queue(`${title}DeadLetters`, {
    transform: { queue: { name: named(`${name}-dlq`), messageRetentionSeconds: deadLetterRetention, ...encrypted } },
  });
  const queue = new sst.aws.Queue(title, {
    visibilityTimeout: `${$dev ? breakpointTimeout : visibility} seconds`,
    dlq: { queue: dlq.arn, retry: deliveries },
    transform: { queue: { name: named(name), ...encrypted } },
  });
  writable(title, queue, topic);
  writable(`${title}DeadLetters`, dlq, topic);
  return { queue, dlq };
}

/** By SQS's own key: one of KMS would cost for each message, and EventBridge would need leave to use it. */
const encrypted = { sqsManagedSseEnabled: true };

function writable(title: string, queue: sst.aws.Queue, topic: aws.sns.Topic): void {
  const rules = $interpolate`arn:aws:events:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:rule/${named("*")}`;
  const from = (service: string, source: $util.Input<string>) => ({
    actions: ["sqs:SendMessage"],
    resources: [queue.arn],
    principals: [{ type: "Service", identifiers: [service] }],
    conditions: [{ test: "ArnLike", variable: "aws:SourceArn", values: [source] }],
  });
  const policy = aws.iam.getPolicyDocumentOutput({
    statements: [from("events.amazonaws.com", rules), from("sns.amazonaws.com", topic.arn), inClear(queue.arn)],
  });
  new aws.sqs.QueuePolicy(`${title}Policy`, { queueUrl: queue.url, policy: policy.json });
}

const inClear = (queue: $util.Input<string>) => ({
  effect: "Deny",
  actions: ["sqs:SendMessage", "sqs:ReceiveMessage"],
  resources: [queue],
  principals: [{ type: "AWS", identifiers: ["*"] }],
  conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
});
