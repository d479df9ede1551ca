/**
 * Where an asynchronous event goes in the end: an invocation record to a destination queue, or the event itself to the
 * function's dead-letter queue. Both are sent with the function's role, so that role needs `sqs:SendMessage`.
 */
import type { DeliveryExtras, Metrics, PolledQueues, Surroundings } from "../../region.ts";
import type { QueuedEvent } from "./asynchronous.ts";
import type { LambdaFunction } from "./function.ts";
import type { RoleCheck } from "./role.ts";
import type { Result } from "./work.ts";

export type FailureCondition = "RetriesExhausted" | "EventAgeExceeded" | "RecursiveInvocation";
export type Destinations = ReturnType<typeof createDestinations>;

export function createDestinations(
  surroundings: Surroundings,
  queues: PolledQueues,
  mayDo: RoleCheck,
  metrics: Metrics | undefined,
) {
  function succeeded(target: LambdaFunction, event: QueuedEvent, result: Result): void {
    const queueArn = target.eventInvoke?.onSuccess;
    if (queueArn !== undefined) send(target, queueArn, invocationRecord(target, event, "Success", result), {});
  }

  function failed(
    target: LambdaFunction,
    event: QueuedEvent,
    condition: FailureCondition,
    result: Result | undefined,
  ): void {
    metrics?.put("AWS/Lambda", "AsyncEventsDropped", 1, { FunctionName: target.name });
    const queueArn = target.eventInvoke?.onFailure;
    if (queueArn !== undefined) send(target, queueArn, invocationRecord(target, event, condition, result), {});
    const deadLetterArn = target.configuration.deadLetterArn;
    if (deadLetterArn !== undefined)
      send(target, deadLetterArn, event.payload, { messageAttributes: deadLetterAttributes(event, result) });
  }

  /** A delivery that fails is only counted, as on AWS. */
  function send(target: LambdaFunction, queueArn: string, body: string, extras: DeliveryExtras): void {
    try {
      mayDo(target.configuration.role, target.name, "sqs:SendMessage", queueArn);
      queues.send(queueArn, body, target.name, extras);
    } catch {
      metrics?.put("AWS/Lambda", "DestinationDeliveryFailures", 1, { FunctionName: target.name });
    }
  }

  function invocationRecord(
    target: LambdaFunction,
    event: QueuedEvent,
    condition: FailureCondition | "Success",
    result: Result | undefined,
  ): string {
    return JSON.stringify({
      version: "1.0",
      timestamp: new Date(surroundings.clock.now()).toISOString(),
      requestContext: {
        requestId: event.requestId,
        functionArn: `${target.arn}:$LATEST`,
        condition,
        approximateInvokeCount: event.runs,
      },
      requestPayload: JSON.parse(event.payload),
      ...(result !== undefined && {
        responseContext: {
          statusCode: 200,
          executedVersion: "$LATEST",
          ...(result.failure !== undefined && { functionError: "Unhandled" }),
        },
        responsePayload: JSON.parse(result.payload),
      }),
    });
  }

  return { succeeded, failed };
}

function deadLetterAttributes(
  event: QueuedEvent,
  result: Result | undefined,
): NonNullable<DeliveryExtras["messageAttributes"]> {
  const message = result?.failure?.errorMessage.slice(0, 1024);
  return {
    RequestID: { dataType: "String", stringValue: event.requestId },
    ErrorCode: { dataType: "Number", stringValue: result === undefined ? "429" : "200" },
    ...(message !== undefined && message !== "" && { ErrorMessage: { dataType: "String", stringValue: message } }),
  };
}
