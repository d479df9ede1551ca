/** Neighbours of EventBridge that write down what they are given, and fail when told to. */
import * as sdk from "@aws-sdk/client-eventbridge";
import type { DeliveryExtras, Functions, Queues, ServicePrincipal, Topics } from "../../src/region.ts";
import type { Validated } from "../../src/service.ts";
import { createEventBridge, type EventBridgeOptions } from "../../src/services/eventbridge/eventbridge.ts";
import { ask, surroundings } from "./ask.ts";

export interface Delivered {
  readonly arn: string;
  readonly body: string;
  readonly from: ServicePrincipal;
  readonly extras: DeliveryExtras | undefined;
  readonly at: number;
}

type TargetOptions = Omit<Validated<sdk.Target>, "Id" | "Arn"> & { readonly Arn?: string };

export const queueArn = (name: string): string => `arn:aws:sqs:eu-west-1:123456789012:${name}`;
export const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:reconcile";
export const topicArn = "arn:aws:sns:eu-west-1:123456789012:alarms";

export function world(options: Pick<EventBridgeOptions, "faults" | "metrics"> = {}, seed = 1) {
  const around = surroundings(seed);
  const delivered: Delivered[] = [];
  /** What a target answers instead of taking the event. */
  const failures = new Map<string, () => Error | undefined>();

  function take(arn: string, body: string, from: ServicePrincipal, extras?: DeliveryExtras): void {
    const failure = failures.get(arn)?.();
    if (failure !== undefined) throw failure;
    delivered.push({ arn, body, from, extras, at: around.clock.now() });
  }

  const queues: Queues = {
    deliver: take,
    receive: () => [],
    remove: () => {},
    giveBack: () => {},
    onArrival: () => () => {},
  };
  const topics: Topics = { publish: (arn, message, from) => take(arn, message.body, from) };
  const functions: Functions = { invokeLater: take };
  const { service, intake, failedInvocations } = createEventBridge(around, { queues, topics, functions, ...options });
  const events = ask(sdk, service);

  return {
    ...around,
    events,
    intake,
    failedInvocations,
    delivered,
    failures,
    /** A rule on the default bus with one target. */
    async rule(name: string, pattern: object, target: TargetOptions = {}): Promise<string> {
      const { RuleArn = "" } = await events.PutRule({ Name: name, EventPattern: JSON.stringify(pattern) });
      await events.PutTargets({ Rule: name, Targets: [{ Id: "1", Arn: queueArn("lane"), ...target }] });
      return RuleArn;
    },
    putEvent: (detail: object, source = "warden") =>
      events.PutEvents({ Entries: [{ Source: source, DetailType: "Test", Detail: JSON.stringify(detail) }] }),
    bodies: () => delivered.map(({ body }) => JSON.parse(body)),
  };
}
