/** Clients that nobody here wrote: boto3 and the AWS CLI, over HTTP. */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as eventbridge from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import { embeddedService } from "../../src/service.ts";
import { listen, type Router, type WireRequest } from "../../src/wire/index.ts";
import { harness } from "./harness.ts";

const run = promisify(execFile);
const $metadata = {};
const succeeds = (command: string, ...parameters: string[]): boolean => spawnSync(command, parameters).status === 0;

const hasBoto = succeeds("python3", "-c", "import boto3");
if (!hasBoto) console.warn("SKIPPED boto3 against the embedded AWS: python3 here cannot import boto3");
const hasCli = succeeds("aws", "--version");
if (!hasCli) console.warn("SKIPPED the AWS CLI against the embedded AWS: there is no working `aws` on the PATH");

describe.runIf(hasBoto)("boto3", () => {
  it("reads every embedded service's answers and errors", async () => {
    const { requests, defects, answer } = await withServer(async (endpoint) => {
      const { stdout } = await run("python3", [fileURLToPath(new URL("./boto.py", import.meta.url)), endpoint]);
      return JSON.parse(stdout);
    });
    expect(defects).toEqual([]);
    expect(answer).toEqual({
      botocore: expect.any(String),
      groups: ["moodle", "moodle-2"],
      scaling: ["ScalingActivityInProgress", "An activity is in progress"],
      command: ["InvalidDocument", "no such document"],
      message: "m-1",
      queue: ["AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."],
      instances: ["InvalidInstanceID.NotFound", "The instance ID 'i-0123456789abcdef0' does not exist"],
      metrics: 200,
      targets: "draining",
      event: "e-1",
      item: "12.5",
      condition: ["ConditionalCheckFailedException", "The conditional request failed"],
      topic: "n-1",
      caller: "000000000000",
      role: "arn:aws:iam::000000000000:role/warden",
      secret: "s3cret",
      answer: '{"a":1}',
      object: ["hello", { release: "5.2" }],
      keys: ["a/b c"],
      missing: ["NoSuchKey", "The specified key does not exist."],
    });
    const types = new Set(requests.map(({ headers }) => headers["content-type"]?.split(";")[0]));
    expect([...types]).toEqual(
      expect.arrayContaining(["application/x-www-form-urlencoded", "application/x-amz-json-1.1"]),
    );
  }, 60_000);
});

describe.runIf(hasCli)("the AWS CLI", () => {
  it("lists groups and tells an error by its code", async () => {
    const { answer } = await withServer(async (endpoint) => {
      const environment = {
        ...process.env,
        AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_REGION: "eu-west-1",
        AWS_DEFAULT_REGION: "eu-west-1",
        AWS_ENDPOINT_URL: endpoint,
        AWS_MAX_ATTEMPTS: "1",
      };
      const aws = (...parameters: string[]) =>
        run("aws", ["--endpoint-url", endpoint, ...parameters], { env: environment });
      const listed = await aws("autoscaling", "describe-auto-scaling-groups", "--output", "json");
      const refused = await aws("sqs", "get-queue-url", "--queue-name", "gone").catch(({ stderr }) => String(stderr));
      return { groups: JSON.parse(listed.stdout).AutoScalingGroups, refused };
    });
    expect(answer.groups).toMatchObject([{ AutoScalingGroupName: "moodle" }, { AutoScalingGroupName: "moodle-2" }]);
    expect(answer.refused).toContain("(AWS.SimpleQueueService.NonExistentQueue)");
  }, 60_000);
});

/** Runs a client against all services on a port, and keeps the requests it made. */
async function withServer<T>(use: (endpoint: string) => Promise<T>) {
  const { router, defects } = harness(everyService());
  const requests: WireRequest[] = [];
  const recording: Router = {
    ...router,
    route(request) {
      requests.push(request);
      return router.route(request);
    },
  };
  const server = await listen(recording, { port: 0 });
  try {
    return { answer: await use(server.endpoint), requests, defects };
  } finally {
    await server.close();
  }
}

