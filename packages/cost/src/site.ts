/**
 * What a deployed site costs a month. How many of what there are, and how large, is read from the resources of its stack; how
 * much they are used is assumed, and each line says which it is. What is billed by use alone is named, and not in the sum.
 */
import * as z from "zod";
import { type CostLine, type LineDetails, line } from "./bill.ts";
import { hoursAMonth, type PriceBook } from "./prices.ts";

/** As Pulumi's state has it. */
export interface DeployedResource {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface SiteCost {
  readonly lines: readonly CostLine[];
  /** Billed by use alone. */
  readonly byUse: readonly string[];
  /** Types that are not known here: the sum may lack something. */
  readonly unknown: readonly string[];
}

/** @throws Error for a size that has no price in the region */
export function siteCost(resources: readonly DeployedResource[], prices: PriceBook): SiteCost {
  const types = [...new Set(resources.map(({ type }) => type))].sort();
  const lines = resources.flatMap((each) => (priced[each.type]?.(each.inputs, resources) ?? []).map(toLine(prices)));
  return {
    lines: merged(lines),
    byUse: types.flatMap((type) => used[type] ?? []),
    unknown: types.filter((type) => !(type in priced) && !(type in used) && !isFree(type)),
  };
}

/** What a site of some hundred students uses in a month. */
export const assumedUse = {
  /** One is a gigabyte an hour, or 25 new connections a second. */
  balancerUnits: 0.25,
  files: { gigabytes: 20, read: 50, written: 10 },
  natGigabytes: 50,
  millionRequests: 5,
  logGigabytes: 5,
  /** Of Aurora, which grows by itself. */
  databaseGigabytes: 20,
};

interface Priced extends LineDetails {
  readonly price: string;
}

type Pricing = (inputs: DeployedResource["inputs"], all: readonly DeployedResource[]) => readonly Priced[];

const toLine =
  (prices: PriceBook) =>
  ({ price, ...details }: Priced): CostLine =>
    line(prices.of(price), details);

const counted = (service: string, item: string, price: string, quantity: number): Priced => {
  return { service, item, price, quantity, basis: "counted" };
};
const assumed = (service: string, item: string, price: string, quantity: number): Priced => {
  return { service, item, price, quantity, basis: "assumed" };
};

/** Those that say the same are one line: two caches of one size. */
function merged(lines: readonly CostLine[]): readonly CostLine[] {
  const found = new Map<string, CostLine>();
  for (const each of lines) {
    const key = `${each.service} ${each.item}`;
    const before = found.get(key) ?? { ...each, quantity: 0, usd: 0 };
    found.set(key, { ...before, quantity: before.quantity + each.quantity, usd: before.usd + each.usd });
  }
  return [...found.values()];
}

// ---- What has a price of its own ------------------------------------------------------------------------------------

const priced: Readonly<Record<string, Pricing>> = {
  "aws:autoscaling/group:Group": (inputs, all) => {
    const { minSize, name, warmPool } = groupInputs.parse(inputs);
    // They have one name, as a stage may have several sites.
    const template = all.find(
      (each) => each.type === "aws:ec2/launchTemplate:LaunchTemplate" && each.inputs["name"] === name,
    );
    if (template === undefined) throw new Error(`the group ${name} has no launch template of its name`);
    const { instanceType, monitoring, blockDeviceMappings } = templateInputs.parse(template.inputs);
    const gigabytes = blockDeviceMappings.reduce((sum, { ebs }) => sum + ebs.volumeSize, 0);
    return [
      counted(
        "nodes",
        `${minSize} × ${instanceType}, the fewest there are`,
        `ec2.${instanceType}`,
        minSize * hoursAMonth,
      ),
      counted("node disks", `gp3, ${gigabytes} GB each`, "ebs.gp3.storage", minSize * gigabytes),
      // A stopped instance costs its disk alone.
      ...(warmPool === undefined
        ? []
        : [counted("node disks", "of the warm pool", "ebs.gp3.storage", warmPool.minSize * gigabytes)]),
      // Without address translation each needs a public address of its own.
      ...(all.some(({ type }) => type === "aws:ec2/eip:Eip")
        ? []
        : [counted("addresses", "of the nodes", "ipv4.public", minSize * hoursAMonth)]),
      // EC2's detailed monitoring is billed as seven metrics of one's own (CloudWatch pricing).
      ...(monitoring?.enabled === true
        ? [counted("monitoring", "EC2's metrics of each minute", "cloudwatch.metric", minSize * 7)]
        : []),
    ];
  },
  "aws:ec2/instance:Instance": (inputs) => {
    const { instanceType } = z.object({ instanceType: z.string() }).parse(inputs);
    return [
      counted("address translation", `instances, ${instanceType}`, `ec2.${instanceType}`, hoursAMonth),
      assumed("address translation", "their disks, 8 GB each", "ebs.gp3.storage", 8),
    ];
  },
  "aws:ec2/natGateway:NatGateway": (_, all) => {
    const gateways = all.filter(({ type }) => type === "aws:ec2/natGateway:NatGateway").length;
    return [
      counted("address translation", "gateways", "nat.hour", hoursAMonth),
      assumed("address translation", "gigabytes through it", "nat.gb", assumedUse.natGigabytes / gateways),
    ];
  },
  "aws:ec2/eip:Eip": () => [counted("addresses", "of the address translation", "ipv4.public", hoursAMonth)],
  "aws:lb/loadBalancer:LoadBalancer": (inputs) => {
    const { subnets, internal } = z
      .object({ subnets: z.array(z.string()), internal: z.boolean().optional() })
      .parse(inputs);
    return [
      counted("load balancer", "hours", "alb.hour", hoursAMonth),
      assumed("load balancer", "capacity units", "alb.lcu", assumedUse.balancerUnits * hoursAMonth),
      ...(internal === true
        ? []
        : [counted("addresses", "of the load balancer", "ipv4.public", subnets.length * hoursAMonth)]),
    ];
  },
  "aws:rds/instance:Instance": (inputs) => {
    const { instanceClass, multiAz, allocatedStorage } = instanceInputs.parse(inputs);
    const machines = multiAz === true ? 2 : 1;
    const size = instanceClass.replace(/^db\./, "");
    return [
      counted(
        "database",
        `${instanceClass}${machines === 2 ? " and its standby" : ""}`,
        `rds.mysql.${size}`,
        machines * hoursAMonth,
      ),
      counted(
        "database",
        `gp3, ${allocatedStorage} GB`,
        machines === 2 ? "rds.gp3.multi_az" : "rds.gp3",
        allocatedStorage,
      ),
    ];
  },
  "aws:rds/clusterInstance:ClusterInstance": ({ clusterIdentifier }, all) => {
    const cluster = all.find(
      ({ type, inputs }) => type === "aws:rds/cluster:Cluster" && inputs["clusterIdentifier"] === clusterIdentifier,
    );
    const { serverlessv2ScalingConfiguration: units } = clusterInputs.parse(cluster?.inputs);
    return [
      counted("database", `Aurora, ${units.minCapacity} units at least`, "aurora.acu", units.minCapacity * hoursAMonth),
    ];
  },
  "aws:rds/cluster:Cluster": () => [
    assumed("database", "Aurora's storage", "aurora.storage", assumedUse.databaseGigabytes),
  ],
  "aws:elasticache/replicationGroup:ReplicationGroup": (inputs) => {
    const { engine, nodeType, numCacheClusters } = cacheInputs.parse(inputs);
    const size = nodeType.replace(/^cache\./, "");
    return [counted("caches", `${nodeType}, ${engine}`, `cache.${engine}.${size}`, numCacheClusters * hoursAMonth)];
  },
  "aws:efs/fileSystem:FileSystem": () => {
    const { gigabytes, read, written } = assumedUse.files;
    return [
      assumed("files", "gigabytes", "efs.standard", gigabytes),
      assumed("files", "gigabytes read", "efs.elastic.read", read),
      assumed("files", "gigabytes written", "efs.elastic.write", written),
    ];
  },
  "aws:secretsmanager/secret:Secret": () => [counted("secrets", "secrets", "secrets.secret", 1)],
  // One over an expression is billed as many times as it reads metrics (CloudWatch pricing, "Alarms").
  "aws:cloudwatch/metricAlarm:MetricAlarm": (inputs) => {
    const read = alarmInputs.parse(inputs).metricQueries.filter(({ metric }) => metric !== undefined).length;
    return [counted("monitoring", "alarms", "cloudwatch.alarm.standard", Math.max(1, read))];
  },
  "aws:cloudwatch/dashboard:Dashboard": () => [counted("monitoring", "dashboards", "cloudwatch.dashboard", 1)],
  "aws:cloudwatch/logGroup:LogGroup": (_, all) => {
    const groups = all.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup").length;
    return [assumed("monitoring", "gigabytes of logs", "cloudwatch.logs.ingest", assumedUse.logGigabytes / groups)];
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": () => [counted("monitoring", "metrics", "cloudwatch.metric", 1)],
  "aws:wafv2/webAcl:WebAcl": ({ rules }) => [
    counted("firewall", "access control lists", "waf.acl", 1),
    counted("firewall", "rules and groups of rules", "waf.rule", z.array(z.unknown()).parse(rules).length),
    assumed("firewall", "millions of requests", "waf.requests", assumedUse.millionRequests),
  ],
  "aws:kms/key:Key": () => [counted("secrets", "keys", "kms.key", 1)],
};

/** The provider takes some of them as texts. */
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

const groupInputs = z.object({
  minSize: z.number(),
  name: z.string(),
  warmPool: z.object({ minSize: z.number() }).optional(),
});
const templateInputs = z.object({
  instanceType: z.string(),
  monitoring: z.object({ enabled: flag }).optional(),
  blockDeviceMappings: z.array(z.object({ ebs: z.object({ volumeSize: z.number() }) })).default([]),
});
const instanceInputs = z.object({ instanceClass: z.string(), multiAz: flag.optional(), allocatedStorage: z.number() });
const clusterInputs = z.object({ serverlessv2ScalingConfiguration: z.object({ minCapacity: z.number() }) });
const alarmInputs = z.object({ metricQueries: z.array(z.object({ metric: z.unknown().optional() })).default([]) });
const cacheInputs = z.object({ engine: z.string(), nodeType: z.string(), numCacheClusters: z.number() });

// ---- What has none --------------------------------------------------------------------------------------------------

const used: Readonly<Record<string, string>> = {
  "aws:backup/plan:Plan": "copies of the database and of the files",
  "aws:dynamodb/table:Table": "Warden's table",
  "aws:lambda/function:Function": "Warden's functions",
  "aws:cloudwatch/eventBus:EventBus": "Warden's events",
  "aws:sqs/queue:Queue": "Warden's queues",
  "aws:s3/bucket:Bucket": "releases and configurations in the bucket",
  "aws:sns/topic:Topic": "notifications",
  "aws:cloudfront/distribution:Distribution": "what CloudFront brings to visitors",
  "aws:ec2/internetGateway:InternetGateway": "what goes out to visitors, and between zones",
};

/** Components are made of others, and of the rest AWS bills nothing of its own. */
const isFree = (type: string): boolean => /^(sst|random|pulumi)[:-]/.test(type) || free.test(type);

const free = new RegExp(
  `^aws:(${[
    "acm/.*",
    "autoscaling/(policy|notification|schedule|attachment|lifecycleHook):.*",
    "backup/(vault|selection):.*",
    "budgets/.*",
    "cloudfront/cachePolicy:.*",
    "cloudwatch/(eventRule|eventTarget|queryDefinition):.*",
    "dynamodb/tableItem:.*",
    "ec2/(vpc|subnet|routeTable|routeTableAssociation|route|eipAssociation|securityGroup|defaultSecurityGroup|launchTemplate):.*",
    "efs/(accessPoint|mountTarget|fileSystemPolicy|backupPolicy):.*",
    "elasticache/(parameterGroup|subnetGroup):.*",
    "iam/.*",
    "lambda/(permission|eventSourceMapping|functionEventInvokeConfig):.*",
    "lb/(listener|listenerRule|targetGroup|listenerCertificate):.*",
    "rds/(parameterGroup|clusterParameterGroup|subnetGroup):.*",
    "route53/record:.*",
    // The first trail of an account.
    "cloudtrail/.*",
    "vpc/securityGroupIngressRule:.*",
    "wafv2/webAclAssociation:.*",
    "s3/bucket[A-Z].*",
    "secretsmanager/secretVersion:.*",
    "servicediscovery/.*",
    "sns/(topicPolicy|topicSubscription):.*",
    "sqs/queuePolicy:.*",
    "ssm/.*",
    "vpc/.*",
  ].join("|")})$`,
);
