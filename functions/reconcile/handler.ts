/** Reads one lane: both lanes have a function of this code. */
import { type Lane, type Message, reconcile } from "@warden/control";
import type { Loop } from "@warden/worlds/loop";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { chain } from "../chain.ts";

export function reconcileHandler(lane: Lane, loop: Loop) {
  return chain<SQSEvent, SQSBatchResponse>(loop).handler(async (event) => {
    const failed = await reconcile(lane, event.Records.map(messageOf), loop.deps);
    loop.metrics.addMetric("MessagesReceived", "Count", event.Records.length);
    if (failed.length > 0) loop.metrics.addMetric("MessagesFailed", "Count", failed.length);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
}

function messageOf(record: SQSRecord): Message {
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    body: record.body,
    received: Number(record.attributes.ApproximateReceiveCount),
  };
}
