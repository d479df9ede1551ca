/**
 * Takes an event to one target, as often as the target's retry policy says, and to its dead-letter queue when all
 * else failed (EventBridge guide, "Event retry policy and using dead-letter queues").
 */
import type { Target } from "@aws-sdk/client-eventbridge";
import { AwsError } from "../../aws-error.ts";
import type { DeliveryExtras, Functions, Metrics, Queues, Surroundings, Topics } from "../../region.ts";
import type { BusEvent } from "./event.ts";
import type { MatchedBy } from "./target-input.ts";
import { targetInput } from "./target-input.ts";

/** Looked up at each delivery, so a service that is made later may be put in later. */
export interface Neighbours {
  readonly queues: Queues;
  readonly topics: Topics;
  readonly functions: Functions;
  /** Receives the metrics of `AWS/Events`. */
  readonly metrics?: Metrics;
}

export interface Delivery {
  deliver(event: BusEvent, rule: MatchedBy, target: Target, traceHeader?: string): void;
  /** How many events a rule lost for good or sent to a dead-letter queue: its `FailedInvocations`. */
  failedInvocations(ruleArn: string): number;
}

/** One event on its way to one target. */
interface Journey {
  readonly event: BusEvent;
  readonly rule: MatchedBy;
  readonly target: Target;
  readonly traceHeader: string | undefined;
  readonly startedAt: number;
}

export function delivery(surroundings: Surroundings, neighbours: Neighbours): Delivery {
  const { clock, random, timings } = surroundings;
  const failures = new Map<string, number>();

  function attempt(journey: Journey, retries: number): void {
    try {
      send(journey);
      count(journey.rule, "Invocations");
    } catch (error) {
      const failure = failureOf(error);
      if (failure.final) giveUp(journey, retries, failure);
      else retry(journey, retries, failure);
    }
  }

  function retry(journey: Journey, retries: number, failure: Failure): void {
    const policy = journey.target.RetryPolicy;
    if (retries >= (policy?.MaximumRetryAttempts ?? 185)) {
      giveUp(journey, retries, failure, "MaximumRetryAttempts");
      return;
    }
    const expiresAt = journey.startedAt + (policy?.MaximumEventAgeInSeconds ?? 86_400) * 1000;
    const retryAt = clock.now() + backOff(retries);
    if (retryAt < expiresAt) clock.after(retryAt - clock.now(), () => attempt(journey, retries + 1));
    else clock.after(expiresAt - clock.now(), () => giveUp(journey, retries, failure, "MaximumEventAgeInSeconds"));
  }

  /** Doubling from a second, at most ten minutes: so 185 attempts take about the 24 hours that AWS names. */
  const backOff = (retries: number): number => Math.min(1000 * 2 ** retries, 600_000) * (0.5 + random.next() / 2);

  function giveUp(journey: Journey, retries: number, failure: Failure, exhausted?: string): void {
    failures.set(journey.rule.arn, (failures.get(journey.rule.arn) ?? 0) + 1);
    count(journey.rule, "FailedInvocations");
    const deadLetters = journey.target.DeadLetterConfig?.Arn;
    if (deadLetters === undefined) return;
    try {
      neighbours.queues.deliver(deadLetters, JSON.stringify(journey.event), principal(journey.rule), {
        messageAttributes: obituary(journey, retries, failure, exhausted),
      });
      count(journey.rule, "InvocationsSentToDlq");
    } catch {
      count(journey.rule, "InvocationsFailedToBeSentToDlq");
    }
  }

  function send({ event, rule, target, traceHeader, startedAt }: Journey): void {
    const input = targetInput(target, event, rule, startedAt);
    const arn = target.Arn ?? "";
    const trace = traceHeader === undefined ? {} : { traceHeader };
    switch (arn.split(":")[2]) {
      case "sqs":
        neighbours.queues.deliver(arn, input, principal(rule), { ...trace, ...fifo(target) });
        break;
      case "sns":
        neighbours.topics.publish(arn, { body: input }, principal(rule));
        break;
      case "lambda":
        neighbours.functions.invokeLater(arn, input, principal(rule), trace);
        break;
      default:
        throw new AwsError("NotImplemented", `a target such as ${arn} is not modelled here`, 501);
    }
  }

  function count(rule: MatchedBy, metric: string): void {
    neighbours.metrics?.put("AWS/Events", metric, 1, { RuleName: rule.name });
  }

  return {
    deliver(event, rule, target, traceHeader) {
      const journey = { event, rule, target, traceHeader, startedAt: clock.now() };
      const { low, high } = timings.eventDelivery;
      clock.after(low + random.next() * (high - low), () => attempt(journey, 0));
    },
    failedInvocations: (ruleArn) => failures.get(ruleArn) ?? 0,
  };
}

const principal = (rule: MatchedBy) => ({ service: "events.amazonaws.com", sourceArn: rule.arn });

function fifo(target: Target): Pick<DeliveryExtras, "messageGroupId"> {
  const messageGroupId = target.SqsParameters?.MessageGroupId;
  return messageGroupId === undefined ? {} : { messageGroupId };
}

interface Failure {
  readonly code: string;
  readonly message: string;
  /** Trying again would not help until somebody mends it. */
  readonly final: boolean;
}

function failureOf(error: unknown): Failure {
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : String(error);
  if (/^AccessDenied|AuthorizationError|KMSAccessDenied/.test(name))
    return { code: "NO_PERMISSIONS", message, final: true };
  if (/NotFound|NonExistentQueue|QueueDoesNotExist/.test(name)) return { code: "NO_RESOURCE", message, final: true };
  if (name === "NotImplemented") throw error;
  return { code: /Throttl|TooManyRequests/.test(name) ? "THROTTLING" : "SDK_CLIENT_ERROR", message, final: false };
}

/** The message attributes that tell a dead letter's story, named as in the EventBridge guide. */
function obituary(
  { rule, target }: Journey,
  retries: number,
  failure: Failure,
  exhausted: string | undefined,
): NonNullable<DeliveryExtras["messageAttributes"]> {
  const text = (stringValue: string) => ({ dataType: "String", stringValue });
  return {
    RULE_ARN: text(rule.arn),
    TARGET_ARN: text(target.Arn ?? ""),
    ERROR_CODE: text(failure.code),
    ERROR_MESSAGE: text(failure.message),
    RETRY_ATTEMPTS: { dataType: "Number", stringValue: String(retries) },
    ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: text(exhausted) }),
  };
}