function everyService() {
  const objects = new Map<string, { body: Uint8Array; metadata: Record<string, string> }>();
  const group = (AutoScalingGroupName: string) => ({
    AutoScalingGroupName,
    MinSize: 1,
    MaxSize: 4,
    DesiredCapacity: 2,
    DefaultCooldown: 300,
    AvailabilityZones: ["eu-west-1a"],
    HealthCheckType: "EC2",
    CreatedTime: new Date(Date.UTC(2026, 0, 2)),
  });
  return [
    embeddedService(autoscaling, "autoscaling", {
      DescribeAutoScalingGroups: ({ NextToken }) =>
        NextToken === undefined
          ? { AutoScalingGroups: [group("moodle")], NextToken: "more" }
          : { AutoScalingGroups: [group("moodle-2")] },
      SetDesiredCapacity: () => {
        throw new autoscaling.ScalingActivityInProgressFault({ message: "An activity is in progress", $metadata });
      },
    }),
    embeddedService(ssm, "ssm", {
      SendCommand: () => {
        throw new ssm.InvalidDocument({ message: "no such document", Message: "no such document", $metadata });
      },
    }),
    embeddedService(sqs, "sqs", {
      SendMessage: () => ({ MessageId: "m-1", MD5OfMessageBody: "5d41402abc4b2a76b9719d911017c592" }),
      GetQueueUrl: () => {
        throw new sqs.QueueDoesNotExist({ message: "The specified queue does not exist.", $metadata });
      },
    }),
    embeddedService(ec2, "ec2", {
      DescribeInstances: ({ InstanceIds }) => {
        throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${InstanceIds?.[0]}' does not exist`);
      },
    }),
    embeddedService(cloudwatch, "cloudwatch", {
      PutMetricData: ({ MetricData }) => {
        if (MetricData?.[0]?.Value !== 3.5) throw new Error(`the value arrived as ${MetricData?.[0]?.Value}`);
        return {};
      },
    }),
    embeddedService(elb, "elasticloadbalancing", {
      DescribeTargetHealth: () => ({
        TargetHealthDescriptions: [{ Target: { Id: "i-0" }, TargetHealth: { State: "draining" } }],
      }),
    }),
    embeddedService(eventbridge, "events", {
      PutEvents: ({ Entries }) => ({ FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: "e-1" })) }),
    }),
    embeddedService(dynamodb, "dynamodb", {
      GetItem: () => ({ Item: { pk: { S: "node/1" }, at: { N: "12.5" } } }),
      PutItem: () => {
        throw new dynamodb.ConditionalCheckFailedException({ message: "The conditional request failed", $metadata });
      },
    }),
    embeddedService(sns, "sns", { Publish: () => ({ MessageId: "n-1" }) }),
    embeddedService(sts, "sts", { GetCallerIdentity: () => ({ Account: "000000000000" }) }),
    embeddedService(iam, "iam", {
      GetRole: ({ RoleName }) => ({
        Role: {
          RoleName,
          RoleId: "AROA",
          Path: "/",
          Arn: `arn:aws:iam::000000000000:role/${RoleName}`,
          CreateDate: new Date(Date.UTC(2026, 0, 2)),
        },
      }),
    }),
    embeddedService(secrets, "secretsmanager", { GetSecretValue: () => ({ SecretString: "s3cret" }) }),
    embeddedService(lambda, "lambda", {
      Invoke: ({ Payload }) => ({
        StatusCode: 200,
        Payload: Uint8ArrayBlobAdapter.mutate(Payload instanceof Uint8Array ? Payload : new Uint8Array()),
      }),
    }),
    embeddedService(s3, "s3", {
      PutObject: ({ Key, Body, Metadata }) => {
        if (Body instanceof Uint8Array) objects.set(Key, { body: Body, metadata: Metadata ?? {} });
        return { ETag: '"5d41402abc4b2a76b9719d911017c592"' };
      },
      GetObject: ({ Key }) => {
        const found = objects.get(Key);
        if (found === undefined) throw new s3.NoSuchKey({ message: "The specified key does not exist.", $metadata });
        return { Body: found.body, ContentLength: found.body.length, Metadata: found.metadata };
      },
      ListObjectsV2: ({ Bucket }) => ({ Name: Bucket, Contents: [...objects.keys()].map((Key) => ({ Key, Size: 5 })) }),
    }),
  ];
}
