import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { BackupClient, ListBackupVaultsCommand } from "@aws-sdk/client-backup";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeReplicationGroupsCommand, ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import { ListCommandsCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it, vi } from "vitest";
import { clientConfig } from "../../src/wire/index.ts";
import { serviceModel } from "../../src/wire/schema.ts";
import { harness } from "./harness.ts";

/** A file whose reader waits for ever: so that there is one can be seen. */
const folder = mkdtempSync(join(tmpdir(), "test-settings-"));
const file = join(folder, "config");
const isPipe = spawnSync("mkfifo", [file]).status === 0;

function isBeingRead(): boolean {
  try {
    closeSync(openSync(file, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

it.runIf(isPipe)("gives every client all of its settings, so that none reads ~/.aws", async () => {
  vi.stubEnv("AWS_CONFIG_FILE", file);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", file);
  const config = clientConfig(harness([]).router);
  const calls: Record<string, () => Promise<unknown>> = {
    "the model of a service": async () => serviceModel(sqs),
    autoscaling: () => new AutoScalingClient(config).send(new DescribeAutoScalingGroupsCommand({})),
    backup: () => new BackupClient(config).send(new ListBackupVaultsCommand({})),
    cloudwatch: () => new CloudWatchClient(config).send(new DescribeAlarmsCommand({})),
    dynamodb: () => new DynamoDBClient(config).send(new ListTablesCommand({})),
    ec2: () => new EC2Client(config).send(new DescribeInstancesCommand({})),
    elasticache: () => new ElastiCacheClient(config).send(new DescribeReplicationGroupsCommand({})),
    elasticloadbalancing: () => new ElasticLoadBalancingV2Client(config).send(new DescribeTargetGroupsCommand({})),
    events: () => new EventBridgeClient(config).send(new ListRulesCommand({})),
    iam: () => new IAMClient(config).send(new ListRolesCommand({})),
    lambda: () => new LambdaClient(config).send(new ListFunctionsCommand({})),
    s3: () => new S3Client(config).send(new ListBucketsCommand({})),
    secretsmanager: () => new SecretsManagerClient(config).send(new ListSecretsCommand({})),
    sns: () => new SNSClient(config).send(new ListTopicsCommand({})),
    sqs: () => new sqs.SQSClient(config).send(new sqs.ListQueuesCommand({})),
    ssm: () => new SSMClient(config).send(new ListCommandsCommand({})),
    sts: () => new STSClient(config).send(new GetCallerIdentityCommand({})),
  };
  const readers: string[] = [];
  for (const [service, call] of Object.entries(calls)) {
    let over = false;
    // The router knows no service, so each call ends in a refusal: as long as it ends.
    const ended = call()
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        over = true;
      });
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isBeingRead()) readers.push(service);
    }
    await ended;
    // Some of them begin to read when they are made, and do not wait for it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (isBeingRead()) readers.push(service);
  }
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
  expect([...new Set(readers)]).toEqual([]);
});
