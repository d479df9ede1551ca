/**
 * Alarms about what a site's nodes share, and about its pages. None has an action of its own: that one came on, EventBridge tells
 * Warden, which tells people once of each cause, whoever else complains of it. Each says what emits its metric: an alarm over a
 * metric that nobody emits is silent for ever. What is brought along has the alarms that its operator lists.
 */
import type { SiteAlarm } from "@warden/control";
import { namedOf, titled, titleOf } from "./named.ts";
import { sharedWith } from "./sharing.ts";
import type { SiteParts } from "./site-parts.ts";
import type { Caches, Database } from "./sizes.ts";
import type { Site } from "./stage.ts";

/** Makes those of the site's own parts. @returns these, those of the parts that it shares, and those that were there before */
export function siteAlarms(parts: SiteParts, all: readonly SiteParts[]): readonly SiteAlarm[] {
  const made = own(parts);
  for (const { what, about, settings } of made)
    new aws.cloudwatch.MetricAlarm(titled(parts.site, `${titleOf(what)}Alarm`), {
      ...{ name: namedOf(parts.site, what), alarmDescription: about, treatMissingData: "notBreaching", ...settings },
    });
  const shared = all.flatMap((other) =>
    own(other)
      .filter(({ part }) => isSharedWith(parts.site, other.site, part))
      .map((watch) => named(other.site, watch)),
  );
  return [...made.map((watch) => named(parts.site, watch)), ...shared, ...(parts.site.alarms ?? [])];
}

const named = (site: Site, { what, part }: Watch): SiteAlarm => ({ name: namedOf(site, what), part });

function isSharedWith({ database, caches }: Site, owner: Site, part: SiteAlarm["part"]): boolean {
  if (part === "database") return sharedWith(database) === owner.name;
  return (part === "sessions" || part === "cache") && sharedWith(caches) === owner.name;
}

interface Watch {
  /** Kebab case, within the site. */
  readonly what: string;
  readonly part: SiteAlarm["part"];
  /** What emits the metric, and what it means. */
  readonly about: string;
  readonly settings: Settings;
}

type Settings = Pick<aws.cloudwatch.MetricAlarmArgs, "comparisonOperator" | "threshold" | "evaluationPeriods"> &
  Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmDescription" | "alarmActions">;

function own({ site, files, targets }: SiteParts): readonly Watch[] {
  const { database, caches } = site;
  return [
    ...(database.kind === "mariadb" || database.kind === "aurora-mysql" ? ofDatabase(site, database) : []),
    ...(caches.kind === "valkey" ? ofCaches(site, caches) : []),
    ...(site.files.kind === "new" && "efs" in files.mount ? [ofFiles(files.mount.efs)] : []),
    ...ofPages(targets.dimensions),
  ];
}

// ---- What nodes share -----------------------------------------------------------------------------------------------------

function ofDatabase(site: Site, database: Database): Watch[] {
  const dimension = database.kind === "mariadb" ? "DBInstanceIdentifier" : "DBClusterIdentifier";
  const dimensions = { [dimension]: namedOf(site, "database") };
  const rds = { part: "database" as const, of: { namespace: "AWS/RDS", dimensions } };
  const cpu = above(rds.of, "CPUUtilization", "Average", 90, 5);
  const connections = above(rds.of, "DatabaseConnections", "Maximum", database.connections * 0.9, 3);
  const watches: Watch[] = [
    {
      ...rds,
      what: "database-cpu",
      about: "Emitted by RDS. Its processors are at work for all they can.",
      settings: cpu,
    },
    {
      ...rds,
      ...{ what: "database-connections", about: "Emitted by RDS. Soon it refuses connections.", settings: connections },
    },
  ];
  if (database.kind === "aurora-mysql") return watches;
  // RDS enlarges it when less than 10 % or 10 GiB are free, at most each six hours (RDS guide, "Storage autoscaling").
  const settings = { ...above(rds.of, "FreeStorageSpace", "Minimum", 2 * gibibyte, 5), ...lessThan };
  return [
    ...watches,
    { ...rds, what: "database-storage", about: "Emitted by RDS. Its storage is almost full.", settings },
  ];
}

