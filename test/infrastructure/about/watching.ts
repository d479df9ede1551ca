/** Somebody hears when Warden itself is unwell, and each alarm listens to something that is emitted. */
import { describe, expect, it } from "vitest";
import { readSite } from "../../../packages/aws/src/store/items.ts";
import { sweptGroup } from "../../../packages/control/src/alarming.ts";
import type { Gauges } from "../../../packages/control/src/gauges.ts";
import type { Graph, Inputs, Resource } from "../graph.ts";
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
        ofWarden(graph(stage))
          .map(({ name }) => name.replace(`warden-${stage}-`, ""))
          .sort(),
      ).toEqual([
        "budget-exhausted",
        ...["heartbeat-errors", "heartbeat-failed", "normal-dead-letters", "not-reconciled", "notify-errors"],
        ...["reconcile-normal-errors", "reconcile-urgent-errors", "record-left-alone"],
        ...["sweep-age", "sweep-errors", "urgent-dead-letters"],
      ]);
    });

    it("each of them tells somebody, and each alarm names what emits its metric", () => {
      for (const { alarmActions } of ofWarden(graph(stage)))
        expect(alarmActions).toEqual([`arn:aws:sns:eu-west-1:123456789012:warden-${stage}-alarms`]);
      for (const { alarmDescription } of alarmsOf(graph(stage))) expect(alarmDescription).toMatch(/^Emitted by /);
    });

    it("has alarms of all that the site's nodes share, and of its pages, which Warden knows and tells of", () => {
      const name = (what: string) => `warden-${stage}-moodle-${what}`;
      const made = alarmsOf(graph(stage)).filter((alarm) => !ofWarden(graph(stage)).includes(alarm));
      const record = one(graph(stage), "aws:dynamodb/tableItem:TableItem", "MoodleRecord").inputs["item"];
      const { alarms } = readSite(JSON.parse(record));
      expect(alarms).toEqual([
        ...["database-cpu", "database-connections", "database-storage"].map((what) => ({
          ...{ name: name(what), part: "database" },
        })),
        { name: name("sessions-memory"), part: "sessions" },
        { name: name("cache-cpu"), part: "cache" },
        { name: name("files-io"), part: "files" },
        { name: name("pages-errors"), part: "pages" },
        { name: name("pages-slow"), part: "pages" },
      ]);
      expect(made.map((alarm) => alarm["name"]).sort()).toEqual(alarms.map((alarm: Inputs) => alarm["name"]).sort());
      // Otherwise people would be told twice.
      for (const { alarmActions } of made) expect(alarmActions).toBeUndefined();
      const rule = one(graph(stage), "aws:cloudwatch/eventRule:EventRule", "AlarmStateChange").inputs;
      expect(JSON.parse(rule["eventPattern"])).toMatchObject({ source: ["aws.cloudwatch"] });
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

/** About Warden itself. */
const ofWarden = (graph: Graph): readonly Inputs[] =>
  alarmsOf(graph).filter(({ alarmActions }) => alarmActions !== undefined);

const alarmsOf = (graph: Graph): readonly Inputs[] =>
  all(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);

/** `namespace name dimensions`, of an alarm over one metric or over several. */
function metricsOf(alarm: Inputs): readonly string[] {
  const one = (of: Inputs) =>
    `${of["namespace"]} ${of["metricName"]} ${Object.values(of["dimensions"] ?? {}).sort()}`.trim();
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
    ...named("aws:lb/targetGroup:TargetGroup").flatMap(ofPages),
    ...all(graph, "aws:rds/instance:Instance").flatMap(({ inputs: { identifier } }) =>
      ["CPUUtilization", "DatabaseConnections", "FreeStorageSpace"].map((metric) => `AWS/RDS ${metric} ${identifier}`),
    ),
    ...graph.resources
      .filter(({ type }) => type === "aws:rds/cluster:Cluster")
      .flatMap(({ inputs: { clusterIdentifier } }) =>
        ["CPUUtilization", "DatabaseConnections"].map((metric) => `AWS/RDS ${metric} ${clusterIdentifier}`),
      ),
    ...all(graph, "aws:elasticache/replicationGroup:ReplicationGroup").flatMap(ofCacheNodes),
    ...all(graph, "aws:efs/fileSystem:FileSystem").map(() => "AWS/EFS PercentIOLimit fs-0123456789abcdef0"),
    ...all(graph, "aws:cloudwatch/logMetricFilter:LogMetricFilter")
      .filter(({ inputs }) => logs(graph).includes(inputs["logGroupName"]))
      .map(({ inputs: { metricTransformation: to } }) => `${to.namespace} ${to.name}`),
  ];
}

const ofPages = (name: string): string[] =>
  ["RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime"].map(
    (metric) => `AWS/ApplicationELB ${metric} app/${name}/0123456789abcdef,targetgroup/${name}/0123456789abcdef`,
  );

const ofCacheNodes = ({ inputs: { replicationGroupId: id, numCacheClusters: nodes } }: Resource): string[] =>
  Array.from({ length: nodes }, (_, index) => `${id}-00${index + 1}`).flatMap((node) =>
    ["DatabaseMemoryUsagePercentage", "EngineCPUUtilization"].map((metric) => `AWS/ElastiCache ${metric} ${node}`),
  );

const logs = (graph: Graph): readonly string[] =>
  all(graph, "aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs["name"]);
