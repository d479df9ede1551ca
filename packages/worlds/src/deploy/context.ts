/** What every step of a deployment by API calls shares. On AWS the stack does this work; here the same data is deployed directly. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { named as nameOf } from "@warden/functions/deployed";
import type { ClientOptions } from "../loop.ts";

export interface DeployContext {
  readonly stage: string;
  readonly region: string;
  readonly account: string;
  readonly clients: Clients;
}

export type Clients = ReturnType<typeof clientsOf>;

export function clientsOf(options: ClientOptions) {
  return {
    autoScaling: new AutoScalingClient(options),
    dynamodb: new DynamoDBClient(options),
    ec2: new EC2Client(options),
    elastiCache: new ElastiCacheClient(options),
    events: new EventBridgeClient(options),
    iam: new IAMClient(options),
    lambda: new LambdaClient(options),
    loadBalancing: new ElasticLoadBalancingV2Client(options),
    // The embedded S3 has no host name for each bucket.
    s3: new S3Client({ ...options, forcePathStyle: true }),
    sns: new SNSClient(options),
    sqs: new SQSClient(options),
    ssm: new SSMClient(options),
  };
}

/** Every named thing carries the stage. */
export const named = ({ stage }: DeployContext, name: string): string => nameOf(stage, name);

/** `arn:aws:SERVICE:REGION:ACCOUNT:REST` */
export const arn = (context: DeployContext, service: string, rest: string): string =>
  `arn:aws:${service}:${context.region}:${context.account}:${rest}`;
