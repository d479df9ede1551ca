/** SNS: standard topics with queues and functions as subscribers. */
import * as sns from "@aws-sdk/client-sns";
import { AwsError } from "../../aws-error.ts";
import type { Functions, Queues, Range, ResourcePolicies, Surroundings, Topics } from "../../region.ts";
import { type Call, type EmbeddedService, embeddedService, type Operations } from "../../service.ts";
import { createDelivery, type Publish } from "./delivery.ts";
import { invalid, notModelled } from "./errors.ts";
import { subscriptionOperations } from "./subscription-operations.ts";
import { mayPublish, type Topic } from "./topic.ts";
import { needTopic, topicOperations } from "./topic-operations.ts";

export function createSns(
  surroundings: Surroundings,
  given: {
    queues: Queues;
    functions: Functions;
    resourcePolicies: ResourcePolicies;
    /** Publish to delivery, in milliseconds. */
    deliveryDelay?: Range;
  },
): { service: EmbeddedService; topics: Topics } {
  const topics = new Map<string, Topic>();
  const publish = createDelivery(surroundings, given, given.deliveryDelay ?? { low: 10, high: 60 });
  const service = embeddedService(sns, "sns", {
    ...topicOperations(surroundings, topics),
    ...subscriptionOperations(surroundings, topics),
    ...publishOperations(topics, publish),
  });
  return {
    service,
    topics: {
      publish(topicArn, { subject, body }, from) {
        const topic = needTopic(topics, topicArn);
        if (!mayPublish(topic, from, given.resourcePolicies))
          throw new AwsError(
            "AuthorizationError",
            `User: ${from.service} is not authorized to perform: SNS:Publish on resource: ${topicArn} because no resource-based policy allows the SNS:Publish action`,
            403,
          );
        publish(topic, { message: body, subject, isStructured: false, attributes: {}, traceHeader: undefined });
      },
    },
  };
}

function publishOperations(topics: Map<string, Topic>, publish: Publish) {
  return {
    Publish(input, call) {
      if (input.PhoneNumber !== undefined) throw notModelled("PhoneNumber");
      const arn = input.TopicArn ?? input.TargetArn;
      if (arn === undefined) throw invalid("TopicArn or TargetArn Reason: no value for required parameter");
      return { MessageId: publishOne(needTopic(topics, arn), publish, input, call) };
    },

    PublishBatch(input, call) {
      const topic = needTopic(topics, input.TopicArn);
      const entries = input.PublishBatchRequestEntries;
      checkEntries(entries.map((entry) => entry.Id));
      const answer = {
        Successful: [] as sns.PublishBatchResultEntry[],
        Failed: [] as sns.BatchResultErrorEntry[],
      };
      for (const entry of entries) {
        try {
          answer.Successful.push({ Id: entry.Id, MessageId: publishOne(topic, publish, entry, call) });
        } catch (error) {
          if (!(error instanceof sns.InvalidParameterException)) throw error;
          answer.Failed.push({ Id: entry.Id, Code: "InvalidParameter", Message: error.message, SenderFault: true });
        }
      }
      return answer;
    },
  } satisfies Operations<typeof sns>;
}

type PublishEntry = Pick<
  sns.PublishInput,
  "Subject" | "MessageStructure" | "MessageAttributes" | "MessageGroupId" | "MessageDeduplicationId"
> & { Message: string };

function publishOne(topic: Topic, publish: Publish, entry: PublishEntry, call: Call): string {
  if (entry.MessageDeduplicationId !== undefined)
    throw invalid(
      "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
    );
  if (entry.MessageGroupId !== undefined) throw notModelled("MessageGroupId on a standard topic");
  if (entry.MessageStructure !== undefined && entry.MessageStructure !== "json") throw invalid("MessageStructure");
  return publish(topic, {
    message: entry.Message,
    subject: entry.Subject,
    isStructured: entry.MessageStructure === "json",
    attributes: entry.MessageAttributes ?? {},
    traceHeader: call.traceHeader,
  });
}

function checkEntries(ids: readonly string[]): void {
  const $metadata = {};
  if (ids.length === 0)
    throw new sns.EmptyBatchRequestException({ message: "The batch request doesn't contain any entries.", $metadata });
  if (ids.length > 10)
    throw new sns.TooManyEntriesInBatchRequestException({
      message: "The batch request contains more entries than permissible.",
      $metadata,
    });
  if (new Set(ids).size < ids.length)
    throw new sns.BatchEntryIdsNotDistinctException({
      message: "Two or more batch entries in the request have the same Id.",
      $metadata,
    });
}
