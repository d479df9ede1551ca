/**
 * SQS: queues, as the Simple Queue Service developer guide describes them. Standard queues hand out in order of arrival
 * and exactly once until a time-out, which AWS does not promise: code under test must not rely on either.
 */
import * as sqs from "@aws-sdk/client-sqs";
import { AwsError } from "../../aws-error.ts";
import type { PolledQueues, ResourcePolicies, Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { asReceived, fromDelivered } from "./message.ts";
import { messageOperations } from "./message-operations.ts";
import { createMoveTasks } from "./move-tasks.ts";
import { queueOperations } from "./queue-operations.ts";
import { createRegistry } from "./registry.ts";

export function createSqs(
  surroundings: Surroundings,
  given: {
    resourcePolicies: ResourcePolicies;
    /** `http://127.0.0.1:4566`: queue URLs are `<endpoint>/<account>/<name>`. */
    endpoint: () => string;
  },
): { service: EmbeddedService; queues: PolledQueues } {
  const registry = createRegistry(surroundings);
  const urlOf = (name: string): string => `${given.endpoint()}/${surroundings.account}/${name}`;
  const service = embeddedService(sqs, "sqs", {
    ...queueOperations(surroundings, registry, urlOf),
    ...messageOperations(surroundings, registry),
    ...moveTaskOperations(surroundings, registry),
  });
  return { service, queues: neighbourInterface(registry, given.resourcePolicies) };
}

function neighbourInterface(registry: ReturnType<typeof createRegistry>, policies: ResourcePolicies): PolledQueues {
  const send: PolledQueues["send"] = (queueArn, body, senderId, extras = {}) => {
    registry.send(registry.need(queueArn), {
      body,
      senderId,
      delay: undefined,
      messageAttributes: fromDelivered(extras.messageAttributes ?? {}),
      traceHeader: extras.traceHeader,
      messageGroupId: extras.messageGroupId,
      messageDeduplicationId: extras.messageDeduplicationId,
    });
  };

  return {
    send,
    deliver(queueArn, body, from, extras) {
      const { policy } = registry.need(queueArn).settings;
      if (!policies.allows(policy, { principal: from, action: "sqs:SendMessage", resource: queueArn }))
        throw new AwsError(
          "AccessDenied",
          `User: ${from.service} is not authorized to perform: sqs:sendmessage on resource: ${queueArn} because no resource-based policy allows the sqs:sendmessage action`,
          403,
        );
      send(queueArn, body, from.service, extras);
    },
    receive(queueArn, most) {
      const queue = registry.need(queueArn);
      return queue.take(most, queue.settings.visibilityTimeout).map(asReceived);
    },
    remove: (queueArn, receiptHandle) => registry.find(queueArn)?.remove(receiptHandle),
    giveBack: (queueArn, receiptHandle) => registry.find(queueArn)?.changeVisibility(receiptHandle, 0),
    onArrival: (queueArn, listener) => registry.need(queueArn).onArrival(listener),
    visibilityTimeout: (queueArn) => registry.find(queueArn)?.settings.visibilityTimeout,
  };
}

function moveTaskOperations(surroundings: Surroundings, registry: ReturnType<typeof createRegistry>) {
  const tasks = createMoveTasks(surroundings, registry);
  return {
    StartMessageMoveTask: (input: sqs.StartMessageMoveTaskCommandInput) => ({
      TaskHandle: tasks.start(input.SourceArn ?? "", input.DestinationArn, input.MaxNumberOfMessagesPerSecond),
    }),
    CancelMessageMoveTask: (input: sqs.CancelMessageMoveTaskCommandInput) => ({
      ApproximateNumberOfMessagesMoved: tasks.cancel(input.TaskHandle ?? ""),
    }),
    ListMessageMoveTasks: (input: sqs.ListMessageMoveTasksCommandInput) => ({
      Results: tasks.list(input.SourceArn ?? "", input.MaxResults),
    }),
  };
}
