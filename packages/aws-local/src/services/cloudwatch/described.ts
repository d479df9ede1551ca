/** Alarms as DescribeAlarms shows them. */
import type * as sdk from "@aws-sdk/client-cloudwatch";
import { type Alarm, type CompositeAlarm, type MetricAlarm, suppressionReason } from "./alarm.ts";

export function describedMetricAlarm(alarm: MetricAlarm): sdk.MetricAlarm {
  const { Tags: _, ...input } = alarm.input;
  return {
    ...input,
    ...common(alarm),
    // Shown even where they were left out.
    Dimensions: alarm.input.Metrics === undefined ? (alarm.input.Dimensions ?? []) : undefined,
  };
}

export function describedCompositeAlarm(alarm: CompositeAlarm): sdk.CompositeAlarm {
  const { Tags: _, ...input } = alarm.input;
  const { suppression } = alarm;
  return {
    ...input,
    ...common(alarm),
    ...(suppression === undefined
      ? {}
      : { ActionsSuppressedBy: suppression.by, ActionsSuppressedReason: suppressionReason(suppression) }),
  };
}

function common(alarm: Alarm) {
  return {
    AlarmArn: alarm.arn,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    AlarmActions: [...alarm.actions.ALARM],
    OKActions: [...alarm.actions.OK],
    InsufficientDataActions: [...alarm.actions.INSUFFICIENT_DATA],
    StateValue: alarm.state.value,
    StateReason: alarm.state.reason,
    StateReasonData: alarm.state.reasonData,
    StateUpdatedTimestamp: new Date(alarm.state.timestamp),
    StateTransitionedTimestamp: new Date(alarm.transitionedAt),
  };
}
