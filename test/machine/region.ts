/** An embedded AWS on loopback with what a node asks of it, and one instance that waits in its launch hook. */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import {
  clientConfig,
  createChildProcessLauncher,
  createEmbeddedAws,
  listen,
  quickTimings,
  realClock,
  seededRandom,
} from "@warden/aws-local";
import type { Host, InstanceMetadata } from "@warden/aws-local/region";
import type { Credentials } from "@warden/aws-local/wire/identity";
import { until } from "@warden/lab/processes";
import { type Bundle, bundleOf } from "@warden/moodle/bundle";
import type { Belongs } from "@warden/moodle/image";
import type { SiteConfiguration } from "@warden/moodle/site";

export interface Region {
  readonly port: number;
  readonly instanceId: string;
  readonly roleName: string;
  readonly credentials: Credentials;
  /** What EC2 says about the instance: set a member and its watcher finds a notice. */
  readonly metadata: InstanceMetadata;
  /** What goes into node.conf. */
  readonly belongs: Belongs;
  /** Calls of the node so far, as `service:Operation`. */
  readonly calls: readonly string[];
  upload(site: SiteConfiguration): Promise<Bundle>;
  put(digest: string, archive: Uint8Array): Promise<void>;
  putRelease(name: string, archive: Uint8Array): Promise<void>;
  lastGood(release: string, digest: string): Promise<void>;
  /** A new value of a secret, which is AWSCURRENT from now on unless it is only to be there; its version. */
  rotate(secret: string, value: string, stage?: "AWSCURRENT" | "AWSPENDING"): Promise<string>;
  /** Moves AWSCURRENT to this version. */
  finishRotation(secret: string, version: string): Promise<void>;
  lifecycleState(): Promise<string | undefined>;
  /** Messages on the urgent lane, each once. */
  told(): Promise<unknown[]>;
  end(): Promise<void>;
}

const bucket = "warden-blobs";
const roleName = "warden-node";
const group = "machine";

