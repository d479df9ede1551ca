/** Operations on alarms that exist. */

import * as sdk from "@aws-sdk/client-cloudwatch";
import { isJson } from "../../json.ts";
import type { Operations, Validated } from "../../service.ts";
import { page } from "../eventbridge/paging.ts";
import type { Alarm, CompositeAlarm, MetricAlarm } from "./alarm.ts";
import { configurationChangeEvent } from "./alarm-events.ts";
import { describedCompositeAlarm, describedMetricAlarm } from "./described.ts";
import type { AlarmWorld } from "./put-alarms.ts";
import { dimensionsOf } from "./queries.ts";
import { notModelled, validationError } from "./validation.ts";

export function alarmOperations({ alarms, states, history, events }: AlarmWorld) {
  const named = (names: readonly string[]): Alarm[] => names.flatMap((name) => alarms.get(name) ?? []);

  function byArn(arn: string): Alarm {
    const alarm = [...alarms.values()].find((some) => some.arn === arn);
    if (alarm === undefined)
      throw new sdk.ResourceNotFoundException({ message: `Unknown alarm ${arn}`, $metadata: {} });
    return alarm;
  }

  function setActions(names: readonly string[], enabled: boolean): void {
    for (const alarm of named(names)) alarm.actionsEnabled = enabled;
  }

  return {
    DescribeAlarms(input) {
      notModelled("ParentsOfAlarmName", input.ParentsOfAlarmName);
      // Without AlarmTypes only metric alarms are returned (API reference, DescribeAlarms).
      const types: readonly string[] = input.AlarmTypes ?? ["MetricAlarm"];
      const wanted = selected(input, alarms).filter(({ kind }) => types.includes(kind));
      const { items, nextToken } = page(wanted, ({ name }) => name, input.MaxRecords ?? 50, input.NextToken);
      return { ...describedAlarms(items), NextToken: nextToken };
    },

    DescribeAlarmsForMetric(input) {
      const dimensions = JSON.stringify(dimensionsOf(input.Dimensions));
      const wanted = [...alarms.values()]
        .filter((alarm) => alarm.kind === "MetricAlarm")
        .filter(
          ({ input: put }) =>
            put.Namespace === input.Namespace &&
            put.MetricName === input.MetricName &&
            JSON.stringify(dimensionsOf(put.Dimensions)) === dimensions &&
            (input.Statistic === undefined || input.Statistic === put.Statistic) &&
            (input.Period === undefined || input.Period === put.Period),
        );
      return { MetricAlarms: describedAlarms(wanted).MetricAlarms };
    },

    DescribeAlarmHistory(input) {
      const types: readonly string[] = input.AlarmTypes ?? ["MetricAlarm"];
      const wanted = history
        .items()
        .filter(
          ({ AlarmName, AlarmType = "", HistoryItemType, Timestamp = new Date(0) }) =>
            (input.AlarmName === undefined ? types.includes(AlarmType) : input.AlarmName === AlarmName) &&
            (input.HistoryItemType === undefined || input.HistoryItemType === HistoryItemType) &&
            (input.StartDate === undefined || Timestamp >= input.StartDate) &&
            (input.EndDate === undefined || Timestamp <= input.EndDate),
        );
      if (input.ScanBy === "TimestampAscending") wanted.reverse();
      const { items, nextToken } = page(
        wanted,
        (item) => JSON.stringify(item),
        input.MaxRecords ?? 100,
        input.NextToken,
      );
      return { AlarmHistoryItems: items, NextToken: nextToken };
    },

    SetAlarmState(input) {
      const alarm = alarms.get(input.AlarmName);
      if (alarm === undefined)
        throw new sdk.ResourceNotFound({ message: `Alarm ${input.AlarmName} does not exist`, $metadata: {} });
      if (input.StateReasonData !== undefined && !isJson(input.StateReasonData))
        throw new sdk.InvalidFormatFault({ message: "StateReasonData was not valid JSON", $metadata: {} });
      states.enter(alarm, input.StateValue, input.StateReason, input.StateReasonData);
      return {};
    },

    EnableAlarmActions({ AlarmNames }) {
      setActions(AlarmNames, true);
      return {};
    },

    DisableAlarmActions({ AlarmNames }) {
      setActions(AlarmNames, false);
      return {};
    },

    DeleteAlarms({ AlarmNames }) {
      const parent = [...alarms.values()].find(
        (alarm) =>
          alarm.kind === "CompositeAlarm" &&
          !AlarmNames.includes(alarm.name) &&
          [...alarm.rule.children, alarm.suppressor?.alarmName].some((name) => AlarmNames.some((one) => one === name)),
      );
      if (parent !== undefined)
        throw validationError(`Cannot delete ${AlarmNames.join(", ")} as there are composite alarms depending on it.`);
      for (const alarm of named(AlarmNames)) {
        states.forget(alarm);
        alarms.delete(alarm.name);
        history.record(alarm, "ConfigurationUpdate", `Alarm "${alarm.name}" deleted`, {});
        events.emit(configurationChangeEvent(alarm, "delete"));
      }
      return {};
    },

    TagResource({ ResourceARN, Tags }) {
      for (const { Key, Value } of Tags) byArn(ResourceARN).tags.set(Key, Value);
      return {};
    },

    UntagResource({ ResourceARN, TagKeys }) {
      for (const key of TagKeys) byArn(ResourceARN).tags.delete(key);
      return {};
    },

    ListTagsForResource({ ResourceARN }) {
      return { Tags: [...byArn(ResourceARN).tags].map(([Key, Value]) => ({ Key, Value })) };
    },
  } satisfies Operations<typeof sdk>;
}

function selected(input: Validated<sdk.DescribeAlarmsInput>, alarms: ReadonlyMap<string, Alarm>): Alarm[] {
  const { AlarmNames, AlarmNamePrefix = "", StateValue, ActionPrefix, ChildrenOfAlarmName } = input;
  const parent = ChildrenOfAlarmName === undefined ? undefined : alarms.get(ChildrenOfAlarmName);
  const children = parent?.kind === "CompositeAlarm" ? parent.rule.children : [];
  return [...alarms.values()]
    .filter(
      ({ name, state, actions }) =>
        (AlarmNames === undefined || AlarmNames.includes(name)) &&
        name.startsWith(AlarmNamePrefix) &&
        (StateValue === undefined || state.value === StateValue) &&
        (ActionPrefix === undefined ||
          Object.values(actions).some((arns) => arns.some((arn) => arn.startsWith(ActionPrefix)))) &&
        (ChildrenOfAlarmName === undefined || children.includes(name)),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function describedAlarms(alarms: readonly Alarm[]): {
  MetricAlarms: sdk.MetricAlarm[];
  CompositeAlarms: sdk.CompositeAlarm[];
} {
  return {
    MetricAlarms: alarms
      .filter((alarm): alarm is MetricAlarm => alarm.kind === "MetricAlarm")
      .map(describedMetricAlarm),
    CompositeAlarms: alarms
      .filter((alarm): alarm is CompositeAlarm => alarm.kind === "CompositeAlarm")
      .map(describedCompositeAlarm),
  };
}
