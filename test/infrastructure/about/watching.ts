/** Somebody hears when Warden itself is unwell, and each alarm listens to something that is emitted. */
import { describe, expect, it } from "vitest";
import { sweptGroup } from "../../../packages/control/src/alarming.ts";
import type { Gauges } from "../../../packages/control/src/gauges.ts";
import type { Graph, Inputs } from "../graph.ts";
import { all, type Graphs, one, stages, statementsIn } from "../stages.ts";

export function watching(graph: Graphs): void {
  it.each(stages)("%s keeps what visitors asked for, in a bucket that the load balancer may write to", (stage) => {
    const balancer = one(graph(stage), "aws:lb/loadBalancer:LoadBalancer", "MoodleBalancerLoadBalancer").inputs;
    const bucket = `warden-${stage}-access-123456789012`;
    expect(balancer["accessLogs"]).toEqual({ enabled: true, bucket });
    const policy = all(graph(stage), "aws:s3/bucketPolicy:BucketPolicy").find(
      ({ inputs }) => inputs["bucket"] === bucket,
    );
    expect(statementsIn(policy?.inputs["policy"])).toContainEqual(
      expect.objectContaining({
        actions: ["s3:PutObject"],
        principals: [{ type: "Service", identifiers: ["logdelivery.elasticloadbalancing.amazonaws.com"] }],
        resources: [`arn:aws:s3:::${bucket}/AWSLogs/*`],
      }),
    );
  });

  describe.each(stages)("%s", (stage) => {
    it("has an alarm for each way in which Warden fails", () => {
      expect(
        alarmsOf(graph(stage))
          .map(({ name }) => name.replace(`warden-${stage}-`, ""))
          .sort(),
      ).toEqual([
        "budget-exhausted",
        ...["heartbeat-errors", "heartbeat-failed", "normal-dead-letters", "not-reconciled", "notify-errors"],
        ...["reconcile-normal-errors", "reconcile-urgent-errors", "record-left-alone"],
        ...["sweep-age", "sweep-errors", "urgent-dead-letters"],
      ]);
    });

    it("each alarm tells somebody, and names what emits its metric", () => {
      for (const { alarmActions, alarmDescription } of alarmsOf(graph(stage))) {
        expect(alarmActions).toEqual([`arn:aws:sns:eu-west-1:123456789012:warden-${stage}-alarms`]);
        expect(alarmDescription).toMatch(/^Emitted by /);
      }
    });

    it("each alarm listens to something of this stage that is there", () => {
      const there = emitted(graph(stage));
      for (const alarm of alarmsOf(graph(stage)))
        for (const metric of metricsOf(alarm)) expect(there, alarm["name"]).toContain(metric);
    });

    it("waits in a log for one message, word by word", () => {
      for (const { inputs } of all(graph(stage), "aws:cloudwatch/logMetricFilter:LogMetricFilter"))
        expect(inputs["pattern"]).toMatch(/^\{ \$\.message = "[A-Za-z ,]+" \}$/);
    });

    it("is heard when there are no sweeps at all", () => {
      expect(alarmsOf(graph(stage)).find(({ name }) => name.endsWith("sweep-age"))).toMatchObject({
        ...{ treatMissingData: "breaching", comparisonOperator: "LessThanThreshold", threshold: 1 },
      });
    });

    it("asks the sweep's own log how many nodes are where, in the words that it writes", () => {
      const { widgets } = JSON.parse(
        one(graph(stage), "aws:cloudwatch/dashboard:Dashboard", "Dashboard").inputs["dashboardBody"],
      );
      const queries: string[] = widgets
        .filter(({ type }: Inputs) => type === "log")
        .map(({ properties }: Inputs) => properties.query);
      expect(queries).toHaveLength(3);
      for (const query of queries) {
        expect(query).toContain(`SOURCE '/aws/lambda/warden-${stage}-sweep'`);
        expect(query).toContain(`filter message = "${sweptGroup}" and site = "moodle"`);
        for (const [, figure] of query.matchAll(/max\((\w+)\)/g)) expect(Object.keys(gauges)).toContain(figure);
      }
    });

    it("copies the database and the files each day, with a role that may", () => {
      const { resources, iamRoleArn } = one(graph(stage), "aws:backup/selection:Selection", "BackupSelection").inputs;
      expect(resources).toEqual([
        `arn:aws:rds:eu-west-1:123456789012:db:warden-${stage}-moodle-database`,
        "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0123456789abcdef0",
      ]);
      expect(iamRoleArn).toBe(`arn:aws:iam::123456789012:role/warden-${stage}-backup`);
      const [plan] = all(graph(stage), "aws:backup/plan:Plan");
      expect(plan?.inputs["rules"]).toEqual([expect.objectContaining({ targetVaultName: `warden-${stage}-vault` })]);
    });

    it("leaves no topic in clear but the two that AWS cannot write to otherwise", () => {
      const open = all(graph(stage), "aws:sns/topic:Topic").filter(
        ({ inputs }) => inputs["kmsMasterKeyId"] === undefined,
      );
      expect(open.map(({ name }) => name).sort()).toEqual(["Alarms", "CacheTopic"]);
    });
  });

  it("tells a person of production's alarms and of its costs", () => {
    const told = all(graph("production"), "aws:sns/topicSubscription:TopicSubscription");
    expect(told.filter(({ inputs }) => inputs["protocol"] === "email").length).toBeGreaterThan(0);
    const [budget] = all(graph("production"), "aws:budgets/budget:Budget");
    for (const { subscriberEmailAddresses } of budget?.inputs["notifications"] ?? [])
      expect(subscriberEmailAddresses.length).toBeGreaterThan(0);
  });
}

const gauges: Required<Gauges> = {
  ...{ arriving: 0, inService: 0, leaving: 0, unhealthy: 0, disruptions: 0, timeToService: 0 },
};

const alarmsOf = (graph: Graph): readonly Inputs[] =>
  all(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);

/** `namespace name dimension`, of an alarm over one metric or over several. */
function metricsOf(alarm: Inputs): readonly string[] {
  const one = (of: Inputs) => `${of["namespace"]} ${of["metricName"]} ${Object.values(of["dimensions"] ?? {})}`.trim();
  const queries: readonly Inputs[] = alarm["metricQueries"] ?? [];
  return queries.length === 0 ? [one(alarm)] : queries.flatMap(({ metric }) => (metric ? [one(metric)] : []));
}

function emitted(graph: Graph): readonly string[] {
  const named = (type: string) => all(graph, type).map(({ inputs }) => inputs["name"]);
  return [
    ...named("aws:sqs/queue:Queue").map((name) => `AWS/SQS ApproximateNumberOfMessagesVisible ${name}`),
    ...named("aws:lambda/function:Function").flatMap((name) =>
      ["Errors", "Invocations"].map((metric) => `AWS/Lambda ${metric} ${name}`),
    ),
    ...all(graph, "aws:cloudwatch/logMetricFilter:LogMetricFilter")
      .filter(({ inputs }) => logs(graph).includes(inputs["logGroupName"]))
      .map(({ inputs: { metricTransformation: to } }) => `${to.namespace} ${to.name}`),
  ];
}

const logs = (graph: Graph): readonly string[] =>
  all(graph, "aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs["name"]);
