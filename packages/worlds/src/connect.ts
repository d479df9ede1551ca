/** From a stage to a working loop and clients: how the command reaches a deployment, on AWS or on a laptop. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import {
  asFault,
  type BundleStore,
  bundleStore,
  detaching,
  type RecoveryPointStore,
  type ReleaseStore,
  recoveryPointStore,
  releaseStore,
  unpaced,
} from "@warden/aws";
import type { Deps, DetachingPort, Log } from "@warden/control";
import { type Deployment, deploymentParameter, deploymentSchema } from "./deployment.ts";
import { type ClientOptions, depsOf } from "./loop.ts";

export type { BundleStore, RecoveryPointStore, ReleaseStore };

export interface ConnectOptions {
  readonly stage: string;
  readonly client: ClientOptions;
  readonly log: Log;
  now(): number;
  id(): string;
}

export interface Connection {
  readonly deps: Deps;
  readonly deployment: Deployment;
  readonly bundles: BundleStore;
  readonly releases: ReleaseStore;
  readonly recoveryPoints: RecoveryPointStore;
  readonly detaching: DetachingPort;
  readonly clients: {
    readonly autoScaling: AutoScalingClient;
    readonly events: EventBridgeClient;
    readonly iam: IAMClient;
    readonly lambda: LambdaClient;
    readonly loadBalancing: ElasticLoadBalancingV2Client;
    readonly sqs: SQSClient;
    readonly ssm: SSMClient;
  };
}

/** @throws NoDeployment when nothing of that stage is deployed there @throws Fault for whatever AWS answers */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { client } = options;
  const ssm = new SSMClient(client);
  const deployment = await readDeployment(ssm, options.stage);
  const queueUrls = { urgent: deployment.queues.urgent.url, normal: deployment.queues.normal.url };
  const deps = depsOf({
    ...options,
    pace: unpaced,
    deployment: { ...deployment, queueUrls },
  });
  return {
    deps,
    deployment,
    bundles: bundleStore(client, deployment.bucket),
    releases: releaseStore(client, deployment.bucket),
    recoveryPoints: recoveryPointStore(client),
    detaching: detaching(client, deployment.table),
    clients: {
      autoScaling: new AutoScalingClient(client),
      events: new EventBridgeClient(client),
      iam: new IAMClient(client),
      lambda: new LambdaClient(client),
      loadBalancing: new ElasticLoadBalancingV2Client(client),
      sqs: new SQSClient(client),
      ssm,
    },
  };
}

export class NoDeployment extends Error {
  constructor(stage: string) {
    super(`there is no deployment of stage ${stage} (no parameter ${deploymentParameter(stage)})`);
    this.name = "NoDeployment";
  }
}

/** Something answers, and it is a web server or a proxy: every answer of AWS carries the id of its request. */
export class NotAws extends Error {
  constructor() {
    super("what answers is not AWS");
    this.name = "NotAws";
  }
}

async function readDeployment(ssm: SSMClient, stage: string): Promise<Deployment> {
  try {
    const answer = await ssm.send(new GetParameterCommand({ Name: deploymentParameter(stage) }));
    if (isForeign(answer.$metadata)) throw new NotAws();
    return deploymentSchema.parse(JSON.parse(answer.Parameter?.Value ?? ""));
  } catch (error) {
    if (error instanceof NotAws || (error instanceof Error && "$metadata" in error && isForeign(error.$metadata)))
      throw new NotAws();
    if (error instanceof Error && error.name === "ParameterNotFound") throw new NoDeployment(stage);
    throw asFault("ssm:GetParameter", error);
  }
}

/** Without a status nothing answered at all. */
function isForeign(metadata: unknown): boolean {
  if (typeof metadata !== "object" || metadata === null) return false;
  const hasStatus = "httpStatusCode" in metadata && metadata.httpStatusCode !== undefined;
  return hasStatus && !("requestId" in metadata && metadata.requestId !== undefined);
}
