/** What an alarm does when it changes state: tell a topic, call a function, run a scaling policy. */
import type { AlarmActions, Functions, Surroundings, Topics } from "../../region.ts";
import { type Alarm, type AlarmState, type MetricAlarm, timestamp } from "./alarm.ts";
import { fullConfiguration, metricConfiguration, stateDetail } from "./alarm-events.ts";
import { validationError } from "./validation.ts";

/** Looked up at each action, so a service that is made later may be put in later. */
export interface ActionNeighbours {
  readonly alarmActions: AlarmActions;
  readonly topics: Topics;
  readonly functions: Functions;
}

type ActionKind = "topic" | "function" | "policy";

export function actionKind(arn: string): ActionKind {
  const [, , service = "", , , resource = ""] = arn.split(":");
  if (service === "sns") return "topic";
  if (service === "lambda") return "function";
  if (service === "autoscaling" && resource === "scalingPolicy") return "policy";
  throw validationError(`Invalid action for alarm: ${arn} (only topics, functions and scaling policies are modelled)`);
}

/** Takes one action; throws what the neighbour throws. */
export function takeAction(
  surroundings: Surroundings,
  neighbours: ActionNeighbours,
  alarm: Alarm,
  previous: AlarmState,
  arn: string,
): void {
  switch (actionKind(arn)) {
    case "topic":
      neighbours.topics.publish(
        arn,
        {
          subject: `${alarm.state.value}: "${alarm.name}" in ${surroundings.region}`,
          body: JSON.stringify(notification(surroundings, alarm, previous)),
        },
        { service: "cloudwatch.amazonaws.com", sourceArn: alarm.arn },
      );
      break;
    case "function":
      neighbours.functions.invokeLater(arn, JSON.stringify(invocation(surroundings, alarm, previous)), {
        service: "lambda.alarms.cloudwatch.amazonaws.com",
        sourceArn: alarm.arn,
      });
      break;
    case "policy":
      if (alarm.kind === "MetricAlarm")
        neighbours.alarmActions.executePolicy(arn, alarm.latest ?? alarm.criteria.threshold, alarm.criteria.threshold);
  }
}

/** The body of the notification to a topic. */
function notification({ account, region }: Surroundings, alarm: Alarm, previous: AlarmState): object {
  return {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: timestamp(alarm.configuredAt),
    NewStateValue: alarm.state.value,
    NewStateReason: alarm.state.reason,
    StateChangeTime: timestamp(alarm.state.timestamp),
    Region: region,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    ...(alarm.kind === "MetricAlarm" ? { Trigger: trigger(alarm) } : { AlarmRule: alarm.rule.text }),
  };
}

function trigger({ input, criteria, period }: MetricAlarm): object {
  return {
    ...(input.Metrics === undefined
      ? {
          MetricName: input.MetricName,
          Namespace: input.Namespace,
          StatisticType: input.ExtendedStatistic === undefined ? "Statistic" : "ExtendedStatistic",
          Statistic: input.Statistic?.toUpperCase() ?? input.ExtendedStatistic,
          Unit: input.Unit ?? null,
          Dimensions: (input.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
        }
      : { Metrics: input.Metrics }),
    Period: period,
    EvaluationPeriods: criteria.evaluationPeriods,
    DatapointsToAlarm: criteria.datapointsToAlarm,
    ComparisonOperator: criteria.comparison,
    Threshold: criteria.threshold,
    TreatMissingData: criteria.treatMissingData,
  };
}

/** A function that an alarm calls gets another payload than by way of an event (aws-semantics 3.5). */
function invocation({ account, region }: Surroundings, alarm: Alarm, previous: AlarmState): object {
  return {
    source: "aws.cloudwatch",
    alarmArn: alarm.arn,
    accountId: account,
    time: timestamp(alarm.state.timestamp),
    region,
    alarmData: {
      alarmName: alarm.name,
      state: stateDetail(alarm.state),
      previousState: stateDetail(previous),
      configuration: alarm.kind === "MetricAlarm" ? metricConfiguration(alarm) : fullConfiguration(alarm),
    },
  };
}