const gibibyte = 1024 ** 3;
const lessThan = { comparisonOperator: "LessThanThreshold" };

/** Sessions may not be forgotten, so a full memory refuses logins; the application cache is meant to be full. */
function ofCaches(site: Site, { nodes }: Caches): Watch[] {
  const sessions = ofNodes(namedOf(site, "sessions"), nodes, "DatabaseMemoryUsagePercentage", 80);
  const cache = ofNodes(namedOf(site, "cache"), nodes, "EngineCPUUtilization", 90);
  return [
    {
      ...{ what: "sessions-memory", part: "sessions", settings: sessions },
      about: "Emitted by ElastiCache. When it is full nobody can log in.",
    },
    {
      ...{ what: "cache-cpu", part: "cache", settings: cache },
      about: "Emitted by ElastiCache. Pages wait for the application cache.",
    },
  ];
}

/** The nodes of a group with one shard are called after it and counted from 001; whichever of them has the most. */
function ofNodes(group: string, nodes: number, metricName: string, threshold: number): Settings {
  const each = Array.from({ length: nodes }, (_, index) => ({
    id: `node${index + 1}`,
    metric: {
      ...{ namespace: "AWS/ElastiCache", metricName, stat: "Maximum", period: 60 },
      dimensions: { CacheClusterId: `${group}-${String(index + 1).padStart(3, "0")}` },
    },
  }));
  const most = { id: "most", expression: "MAX(METRICS())", label: "The most of any node", returnData: true };
  return { ...always(threshold, 5), metricQueries: [...each, most] };
}

const ofFiles = (FileSystemId: $util.Input<string>): Watch => ({
  ...{ what: "files-io", part: "files", about: "Emitted by EFS. Each request to a file waits for others." },
  settings: above({ namespace: "AWS/EFS", dimensions: { FileSystemId } }, "PercentIOLimit", "Maximum", 95, 15),
});

// ---- Pages ----------------------------------------------------------------------------------------------------------------

function ofPages(dimensions: Readonly<Record<string, $util.Input<string>>>): Watch[] {
  const namespace = "AWS/ApplicationELB";
  const sum = (id: string, metricName: string) => ({
    ...{ id, metric: { namespace, metricName, dimensions, stat: "Sum", period: 60 } },
  });
  const errors: Settings = {
    ...always(5, 3),
    metricQueries: [
      sum("requests", "RequestCount"),
      sum("errors", "HTTPCode_Target_5XX_Count"),
      // Of few requests one that fails is a large share.
      {
        ...{ id: "share", label: "Answers 5xx, in percent", returnData: true },
        expression: "IF(requests > 20, 100 * FILL(errors, 0) / requests, 0)",
      },
    ],
  };
  const slow: Settings = {
    ...{ ...always(5, 5), namespace, dimensions, metricName: "TargetResponseTime" },
    ...{ extendedStatistic: "p95", period: 60, evaluateLowSampleCountPercentiles: "ignore" },
  };
  return [
    {
      ...{ what: "pages-errors", part: "pages", settings: errors },
      about: "Emitted by Elastic Load Balancing. More than one of twenty pages fails.",
    },
    {
      ...{ what: "pages-slow", part: "pages", settings: slow },
      about: "Emitted by Elastic Load Balancing. One of twenty pages takes more than 5 seconds.",
    },
  ];
}

// ---- Settings -------------------------------------------------------------------------------------------------------------

interface Emitter {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, $util.Input<string>>>;
}

const above = (of: Emitter, metricName: string, statistic: string, threshold: number, minutes: number): Settings => ({
  ...{ ...always(threshold, minutes), ...of, metricName, statistic, period: 60 },
});

const always = (threshold: number, minutes: number) => ({
  ...{ comparisonOperator: "GreaterThanThreshold", threshold, evaluationPeriods: minutes },
});
