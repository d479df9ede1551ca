/** The loop with its ports on real SDK clients: the same in a Lambda function, a test and the command. */

import type { Logger } from "@aws-lambda-powertools/logger";
import type { Metrics } from "@aws-lambda-powertools/metrics";
import { AutoScalingClient, type AutoScalingClientConfig } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import {
  ElasticLoadBalancingV2Client,
  type ElasticLoadBalancingV2ClientConfig,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { ElastiCacheClientConfig } from "@aws-sdk/client-elasticache";
import { EventBridgeClient, type EventBridgeClientConfig } from "@aws-sdk/client-eventbridge";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { SNSClientConfig } from "@aws-sdk/client-sns";
import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import { SSMClient, type SSMClientConfig } from "@aws-sdk/client-ssm";
import {
  autoScalingPort,
  busPort,
  commandsPort,
  dynamoStore,
  lanesPort,
  lastGoodPort,
  loadBalancingPort,
  type NotificationsPort,
  type Pace,
  type RegisteredDocuments,
} from "@warden/aws";
import { type Deps, type Lane, type Log, type Ports, settingsOf } from "@warden/control";

/** What surrounds a Lambda handler. */
export interface Tools {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What the handler of a function of the loop is built from. */
export interface Loop extends Tools {
  readonly deps: Deps;
}

/** What the handler is built from that tells people: it needs nothing of the loop. */
export interface Notifier extends Tools {
  readonly stage: string;
  readonly notifications: NotificationsPort;
}

/** Where a deployment's own things are. */
export interface Deployment {
  readonly table: string;
  readonly bus: string;
  readonly queueUrls: Readonly<Record<Lane, string>>;
  readonly documents: RegisteredDocuments;
}

/** What all the clients take alike. */
export type ClientOptions = AutoScalingClientConfig &
  DynamoDBClientConfig &
  ElasticLoadBalancingV2ClientConfig &
  ElastiCacheClientConfig &
  EventBridgeClientConfig &
  S3ClientConfig &
  SNSClientConfig &
  SQSClientConfig &
  SSMClientConfig;

/** Any SDK client, as far as its middleware goes. */
export interface SdkClient {
  readonly middlewareStack: { use(plugin: never): void };
}

export interface DepsOptions {
  readonly deployment: Deployment;
  /** Configuration for every SDK client; empty in Lambda, where the environment says it all. */
  readonly client: ClientOptions;
  /** Called with each client once, before its first call: where a simulation puts its hand in. */
  readonly prepare?: (client: SdkClient) => void;
  readonly pace: Pace;
  readonly log: Log;
  now(): number;
  id(): string;
}

export function depsOf(options: DepsOptions): Deps {
  const { now, id, log } = options;
  const ports = portsOf(options);
  return { ports, now, id, log, settings: settingsOf(ports, now) };
}

function portsOf({ client, deployment, pace, now, prepare }: DepsOptions): Ports {
  const made = <Client extends SdkClient>(each: Client): Client => {
    prepare?.(each);
    return each;
  };
  const ssm = made(new SSMClient(client));
  return {
    autoScaling: autoScalingPort(made(new AutoScalingClient(client)), pace),
    commands: commandsPort(ssm, pace, deployment.documents),
    loadBalancing: loadBalancingPort(made(new ElasticLoadBalancingV2Client(client)), pace),
    store: dynamoStore(made(new DynamoDBClient(client)), deployment.table, now),
    lanes: lanesPort(made(new SQSClient(client)), deployment.queueUrls),
    bus: busPort(made(new EventBridgeClient(client)), deployment.bus),
    lastGood: lastGoodPort(ssm),
  };
}