export async function region(secrets: Readonly<Record<string, string>>): Promise<Region> {
  const clock = realClock({ speed: 1, onError: fail });
  const calls: string[] = [];
  const metadata: InstanceMetadata = {};
  let credentials: Credentials | undefined;
  const aws = createEmbeddedAws({
    clock,
    random: seededRandom(1),
    timings: quickTimings,
    limits: "none",
    endpoint: () => server.endpoint,
    launcher: createChildProcessLauncher({}),
    codeStore: () => undefined,
    createHost({ instanceId }, _, own): Host {
      credentials = own;
      const nothing = (): undefined => undefined;
      const request = async () => "refused" as const;
      return { instanceId, metadata, powerOn: nothing, powerOff: nothing, request, run: nothing, dispose: nothing };
    },
    observe: ({ service, operation }) => calls.push(`${service}:${operation}`),
    onDefect: fail,
  });
  const server = await listen(aws.router, { port: 0 });
  const options = clientConfig(aws.router);
  const s3 = new S3Client(options);
  const ssm = new SSMClient(options);
  const sqs = new SQSClient(options);
  const secretsManager = new SecretsManagerClient(options);
  const autoScaling = new AutoScalingClient(options);

  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  for (const [Name, SecretString] of Object.entries(secrets))
    await secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "urgent" }));
  await instanceProfile(new IAMClient(options), aws.account, aws.region);
  await launch(new EC2Client(options), autoScaling);
  const instance = async () => {
    const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    return AutoScalingGroups[0]?.Instances?.[0];
  };
  await until(async () => {
    const state = (await instance())?.LifecycleState;
    if (state !== "Pending:Wait") throw new Error(`the instance is ${state}`);
  }, "the instance");
  const instanceId = (await instance())?.InstanceId ?? "";
  if (credentials === undefined) throw new Error("the instance has no role");

  const store = async (Key: string, Body: Uint8Array): Promise<void> =>
    void (await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body })));
  const put = (digest: string, archive: Uint8Array): Promise<void> => store(`bundles/${digest}.tar`, archive);

  return {
    port: Number(new URL(server.endpoint).port),
    instanceId,
    roleName,
    credentials,
    metadata,
    belongs: {
      group,
      region: aws.region,
      bucket,
      launchHook: "warden-launch",
      urgentQueueUrl: QueueUrl,
      lastGood: `/warden/${group}/last-good`,
    },
    calls,
    async upload(site) {
      const bundle = bundleOf(site);
      await put(bundle.digest, bundle.archive);
      return bundle;
    },
    put,
    putRelease: (name, archive) => store(`releases/${name}.tar.gz`, archive),
    async lastGood(release, digest) {
      const Value = JSON.stringify({ v: 1, release, digest });
      const Name = `/warden/${group}/last-good`;
      await ssm.send(new PutParameterCommand({ Name, Type: "String", Value, Overwrite: true }));
    },
    async rotate(SecretId, SecretString, stage = "AWSCURRENT") {
      const put = new PutSecretValueCommand({ SecretId, SecretString, VersionStages: [stage] });
      return (await secretsManager.send(put)).VersionId ?? "";
    },
    async finishRotation(SecretId, MoveToVersionId) {
      const { VersionIdsToStages = {} } = await secretsManager.send(new DescribeSecretCommand({ SecretId }));
      const [RemoveFromVersionId] =
        Object.entries(VersionIdsToStages).find(([, on]) => on.includes("AWSCURRENT")) ?? [];
      await secretsManager.send(
        new UpdateSecretVersionStageCommand({
          ...{ SecretId, VersionStage: "AWSCURRENT", MoveToVersionId, RemoveFromVersionId },
        }),
      );
    },
    lifecycleState: async () => (await instance())?.LifecycleState,
    async told() {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return Messages.map(({ Body = "" }) => JSON.parse(Body));
    },
    async end() {
      await server.close();
      aws.stop();
      clock.stop();
    },
  };
}

function fail(error: unknown): void {
  throw error;
}

/** What a node may do, as functions/node-grants.ts has it, and what it reads besides. */
async function instanceProfile(iam: IAMClient, account: string, inRegion: string): Promise<void> {
  const policy = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
  const allow = (Action: string, Resource: string): object => ({ Effect: "Allow", Action, Resource });
  const arn = (service: string, rest: string): string => `arn:aws:${service}:${inRegion}:${account}:${rest}`;
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  await iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: policy(trust) }));
  const PolicyDocument = policy(
    allow(
      "autoscaling:CompleteLifecycleAction",
      arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${group}`),
    ),
    allow("sqs:SendMessage", arn("sqs", "urgent")),
    allow("ssm:GetParameter", arn("ssm", `parameter/warden/${group}/last-good`)),
    allow("s3:GetObject", `arn:aws:s3:::${bucket}/bundles/*`),
    allow("s3:GetObject", `arn:aws:s3:::${bucket}/releases/*`),
    allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:machine/*")),
    allow("secretsmanager:DescribeSecret", arn("secretsmanager", "secret:machine/*")),
  );
  await iam.send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName: "grants", PolicyDocument }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: roleName }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: roleName, RoleName: roleName }));
}

async function launch(ec2: EC2Client, autoScaling: AutoScalingClient): Promise<void> {
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: group,
      LaunchTemplateData: {
        ImageId: Images[0]?.ImageId ?? "",
        InstanceType: "t4g.medium",
        IamInstanceProfile: { Name: roleName },
      },
    }),
  );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: group,
      MinSize: 1,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateName: group, Version: "$Latest" },
      VPCZoneIdentifier: Subnets[0]?.SubnetId,
      LifecycleHookSpecificationList: [
        {
          LifecycleHookName: "warden-launch",
          LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
          HeartbeatTimeout: 3600,
          DefaultResult: "ABANDON",
        },
      ],
    }),
  );
}
