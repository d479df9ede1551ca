/** Alarms about Warden itself. Each names what emits its metric: an alarm over a metric that nobody emits is silent for ever. */
import { alarming } from "@warden/control/alarming";
import type { Control } from "./control.ts";
import type { Lanes } from "./lanes.ts";
import { named } from "./named.ts";

interface Given {
  readonly lanes: Lanes;
  readonly functions: Control;
  readonly topic: aws.sns.Topic;
}

export function alarms({ lanes, functions, topic }: Given) {
  const tell = { alarmActions: [topic.arn], okActions: [topic.arn] };
  const metric = (title: string, name: string, alarmDescription: string, settings: Settings) =>
    new aws.cloudwatch.MetricAlarm(`${title}Alarm`, { name: named(name), alarmDescription, ...tell, ...settings });

  for (const [title, { dlq }] of [["Urgent", lanes.urgent] as const, ["Normal", lanes.normal] as const])
    metric(`${title}DeadLetters`, `${title.toLowerCase()}-dead-letters`, "Emitted by SQS. A message was given up.", {
      ...{ namespace: "AWS/SQS", metricName: "ApproximateNumberOfMessagesVisible", statistic: "Maximum" },
      ...{ dimensions: { QueueName: dlq.nodes.queue.name }, period: 60, evaluationPeriods: 1, threshold: 0 },
      ...{ comparisonOperator: "GreaterThanThreshold", treatMissingData: "notBreaching" },
    });
  for (const { each, lambda } of functions) {
    if (each.name === "sweep")
      metric(
        "SweepAge",
        "sweep-age",
        "Emitted by Lambda. No sweep came to its end for three minutes.",
        noneEnded(lambda),
      );
    metric(`${each.name}Errors`, `${each.name}-errors`, `Emitted by Lambda. ${each.name} fails again and again.`, {
      ...{ namespace: "AWS/Lambda", metricName: "Errors", statistic: "Sum", dimensions: { FunctionName: lambda.name } },
      ...{ period: 60, evaluationPeriods: 5, datapointsToAlarm: 3, threshold: 0 },
      ...{ comparisonOperator: "GreaterThanThreshold", treatMissingData: "notBreaching" },
    });
  }
  for (const [title, name, words, sayer, periods] of said) {
    const metricName = `${title}-${$app.stage}`;
    for (const { each, logs } of functions.filter(({ each }) => each.entry === sayer))
      new aws.cloudwatch.LogMetricFilter(`${title}-${each.name}`, {
        ...{
          name: named(`${name}-${each.name}`),
          logGroupName: logs,
        },
        ...{ pattern: `{ $.message = "${words}" }`, metricTransformation: { namespace, name: metricName, value: "1" } },
      });
    metric(title, name, `Emitted by the log of ${sayer}: ${words}.`, {
      ...{ namespace, metricName, statistic: "Sum", period: 300, evaluationPeriods: periods, threshold: 0 },
      ...{ comparisonOperator: "GreaterThanThreshold", treatMissingData: "notBreaching" },
    });
  }
}

type Settings = Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmDescription">;

const namespace = "Warden/Alarms";

/** What stands in a log for an alarm to hear, whose log, and for how many times five minutes. */
const said = [
  ["RecordLeftAlone", "record-left-alone", alarming.recordLeftAlone, "reconcile", 1],
  ["NotReconciled", "not-reconciled", alarming.notReconciled, "reconcile", 1],
  ["HeartbeatFailed", "heartbeat-failed", alarming.heartbeatFailed, "heartbeat", 1],
  // A while of it is what the budget is for.
  ["BudgetExhausted", "budget-exhausted", alarming.budgetExhausted, "reconcile", 6],
] as const;

/** Without an invocation there is no metric either, and that is just what is to be heard of. */
function noneEnded(lambda: sst.aws.Function): Settings {
  const of = (id: string, metricName: string) => ({
    id,
    metric: { namespace: "AWS/Lambda", metricName, stat: "Sum", period: 60, dimensions: { FunctionName: lambda.name } },
  });
  return {
    metricQueries: [
      of("invocations", "Invocations"),
      of("errors", "Errors"),
      { id: "ended", expression: "invocations - FILL(errors, 0)", label: "Sweeps that ended", returnData: true },
    ],
    ...{ evaluationPeriods: 3, threshold: 1, comparisonOperator: "LessThanThreshold", treatMissingData: "breaching" },
  };
}
