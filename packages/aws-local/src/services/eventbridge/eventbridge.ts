/** The embedded EventBridge: buses, rules with patterns and schedules, delivery to queues, topics and functions. */
import * as sdk from "@aws-sdk/client-eventbridge";
import type { EventIntake, Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { busOperations } from "./buses.ts";
import { delivery, type Neighbours } from "./delivery.ts";
import { type BusEvent, busEvent } from "./event.ts";
import { putEventsOperation } from "./put-events.ts";
import { type Bus, type Rule, registry } from "./registry.ts";
import { ruleOperations } from "./rules.ts";
import { type DeliveryFaults, serviceEvents } from "./service-events.ts";
import { targetOperations } from "./targets.ts";

export interface EventBridgeOptions extends Neighbours {
  /** What happens to the events of AWS services on their way; nothing by default. */
  readonly faults?: DeliveryFaults;
}

export interface EventBridge {
  readonly service: EmbeddedService;
  readonly intake: EventIntake;
  /** Events that a rule could not deliver, dead-lettered or dropped. */
  failedInvocations(ruleArn: string): number;
}

export function createEventBridge(surroundings: Surroundings, options: EventBridgeOptions): EventBridge {
  const { clock } = surroundings;
  const known = registry(surroundings);
  const { deliver, failedInvocations } = delivery(surroundings, options);

  function put(bus: Bus, event: BusEvent, traceHeader?: string): void {
    for (const rule of bus.rules.values())
      if (rule.enabled && rule.pattern?.matches(event)) toTargets(rule, event, traceHeader);
  }

  function toTargets(rule: Rule, event: BusEvent, traceHeader?: string): void {
    options.metrics?.put("AWS/Events", "TriggeredRules", 1, { RuleName: rule.name });
    for (const target of rule.targets.values()) deliver(event, rule, target, traceHeader);
  }

  function reschedule(rule: Rule): void {
    rule.timer?.cancel();
    rule.timer = undefined;
    const next = rule.enabled ? rule.schedule?.next(clock.now()) : undefined;
    if (next === undefined) return;
    rule.timer = clock.after(next - clock.now(), () => {
      toTargets(rule, scheduledEvent(rule));
      reschedule(rule);
    });
  }

  const scheduledEvent = (rule: Rule): BusEvent =>
    busEvent(surroundings, {
      source: "aws.events",
      detailType: "Scheduled Event",
      resources: [rule.arn],
      detail: {},
      time: clock.now(),
    });

  const intake = serviceEvents(
    surroundings,
    (event) => put(known.bus("default"), busEvent(surroundings, { ...event, time: clock.now() })),
    options.faults ?? {},
  );

  return {
    service: embeddedService(sdk, "events", {
      ...busOperations(known),
      ...ruleOperations(surroundings, known, { reschedule }),
      ...targetOperations(known),
      ...putEventsOperation(surroundings, known, put),
    }),
    intake,
    failedInvocations,
  };
}
