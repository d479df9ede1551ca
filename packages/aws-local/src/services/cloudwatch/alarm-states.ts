/** The states of all alarms: a transition tells EventBridge, acts, and moves the composite alarms above. */
import type { StateValue } from "@aws-sdk/client-cloudwatch";
import type { EventIntake, Surroundings } from "../../region.ts";
import { type Alarm, type AlarmState, type CompositeAlarm, timestamp } from "./alarm.ts";
import { type ActionNeighbours, actionKind, takeAction } from "./alarm-actions.ts";
import { stateChangeEvent } from "./alarm-events.ts";
import type { History } from "./history.ts";
import { suppressionRules } from "./suppression.ts";

export interface AlarmStates {
  /** Moves an alarm; nothing happens when it is in that state already. */
  enter(alarm: Alarm, value: StateValue, reason: string, reasonData: string | undefined): void;
  evaluateComposite(alarm: CompositeAlarm, trigger: Alarm | undefined): void;
  /** Scaling policies are run again each minute while the alarm stays (aws-semantics 3.5). */
  repeatPolicies(alarm: Alarm): void;
  forget(alarm: Alarm): void;
}

export function alarmStates(
  surroundings: Surroundings,
  neighbours: ActionNeighbours & { readonly events: EventIntake },
  alarms: ReadonlyMap<string, Alarm>,
  history: History,
): AlarmStates {
  const { clock } = surroundings;
  const stateOf = (name: string): StateValue | undefined => alarms.get(name)?.state.value;
  /** For actions that come late, after a suppression. */
  const previousStates = new WeakMap<Alarm, AlarmState>();
  const suppression = suppressionRules(
    clock,
    (name) => stateOf(name) === "ALARM",
    (alarm) => act(alarm, previousStates.get(alarm) ?? alarm.state),
  );
  function enter(alarm: Alarm, value: StateValue, reason: string, reasonData: string | undefined): void {
    const previous = alarm.state;
    if (previous.value === value) return;
    alarm.state = { value, reason, reasonData, timestamp: clock.now() };
    alarm.transitionedAt = clock.now();
    previousStates.set(alarm, previous);
    history.record(alarm, "StateUpdate", `Alarm updated from ${previous.value} to ${value}`, {
      version: "1.0",
      oldState: { stateValue: previous.value, stateReason: previous.reason },
      newState: { stateValue: value, stateReason: reason, stateReasonData: reasonData },
    });
    if (alarm.kind === "CompositeAlarm") suppression.begin(alarm);
    neighbours.events.emit(stateChangeEvent(alarm, previous));
    if (alarm.kind === "MetricAlarm" || alarm.suppression === undefined) act(alarm, previous);
    moveComposites(alarm, previous);
  }

  function act(alarm: Alarm, previous: AlarmState): void {
    if (!alarm.actionsEnabled) return;
    for (const arn of alarm.actions[alarm.state.value]) takeAndRecord(alarm, previous, arn);
  }

  function takeAndRecord(alarm: Alarm, previous: AlarmState, arn: string): void {
    const data = { actionState: "Succeeded", notificationResource: arn, stateUpdateTimestamp: alarm.state.timestamp };
    try {
      takeAction(surroundings, neighbours, alarm, previous, arn);
      history.record(alarm, "Action", `Successfully executed action ${arn}`, data);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      history.record(alarm, "Action", `Failed to execute action ${arn}. Received error: "${reason}"`, {
        ...data,
        actionState: "Failed",
        error: reason,
      });
    }
  }

  function moveComposites(alarm: Alarm, previous: AlarmState): void {
    for (const other of alarms.values()) {
      if (other.kind !== "CompositeAlarm") continue;
      if (other.suppressor?.alarmName === alarm.name && (previous.value === "ALARM" || alarm.state.value === "ALARM"))
        suppression.suppressorChanged(other, alarm.state.value === "ALARM");
      if (other.rule.children.includes(alarm.name)) evaluateComposite(other, alarm);
    }
  }

  function evaluateComposite(alarm: CompositeAlarm, trigger: Alarm | undefined): void {
    // An alarm that depends on itself is not evaluated any more (CloudWatch guide, "Create a composite alarm").
    if (dependsOn(alarm.rule.children, alarm.name, alarms)) return;
    const triggers = trigger === undefined ? alarm.rule.children.flatMap((name) => alarms.get(name) ?? []) : [trigger];
    const reasonData = {
      triggeringAlarms: triggers.map(({ arn, state }) => ({
        arn,
        state: { value: state.value, timestamp: timestamp(state.timestamp) },
      })),
    };
    enter(alarm, alarm.rule.holds(stateOf) ? "ALARM" : "OK", compositeReason(triggers), JSON.stringify(reasonData));
  }

  return {
    enter,
    evaluateComposite,
    repeatPolicies(alarm) {
      if (!alarm.actionsEnabled) return;
      const policies = alarm.actions[alarm.state.value].filter((arn) => actionKind(arn) === "policy");
      for (const arn of policies) takeAndRecord(alarm, previousStates.get(alarm) ?? alarm.state, arn);
    },
    forget(alarm) {
      if (alarm.kind === "CompositeAlarm") suppression.forget(alarm);
    },
  };
}

function compositeReason(triggers: readonly Alarm[]): string {
  const [first] = triggers;
  if (first === undefined) return "The alarm rule has a constant value";
  const { value, timestamp: time } = first.state;
  return `${first.arn} transitioned to ${value} at ${longDate(time)}`;
}

/** `Friday 22 July, 2022 15:57:45 UTC` */
function longDate(time: number): string {
  const date = new Date(time);
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(date);
  const day = `${part({ weekday: "long" })} ${part({ day: "2-digit" })} ${part({ month: "long" })}`;
  return `${day}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
}

function dependsOn(children: readonly string[], name: string, alarms: ReadonlyMap<string, Alarm>): boolean {
  const seen = new Set<string>();
  const waiting = [...children];
  for (let child = waiting.pop(); child !== undefined; child = waiting.pop()) {
    if (child === name) return true;
    const alarm = alarms.get(child);
    if (seen.has(child) || alarm?.kind !== "CompositeAlarm") continue;
    seen.add(child);
    waiting.push(...alarm.rule.children);
  }
  return false;
}
