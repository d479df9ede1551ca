/** PutMetricAlarm and PutCompositeAlarm. */
import type * as sdk from "@aws-sdk/client-cloudwatch";
import type { EventIntake, Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import type { Alarm, CompositeAlarm, MetricAlarm, Suppressor } from "./alarm.ts";
import { actionKind } from "./alarm-actions.ts";
import { configurationChangeEvent, fullConfiguration } from "./alarm-events.ts";
import { alarmName, readAlarmRule } from "./alarm-rule.ts";
import type { AlarmStates } from "./alarm-states.ts";
import type { History } from "./history.ts";
import { metricSettings } from "./metric-alarm-settings.ts";
import type { Evaluator } from "./metric-evaluation.ts";
import type { MetricStore } from "./metric-store.ts";
import { notModelled, validationError } from "./validation.ts";

export interface AlarmWorld {
  readonly surroundings: Surroundings;
  readonly alarms: Map<string, Alarm>;
  readonly history: History;
  readonly states: AlarmStates;
  readonly evaluator: Evaluator;
  readonly events: EventIntake;
}

type AnyInput = Validated<sdk.PutMetricAlarmInput> | Validated<sdk.PutCompositeAlarmInput>;

export function putAlarmOperations(world: AlarmWorld, store: MetricStore) {
  const { alarms, surroundings, history, events, states } = world;
  const { clock, random, region, account } = surroundings;

  /** A new alarm starts unchecked; an existing one keeps its state (API reference, PutMetricAlarm). */
  function identity(input: AnyInput, existing: Alarm | undefined) {
    const arn = `arn:aws:cloudwatch:${region}:${account}:alarm:${input.AlarmName}`;
    const tags = existing?.tags ?? new Map(input.Tags?.map(({ Key, Value }) => [Key, Value]));
    const unchecked = {
      value: "INSUFFICIENT_DATA" as const,
      reason: "Unchecked: Initial alarm creation",
      reasonData: undefined,
      timestamp: clock.now(),
    };
    return {
      name: input.AlarmName,
      arn,
      id: existing?.id ?? random.uuid(),
      configuredAt: clock.now(),
      description: input.AlarmDescription,
      actionsEnabled: input.ActionsEnabled ?? true,
      actions: {
        ALARM: input.AlarmActions ?? [],
        OK: input.OKActions ?? [],
        INSUFFICIENT_DATA: input.InsufficientDataActions ?? [],
      },
      state: existing?.state ?? unchecked,
      transitionedAt: existing?.transitionedAt ?? clock.now(),
      tags,
    };
  }

  function existingOf(kind: Alarm["kind"], name: string): Alarm | undefined {
    const existing = alarms.get(name);
    if (existing !== undefined && existing.kind !== kind)
      throw validationError(`Alarm name ${name} is already used by an alarm of another type.`);
    return existing;
  }

  function keep(alarm: Alarm, existing: Alarm | undefined): void {
    if (existing !== undefined) states.forget(existing);
    alarms.set(alarm.name, alarm);
    const done = existing === undefined ? "create" : "update";
    history.record(alarm, "ConfigurationUpdate", `Alarm "${alarm.name}" ${done}d`, fullConfiguration(alarm));
    events.emit(configurationChangeEvent(alarm, done, existing && fullConfiguration(existing)));
  }

  return {
    PutMetricAlarm(input) {
      const existing = existingOf("MetricAlarm", input.AlarmName);
      checkActions(input);
      const settings = metricSettings(input, store);
      const alarm: MetricAlarm = { kind: "MetricAlarm", ...identity(input, existing), ...settings, latest: undefined };
      keep(alarm, existing);
      world.evaluator.wake();
      return {};
    },

    PutCompositeAlarm(input) {
      const existing = existingOf("CompositeAlarm", input.AlarmName);
      notModelled("ActionConfiguration", input.ActionConfiguration);
      checkActions(input);
      const rule = readAlarmRule(input.AlarmRule);
      const unknown = rule.children.filter((name) => !alarms.has(name) && name !== input.AlarmName);
      if (unknown.length > 0)
        throw validationError(
          `Could not save the composite alarm as alarms [${unknown.join(", ")}] in the alarm rule do not exist`,
        );
      if (rule.children.length > 100) throw validationError("AlarmRule must not contain more than 100 children alarms");
      const suppressor = suppressorOf(input);
      const alarm: CompositeAlarm = {
        kind: "CompositeAlarm",
        ...identity(input, existing),
        input,
        rule,
        suppressor,
        suppression: undefined,
      };
      keep(alarm, existing);
      clock.after(0, () => {
        if (alarms.get(alarm.name) === alarm) states.evaluateComposite(alarm, undefined);
      });
      return {};
    },
  } satisfies Operations<typeof sdk>;

  function suppressorOf(input: Validated<sdk.PutCompositeAlarmInput>): Suppressor | undefined {
    const {
      ActionsSuppressor: named,
      ActionsSuppressorWaitPeriod: waitPeriod,
      ActionsSuppressorExtensionPeriod: extensionPeriod,
    } = input;
    if (named === undefined) return undefined;
    if (waitPeriod === undefined || extensionPeriod === undefined)
      throw validationError(
        "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be specified with ActionsSuppressor",
      );
    if (!alarms.has(alarmName(named))) throw validationError(`ActionsSuppressor ${named} does not exist`);
    return { alarmName: alarmName(named), waitPeriod, extensionPeriod };
  }
}

function checkActions(input: AnyInput): void {
  const arns = [input.AlarmActions, input.OKActions, input.InsufficientDataActions].flatMap((list) => list ?? []);
  const kinds = arns.map(actionKind);
  if ("AlarmRule" in input && kinds.includes("policy"))
    throw validationError("Composite alarms cannot run scaling policies");
}
