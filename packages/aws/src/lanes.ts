/** The two lanes: queues that the loop reads and, for its wake-ups, writes. */
import { DeleteMessageBatchCommand, SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { Fault, type Lane, type LanesPort } from "@warden/control";
import { wakeBody } from "@warden/events";
import { calling } from "./classify.ts";
import { pagesOf } from "./pages.ts";

export function lanesPort(client: SQSClient, urls: Readonly<Record<Lane, string>>): LanesPort {
  return {
    async wake(lane, wakes) {
      for (const part of pagesOf(wakes, 10)) {
        const answer = await calling("sqs:SendMessage", () =>
          client.send(
            new SendMessageBatchCommand({
              QueueUrl: urls[lane],
              Entries: part.map(({ key, hops, version, alone, delay }, index) => ({
                Id: String(index),
                MessageBody: wakeBody({ key, hops, version, alone }),
                DelaySeconds: Math.round(delay / 1000),
              })),
            }),
          ),
        );
        const refused = answer.Failed?.[0];
        if (refused !== undefined) {
          throw new Fault(
            "retry",
            "sqs:SendMessage",
            refused.Code ?? "Failed",
            refused.Message ?? "an entry was refused",
            answer,
          );
        }
      }
    },

    async acknowledge(lane, receiptHandles) {
      for (const part of pagesOf(receiptHandles, 10)) {
        await calling("sqs:DeleteMessage", () =>
          client.send(
            new DeleteMessageBatchCommand({
              QueueUrl: urls[lane],
              Entries: part.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
            }),
          ),
        );
      }
    },
  };
}
