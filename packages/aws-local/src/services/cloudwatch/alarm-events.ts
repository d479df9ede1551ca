/** The events of alarms, with the members of the CloudWatch guide, "Alarm events and EventBridge". */
import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { ServiceEvent } from "../../region.ts";
import {
  type Alarm,
  type AlarmState,
  type CompositeAlarm,
  type MetricAlarm,
  suppressionReason,
  timestamp,
} from "./alarm.ts";
import { dimensionsOf } from "./queries.ts";

export function stateChangeEvent(alarm: Alarm, previous: AlarmState): ServiceEvent {
  const suppression = alarm.kind === "CompositeAlarm" ? alarm.suppression : undefined;
  return {
    source: "aws.cloudwatch",
    detailType: "CloudWatch Alarm State Change",
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      state: {
        ...(suppression === undefined
          ? {}
          : { actionsSuppressedBy: suppression.by, actionsSuppressedReason: suppressionReason(suppression) }),
        ...stateDetail(alarm.state),
      },
      previousState: stateDetail(previous),
      configuration: alarm.kind === "MetricAlarm" ? metricConfiguration(alarm) : compositeConfiguration(alarm),
    },
  };
}

export function configurationChangeEvent(
  alarm: Alarm,
  operation: "create" | "update" | "delete",
  previous?: Readonly<Record<string, unknown>>,
): ServiceEvent {
  return {
    source: "aws.cloudwatch",
    detailType: "CloudWatch Alarm Configuration Change",
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      operation,
      state: { value: alarm.state.value, timestamp: timestamp(alarm.state.timestamp) },
      configuration: fullConfiguration(alarm),
      ...(previous === undefined ? {} : { previousConfiguration: previous }),
    },
  };
}

export function stateDetail(state: AlarmState): Record<string, string> {
  return {
    value: state.value,
    reason: state.reason,
    ...(state.reasonData === undefined ? {} : { reasonData: state.reasonData }),
    timestamp: timestamp(state.timestamp),
  };
}

export function fullConfiguration(alarm: Alarm): Record<string, unknown> {
  const common = {
    alarmName: alarm.name,
    actionsEnabled: alarm.actionsEnabled,
    timestamp: timestamp(alarm.configuredAt),
    okActions: alarm.actions.OK,
    alarmActions: alarm.actions.ALARM,
    insufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
  };
  if (alarm.kind === "CompositeAlarm") return { ...compositeConfiguration(alarm), ...common };
  const { criteria } = alarm;
  return {
    evaluationPeriods: criteria.evaluationPeriods,
    datapointsToAlarm: criteria.datapointsToAlarm,
    threshold: criteria.threshold,
    comparisonOperator: criteria.comparison,
    treatMissingData: criteria.treatMissingData,
    ...metricConfiguration(alarm),
    ...common,
  };
}

export function metricConfiguration(alarm: MetricAlarm): Record<string, unknown> {
  return {
    metrics: alarm.queries.map((query) => metricDetail(query, alarm)),
    ...(alarm.description === undefined ? {} : { description: alarm.description }),
  };
}

function metricDetail(query: MetricDataQuery, alarm: MetricAlarm): Record<string, unknown> {
  const stat = query.MetricStat;
  return {
    // A plain metric alarm has no id of its own to show.
    id: alarm.input.Metrics === undefined ? alarm.id : query.Id,
    ...(query.Expression === undefined ? {} : { expression: query.Expression }),
    ...(query.Label === undefined ? {} : { label: query.Label }),
    ...(stat === undefined
      ? {}
      : {
          metricStat: {
            metric: {
              namespace: stat.Metric?.Namespace,
              name: stat.Metric?.MetricName,
              dimensions: dimensionsOf(stat.Metric?.Dimensions),
            },
            period: stat.Period,
            stat: stat.Stat,
            ...(stat.Unit === undefined ? {} : { unit: stat.Unit }),
          },
        }),
    returnData: query.Id === alarm.returned,
  };
}

/** Composite alarms have a rule and no metrics (aws-semantics 3.4). */
function compositeConfiguration({ rule, suppressor, description }: CompositeAlarm): Record<string, unknown> {
  return {
    alarmRule: rule.text,
    ...(suppressor === undefined
      ? {}
      : {
          actionsSuppressor: suppressor.alarmName,
          actionsSuppressorWaitPeriod: suppressor.waitPeriod,
          actionsSuppressorExtensionPeriod: suppressor.extensionPeriod,
        }),
    ...(description === undefined ? {} : { description }),
  };
}
