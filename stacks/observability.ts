/** What a person looks at first: one dashboard of Warden and its fleet, and the questions that one asks of its logs. */
import { sweptGroup } from "@warden/control/alarming";
import type { FunctionName } from "@warden/functions/catalogue";
import type { Control } from "./control.ts";
import type { Lanes } from "./lanes.ts";
import { groupOf, named } from "./named.ts";
import type { SiteParts } from "./site-parts.ts";

interface Given {
  readonly lanes: Lanes;
  readonly functions: Control;
  readonly sites: readonly SiteParts[];
}

export function observability({ lanes, functions, sites }: Given): void {
  const sweeps = logsOf("sweep", functions);
  const region = aws.getRegionOutput().region;
  const widget = (title: string, metrics: $util.Input<string>[][], stat: string) => ({
    ...{ type: "metric", width: 12, height: 6 },
    properties: { title, metrics, stat, region, period: 60, view: "timeSeries" },
  });
  const ofQueue = (metric: string) =>
    [lanes.urgent, lanes.normal].map(({ queue }) => ["AWS/SQS", metric, "QueueName", queue.nodes.queue.name]);
  const ofFunction = (metric: string) =>
    functions.map(({ lambda }) => ["AWS/Lambda", metric, "FunctionName", lambda.name]);
  const ofTargets = ({ targets: { dimensions } }: SiteParts, metric: string) => [
    ...["AWS/ApplicationELB", metric, "TargetGroup", dimensions.TargetGroup],
    ...["LoadBalancer", dimensions.LoadBalancer],
  ];
  const ofGroup = ({ site }: SiteParts) =>
    ["GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"].map((metric) => [
      ...["AWS/AutoScaling", metric, "AutoScalingGroupName", groupOf(site)],
    ]);
  /** Of a log rather than of metrics, which would cost each site some dollars a month. */
  const ofSweeps = (title: string, { site }: SiteParts, figures: string) => ({
    ...{ type: "log", width: 12, height: 6 },
    properties: {
      ...{ title, region, view: "timeSeries" },
      query: $interpolate`SOURCE '${sweeps}' | filter message = "${sweptGroup}" and site = "${site.name}" | stats ${figures} by bin(1m)`,
    },
  });
  new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: named("warden"),
    dashboardBody: $jsonStringify({
      widgets: [
        ...sites.flatMap((each) => [
          widget(`${each.site.name}: nodes`, ofGroup(each), "Maximum"),
          widget(
            `${each.site.name}: ready nodes`,
            [ofTargets(each, "HealthyHostCount"), ofTargets(each, "UnHealthyHostCount")],
            "Maximum",
          ),
          ofSweeps(
            `${each.site.name}: nodes by phase`,
            each,
            "max(arriving), max(inService), max(leaving), max(unhealthy)",
          ),
          ofSweeps(`${each.site.name}: seconds into service`, each, "max(timeToService)"),
          ofSweeps(`${each.site.name}: nodes that Warden disrupts`, each, "max(disruptions)"),
          widget(`${each.site.name}: what visitors wait for`, [ofTargets(each, "TargetResponseTime")], "p95"),
        ]),
        widget("Age of the oldest message", ofQueue("ApproximateAgeOfOldestMessage"), "Maximum"),
        widget("Errors of functions", ofFunction("Errors"), "Sum"),
        widget("Duration of functions", ofFunction("Duration"), "p99"),
      ],
    }),
  });
  const logGroups = functions.map(({ logs }) => logs);
  for (const [title, name, queryString] of questions)
    new aws.cloudwatch.QueryDefinition(title, {
      name: `${named("warden")}/${name}`,
      logGroupNames: logGroups,
      queryString,
    });
}

function logsOf(name: FunctionName, functions: Control): $util.Output<string> {
  const found = functions.find(({ each }) => each.name === name);
  if (found === undefined) throw new Error(`there is no function ${name}`);
  return found.logs;
}

const questions = [
  [
    "WhatWentWrong",
    "what went wrong",
    'fields @timestamp, message, key, error | filter level in ["ERROR", "WARN"] | sort @timestamp desc',
  ],
  ["WhatWasSlow", "what was slow", 'filter type = "platform.report" | stats max(record.metrics.durationMs) by bin(5m)'],
] as const;
