/** The three batch operations: checks on the batch as a whole, then one answer for each entry. */
import * as sqs from "@aws-sdk/client-sqs";
import { AwsError } from "../../aws-error.ts";

const $metadata = {};

export interface BatchAnswer<Success> {
  Successful: Success[];
  Failed: { Id: string; SenderFault: boolean; Code: string; Message: string }[];
}

/** Runs `each` for every entry; an entry that fails does not touch the others. */
export function batch<Entry extends { Id: string }, Success>(
  operation: "SendMessageBatch" | "DeleteMessageBatch" | "ChangeMessageVisibilityBatch",
  entries: readonly Entry[],
  each: (entry: Entry) => Success,
): BatchAnswer<Success> {
  checkEntries(operation, entries);
  const answer: BatchAnswer<Success> = { Successful: [], Failed: [] };
  for (const entry of entries) {
    try {
      answer.Successful.push(each(entry));
    } catch (error) {
      if (!(error instanceof AwsError || error instanceof sqs.SQSServiceException)) throw error;
      const code = error instanceof AwsError ? error.code : error.name;
      answer.Failed.push({ Id: entry.Id, SenderFault: true, Code: code, Message: error.message });
    }
  }
  return answer;
}

function checkEntries(operation: string, entries: readonly { Id: string }[]): void {
  if (entries.length === 0)
    throw new sqs.EmptyBatchRequest({
      message: `There should be at least one ${operation}RequestEntry in the request.`,
      $metadata,
    });
  if (entries.length > 10)
    throw new sqs.TooManyEntriesInBatchRequest({
      message: `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
      $metadata,
    });
  const seen = new Set<string>();
  for (const { Id } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id))
      throw new sqs.InvalidBatchEntryId({
        message:
          "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
        $metadata,
      });
    if (seen.has(Id)) throw new sqs.BatchEntryIdsNotDistinct({ message: `Id ${Id} repeated.`, $metadata });
    seen.add(Id);
  }
}

/** A batch as a whole has the size limit of one message (limits-and-prices 1.3). */
export function checkBatchSize(sizes: readonly number[]): void {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > 1_048_576)
    throw new sqs.BatchRequestTooLong({
      message: `Batch requests cannot be longer than 1048576 bytes. You have sent ${total} bytes.`,
      $metadata,
    });
}
