/**
 * What Warden itself costs, from what was counted in a run. The calls that observe and move nodes are free at AWS
 * (Auto Scaling, EC2, load balancing, Run Command); functions, queues, events and the table are not.
 */
import { type CostLine, hoursAMonth, line, type Price, type PriceBook } from "@warden/cost";

export interface ControlPlaneUsage {
  /** Of simulated time. */
  readonly hours: number;
  /** Calls by `service:Operation`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, { readonly invocations: number; readonly gbSeconds: number }>>;
  readonly units: BilledUnits;
}

/** What AWS bills by its own measure, so that calls alone do not tell. */
export interface BilledUnits {
  /** DynamoDB write and read request units; a transaction counts twice. */
  readonly tableWrites: number;
  readonly tableReads: number;
  /** Requests to queues by anybody, a batch being one; idle polling is added here by `pollers`. */
  readonly queueRequests: number;
  /** Events put on a bus of one's own, in pieces of 64 kB. Events of AWS services are free. */
  readonly events: number;
  /** By EventBridge Scheduler; scheduled rules are free. */
  readonly scheduleInvocations: number;
  readonly logBytes: number;
}

export interface StandingParts {
  /** Queues that a function polls: Lambda polls each all the time. */
  readonly polledQueues: number;
  readonly alarms: number;
  readonly metrics: number;
  readonly dashboards: number;
  readonly keys: number;
  readonly secrets: number;
  readonly tableGigabytes: number;
}

/** One deployment: two lanes, and the alarms and keys that its stack creates. */
export const standingParts: StandingParts = {
  polledQueues: 2,
  alarms: 15,
  metrics: 10,
  dashboards: 1,
  keys: 1,
  secrets: 2,
  tableGigabytes: 1,
};

export const noUnits: BilledUnits = {
  tableWrites: 0,
  tableReads: 0,
  queueRequests: 0,
  events: 0,
  scheduleInvocations: 0,
  logBytes: 0,
};

/** The services that the bar of 1.20 USD a month is about; alarms, metrics, dashboard, logs and keys stand beside them. */
export const loopServices: readonly string[] = ["functions", "queues", "events", "schedules", "table"];

/** Lines for exactly the time that was simulated. */
export function controlPlaneCost(
  usage: ControlPlaneUsage,
  prices: PriceBook,
  standing: StandingParts = standingParts,
): readonly CostLine[] {
  return [
    ...functionLines(usage, prices),
    ...loopLines(usage, prices, standing),
    ...standingLines(usage, prices, standing),
  ];
}

/**
 * Calls to services that this model has no price for. Not free: unknown. To be shown beside the bill, never to be
 * left out in silence.
 */
export function unpricedCalls(calls: Readonly<Record<string, number>>): readonly string[] {
  const known = [...freeServices, ...pricedServices];
  return Object.keys(calls).filter((operation) => !known.includes(serviceOf(operation)));
}

/** Bytes of log lines, and what Lambda writes around each invocation: START, END and REPORT. */
export const logBytesOf = (lineBytes: number, invocations: number): number => lineBytes + invocations * 400;

const freeServices = [
  "autoscaling",
  "ec2",
  "elasticloadbalancing",
  "ssm",
  "sts",
  "iam",
  "lambda",
  "cloudwatch",
  "logs",
];
const pricedServices = ["dynamodb", "sqs", "events", "scheduler", "sns", "kms", "secretsmanager"];

function functionLines({ functions }: ControlPlaneUsage, prices: PriceBook): readonly CostLine[] {
  const used = Object.values(functions);
  const invocations = used.reduce((sum, each) => sum + each.invocations, 0);
  const gbSeconds = used.reduce((sum, each) => sum + each.gbSeconds, 0);
  return [
    counted(prices.of("lambda.requests"), "functions", "invocations", invocations / million),
    counted(prices.of("lambda.arm64"), "functions", "GB-seconds, arm64", gbSeconds),
  ];
}

function loopLines(usage: ControlPlaneUsage, prices: PriceBook, standing: StandingParts): readonly CostLine[] {
  const { units, calls, hours } = usage;
  const months = hours / hoursAMonth;
  const messages = prices.of("sqs.standard");
  return [
    counted(messages, "queues", "requests with messages", units.queueRequests / million),
    assumed(messages, "queues", "idle polling", idlePolls(standing.polledQueues, hours) / million),
    counted(prices.of("events.custom"), "events", "events published", units.events / million),
    counted(prices.of("scheduler.invocations"), "schedules", "invocations", units.scheduleInvocations / million),
    counted(prices.of("dynamodb.wru"), "table", "write units", units.tableWrites / million),
    counted(prices.of("dynamodb.rru"), "table", "read units", units.tableReads / million),
    assumed(prices.of("dynamodb.storage"), "table", "stored", standing.tableGigabytes * months),
    counted(prices.of("sns.requests"), "notifications", "requests", callsTo("sns", calls) / million),
  ];
}

function standingLines(usage: ControlPlaneUsage, prices: PriceBook, standing: StandingParts): readonly CostLine[] {
  const months = usage.hours / hoursAMonth;
  const { calls, units } = usage;
  return [
    assumed(prices.of("cloudwatch.alarm.standard"), "monitoring", "alarms", standing.alarms * months),
    assumed(prices.of("cloudwatch.metric"), "monitoring", "metrics", standing.metrics * months),
    assumed(prices.of("cloudwatch.dashboard"), "monitoring", "dashboards", standing.dashboards * months),
    assumed(prices.of("cloudwatch.logs.ingest"), "monitoring", "logs written", units.logBytes / gigabyte),
    assumed(prices.of("kms.key"), "keys and secrets", "keys", standing.keys * months),
    counted(prices.of("kms.requests"), "keys and secrets", "key requests", callsTo("kms", calls) / 10_000),
    assumed(prices.of("secrets.secret"), "keys and secrets", "secrets", standing.secrets * months),
    counted(
      prices.of("secrets.calls"),
      "keys and secrets",
      "secret requests",
      callsTo("secretsmanager", calls) / 10_000,
    ),
  ];
}

/** Lambda keeps five pollers on a queue, each asking anew every 20 s (Lambda guide, SQS event source). */
const idlePolls = (queues: number, hours: number): number => (queues * 5 * hours * 3_600) / 20;

function callsTo(service: string, calls: Readonly<Record<string, number>>): number {
  return Object.entries(calls)
    .filter(([operation]) => serviceOf(operation) === service)
    .reduce((sum, [, count]) => sum + count, 0);
}

const serviceOf = (operation: string): string => operation.split(":")[0] ?? operation;

const million = 1_000_000;
const gigabyte = 1_000_000_000;

const counted = (price: Price, service: string, item: string, quantity: number): CostLine =>
  line(price, { service, item, quantity, basis: "counted" });
const assumed = (price: Price, service: string, item: string, quantity: number): CostLine =>
  line(price, { service, item, quantity, basis: "assumed" });
