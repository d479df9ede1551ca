/** A region with SQS alone, under virtual time. */
import type * as sqs from "@aws-sdk/client-sqs";
import { type VirtualClock, virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type { PolledQueues, ResourcePolicies, Surroundings } from "../../src/region.ts";
import type { Call, EmbeddedService, Operations } from "../../src/service.ts";
import { createSqs } from "../../src/services/sqs/index.ts";
import { noDelays } from "../../src/timings.ts";

export const region = "eu-west-1";
export const account = "123456789012";

export function surroundingsWith(clock: VirtualClock): Surroundings {
  return {
    clock,
    random: seededRandom(1),
    region,
    account,
    timings: noDelays,
  };
}

type InputOf<Operation> = Operation extends (input: infer Input, call: Call) => unknown ? Input : never;
type OutputOf<Operation> = Operation extends (input: never, call: Call) => infer Output ? Awaited<Output> : never;

/** Calls an operation by name, with the types of its client package. */
export function caller<M>(service: EmbeddedService, given: Partial<Call> = {}) {
  return async <K extends keyof Operations<M> & string>(
    name: K,
    input: InputOf<NonNullable<Operations<M>[K]>>,
  ): Promise<OutputOf<NonNullable<Operations<M>[K]>>> => {
    const operation = service.operations[name];
    if (operation === undefined) throw new Error(`${name} is not modelled`);
    const call: Call = { principal: { kind: "user" }, requestId: "11111111-2222-4333-8444-555555555555", ...given };
    return (await operation(input as never, call)) as OutputOf<NonNullable<Operations<M>[K]>>;
  };
}

/** Allows a service that the policy's text names. */
export const policiesByName: ResourcePolicies = {
  allows: (policy, { principal }) => policy?.includes(principal.service) ?? false,
};

export interface SqsRegion {
  readonly clock: VirtualClock;
  readonly surroundings: Surroundings;
  readonly queues: PolledQueues;
  readonly service: EmbeddedService;
  readonly call: ReturnType<typeof caller<typeof sqs>>;
  /** Creates a queue and answers its URL. */
  queue(name: string, attributes?: Partial<Record<sqs.QueueAttributeName, string>>): Promise<string>;
  send(url: string, body: string, delaySeconds?: number): Promise<string>;
  /** Bodies of up to ten messages. */
  receive(url: string): Promise<sqs.Message[]>;
  counts(url: string): Promise<{ visible: number; inFlight: number; delayed: number }>;
}

export function sqsRegion(clock: VirtualClock = virtualClock({ startAt: 1_700_000_000_000 })): SqsRegion {
  const surroundings = surroundingsWith(clock);
  const { service, queues } = createSqs(surroundings, {
    resourcePolicies: policiesByName,
    endpoint: () => "http://127.0.0.1:4566",
  });
  const call = caller<typeof sqs>(service);
  return {
    clock,
    surroundings,
    queues,
    service,
    call,
    async queue(name, attributes = {}) {
      const { QueueUrl } = await call("CreateQueue", { QueueName: name, Attributes: attributes });
      return QueueUrl ?? "";
    },
    async send(url, body, delaySeconds) {
      const entry = { QueueUrl: url, MessageBody: body };
      const delayed = delaySeconds === undefined ? entry : { ...entry, DelaySeconds: delaySeconds };
      const { MessageId } = await call("SendMessage", delayed);
      return MessageId ?? "";
    },
    async receive(url) {
      const { Messages } = await call("ReceiveMessage", {
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      });
      return Messages ?? [];
    },
    async counts(url) {
      const { Attributes } = await call("GetQueueAttributes", { QueueUrl: url, AttributeNames: ["All"] });
      return {
        visible: Number(Attributes?.ApproximateNumberOfMessages),
        inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
        delayed: Number(Attributes?.ApproximateNumberOfMessagesDelayed),
      };
    },
  };
}

export const arnOf = (name: string): string => `arn:aws:sqs:${region}:${account}:${name}`;
export const bodies = (messages: readonly sqs.Message[]): (string | undefined)[] => messages.map(({ Body }) => Body);
