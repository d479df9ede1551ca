/** The event that a batch of messages becomes, and what the function's answer says about each message. */
import type { SQSEvent, SQSMessageAttributes } from "aws-lambda";
import type { ReceivedMessage } from "../../region.ts";

export function sqsEvent(messages: readonly ReceivedMessage[], queueArn: string, region: string): SQSEvent {
  return {
    Records: messages.map((message) => ({
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: "",
        SentTimestamp: "",
        SenderId: "",
        ApproximateFirstReceiveTimestamp: "",
        ...message.attributes,
      },
      messageAttributes: attributesOf(message),
      md5OfBody: message.md5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  };
}

function attributesOf(message: ReceivedMessage): SQSMessageAttributes {
  return Object.fromEntries(
    Object.entries(message.messageAttributes).map(([name, value]) => [
      name,
      { ...value, stringListValues: [], binaryListValues: [] },
    ]),
  );
}

/**
 * The messages that stay in the queue. An empty or missing list means complete success; a list that names an unknown
 * message, an empty id or something that is no id means that the whole batch failed (developer guide, "Success and
 * failure conditions").
 */
export function failedIds(response: string, messages: readonly ReceivedMessage[]): ReadonlySet<string> {
  const all = new Set(messages.map((message) => message.messageId));
  let answer: unknown;
  try {
    answer = JSON.parse(response);
  } catch {
    return all;
  }
  const none: ReadonlySet<string> = new Set();
  if (answer === null || answer === undefined) return none;
  if (typeof answer !== "object") return all;
  if (!("batchItemFailures" in answer) || answer.batchItemFailures === null) return none;
  if (!Array.isArray(answer.batchItemFailures)) return all;

  const failed = new Set<string>();
  for (const failure of answer.batchItemFailures as readonly unknown[]) {
    const id = itemIdentifier(failure);
    if (id === undefined || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}

function itemIdentifier(failure: unknown): string | undefined {
  if (typeof failure !== "object" || failure === null || !("itemIdentifier" in failure)) return undefined;
  return typeof failure.itemIdentifier === "string" ? failure.itemIdentifier : undefined;
}
