/** The operations on messages: send, receive, delete, change visibility, one by one and in batches. */
import type * as sqs from "@aws-sdk/client-sqs";
import type { Surroundings } from "../../region.ts";
import type { Call, Operations } from "../../service.ts";
import { batch, checkBatchSize } from "./batches.ts";
import { invalidParameter, notModelled } from "./errors.ts";
import { md5, md5OfAttributes, sizeOf } from "./message.ts";
import type { Queue } from "./queue.ts";
import { receive } from "./receive.ts";
import type { Registry } from "./registry.ts";

export function messageOperations(surroundings: Surroundings, registry: Registry) {
  return {
    SendMessage: (input, call) => sent(registry, registry.need(input.QueueUrl), input, call),

    SendMessageBatch(input, call) {
      const queue = registry.need(input.QueueUrl);
      checkBatchSize(input.Entries.map((entry) => sizeOf(entry.MessageBody, entry.MessageAttributes ?? {})));
      return batch("SendMessageBatch", input.Entries, (entry) => ({
        Id: entry.Id,
        ...sent(registry, queue, entry, call),
      }));
    },

    ReceiveMessage: (input) => receive(surroundings.clock, registry.need(input.QueueUrl), input),

    DeleteMessage(input) {
      registry.need(input.QueueUrl).remove(input.ReceiptHandle);
      return {};
    },

    DeleteMessageBatch(input) {
      const queue = registry.need(input.QueueUrl);
      return batch("DeleteMessageBatch", input.Entries, (entry) => {
        queue.remove(entry.ReceiptHandle);
        return { Id: entry.Id };
      });
    },

    ChangeMessageVisibility(input) {
      changeVisibility(registry.need(input.QueueUrl), input.ReceiptHandle, input.VisibilityTimeout);
      return {};
    },

    ChangeMessageVisibilityBatch(input) {
      const queue = registry.need(input.QueueUrl);
      return batch("ChangeMessageVisibilityBatch", input.Entries, (entry) => {
        changeVisibility(queue, entry.ReceiptHandle, entry.VisibilityTimeout);
        return { Id: entry.Id };
      });
    },
  } satisfies Operations<typeof sqs>;
}

/** What SendMessage and an entry of SendMessageBatch have in common. */
interface SendEntry {
  readonly MessageBody: string;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Record<string, sqs.MessageAttributeValue> | undefined;
  readonly MessageSystemAttributes?: Partial<Record<string, sqs.MessageSystemAttributeValue>> | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageGroupId?: string | undefined;
}

function sent(registry: Registry, queue: Queue, entry: SendEntry, call: Call) {
  const attributes = entry.MessageAttributes ?? {};
  const system = entry.MessageSystemAttributes?.["AWSTraceHeader"];
  if (!queue.settings.isFifo && entry.MessageGroupId !== undefined)
    throw notModelled("MessageGroupId on a standard queue (fair queues)");
  const { messageId, sequenceNumber } = registry.send(queue, {
    body: entry.MessageBody,
    delay: entry.DelaySeconds === undefined ? undefined : entry.DelaySeconds * 1000,
    messageAttributes: attributes,
    senderId: senderIdOf(call),
    traceHeader: system?.StringValue ?? call.traceHeader,
    messageGroupId: entry.MessageGroupId,
    messageDeduplicationId: entry.MessageDeduplicationId,
  });
  const digest = md5OfAttributes(attributes);
  const systemDigest = system === undefined ? undefined : md5OfAttributes({ AWSTraceHeader: system });
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5(entry.MessageBody),
    ...(digest !== undefined && { MD5OfMessageAttributes: digest }),
    ...(systemDigest !== undefined && { MD5OfMessageSystemAttributes: systemDigest }),
    ...(sequenceNumber !== undefined && { SequenceNumber: String(sequenceNumber) }),
  };
}

/** AWS answers a unique id of the role and the session's name; the role's name stands for its id here. */
const senderIdOf = ({ principal }: Call): string =>
  principal.kind === "role" ? `AROA${principal.roleName}:${principal.sessionName}` : "AIDAEMBEDDEDAWSUSER";

function changeVisibility(queue: Queue, receiptHandle: string, seconds = 0): void {
  if (seconds < 0 || seconds > 43_200)
    throw invalidParameter(
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200`,
    );
  queue.changeVisibility(receiptHandle, seconds * 1000);
}
