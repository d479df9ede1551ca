import { describe, expect, it } from "vitest";
import { actionEntry } from "../../src/services/iam/actions.ts";
import { type ResourceLookups, resourcesOf } from "../../src/services/iam/resources.ts";

const here = "eu-west-1:123456789012";
const groupArn = `arn:aws:autoscaling:${here}:autoScalingGroup:1b2c:autoScalingGroupName/moodle`;
const nodeRole = "arn:aws:iam::123456789012:role/node";

const lookups: ResourceLookups = {
  region: "eu-west-1",
  account: "123456789012",
  tagsOf: (arn): Record<string, string> => (arn === groupArn || arn.endsWith("instance/i-1") ? { site: "moodle" } : {}),
  autoScalingGroupArn: (name) => (name === "moodle" ? groupArn : undefined),
  autoScalingGroupOfInstance: (instanceId) => (instanceId === "i-1" ? "moodle" : undefined),
  roleOfLaunchTemplate: ({ id }) => (id === "lt-1" ? "node" : undefined),
  roleOfInstanceProfile: () => "node",
  secretArn: (name) => (name === "db" ? `arn:aws:secretsmanager:${here}:secret:db-a1B2c3` : undefined),
};

/** `action resource` of each request. */
const asked = (service: string, operation: string, input: object): string[] =>
  resourcesOf(service, operation, input, lookups).flatMap(({ action, resources }) =>
    resources.map((resource) => `${action} ${resource}`),
  );

describe("the table of actions (Service Authorization Reference, 2026-06-14; AWS Backup 2026-08-22, ElastiCache 2026-09-26)", () => {
  it.each([
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "ssm:GetCommandInvocation",
    "ssm:ListCommandInvocations",
    "ssm:DescribeInstanceInformation",
    "elasticloadbalancing:DescribeTargetHealth",
    "ec2:DescribeInstances",
    "backup:ListRecoveryPointsByResource",
    "elasticache:DescribeEvents",
    "cloudwatch:PutMetricData",
    "lambda:CreateEventSourceMapping",
    "sts:GetCallerIdentity",
  ])("takes no resource for %s", (action) => {
    expect(actionEntry(action)?.resourceTypes).toEqual([]);
  });

  it.each([
    ["autoscaling:CompleteLifecycleAction", ["autoScalingGroup"]],
    ["elasticloadbalancing:DeregisterTargets", ["targetgroup"]],
    ["events:PutEvents", ["event-bus"]],
    ["cloudwatch:DescribeAlarms", ["alarm"]],
    ["iam:PassRole", ["role"]],
    ["dynamodb:Query", ["table", "index"]],
    ["backup:StartBackupJob", ["backupVault"]],
    ["elasticache:TestFailover", ["replicationgroup"]],
  ])("takes resources for %s", (action, types) => {
    expect(actionEntry(action)?.resourceTypes).toEqual(types);
  });
});

describe("what a call asks IAM for", () => {
  it.each<[string, string, object, string[]]>([
    [
      "autoscaling",
      "CompleteLifecycleAction",
      { AutoScalingGroupName: "moodle" },
      [`autoscaling:CompleteLifecycleAction ${groupArn}`],
    ],
    [
      "autoscaling",
      "SetDesiredCapacity",
      { AutoScalingGroupName: "unknown" },
      [`autoscaling:SetDesiredCapacity arn:aws:autoscaling:${here}:autoScalingGroup:*:autoScalingGroupName/unknown`],
    ],
    [
      "autoscaling",
      "TerminateInstanceInAutoScalingGroup",
      { InstanceId: "i-1" },
      [`autoscaling:TerminateInstanceInAutoScalingGroup ${groupArn}`],
    ],
    [
      "autoscaling",
      "DescribeAutoScalingGroups",
      { AutoScalingGroupNames: ["moodle"] },
      ["autoscaling:DescribeAutoScalingGroups *"],
    ],
    [
      "autoscaling",
      "UpdateAutoScalingGroup",
      { AutoScalingGroupName: "moodle", LaunchTemplate: { LaunchTemplateId: "lt-1" } },
      [`autoscaling:UpdateAutoScalingGroup ${groupArn}`, `iam:PassRole ${nodeRole}`],
    ],
    [
      "ssm",
      "SendCommand",
      { DocumentName: "Warden-Bootstrap", InstanceIds: ["i-1", "mi-2"], ServiceRoleArn: nodeRole },
      [
        `ssm:SendCommand arn:aws:ssm:${here}:document/Warden-Bootstrap`,
        `ssm:SendCommand arn:aws:ec2:${here}:instance/i-1`,
        `ssm:SendCommand arn:aws:ssm:${here}:managed-instance/mi-2`,
        `iam:PassRole ${nodeRole}`,
      ],
    ],
    [
      "ssm",
      "SendCommand",
      { DocumentName: "AWS-RunShellScript", Targets: [{ Key: "tag:site", Values: ["moodle"] }] },
      [
        "ssm:SendCommand arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
        `ssm:SendCommand arn:aws:ec2:${here}:instance/*`,
      ],
    ],
    ["ssm", "GetCommandInvocation", { CommandId: "c", InstanceId: "i-1" }, ["ssm:GetCommandInvocation *"]],
    ["ssm", "GetParameter", { Name: "/warden/site" }, [`ssm:GetParameter arn:aws:ssm:${here}:parameter/warden/site`]],
    [
      "ssm",
      "GetParameters",
      { Names: ["a", "/b:3"] },
      [`ssm:GetParameters arn:aws:ssm:${here}:parameter/a`, `ssm:GetParameters arn:aws:ssm:${here}:parameter/b`],
    ],
    ["ssm", "DescribeDocument", { Name: "D" }, [`ssm:DescribeDocument arn:aws:ssm:${here}:document/D`]],
    ["ec2", "DescribeInstances", { InstanceIds: ["i-1"] }, ["ec2:DescribeInstances *"]],
    [
      "ec2",
      "TerminateInstances",
      { InstanceIds: ["i-1"] },
      [`ec2:TerminateInstances arn:aws:ec2:${here}:instance/i-1`],
    ],
    [
      "ec2",
      "CreateTags",
      { Resources: ["i-1", "vol-2"], Tags: [{ Key: "a", Value: "b" }] },
      [`ec2:CreateTags arn:aws:ec2:${here}:instance/i-1`, `ec2:CreateTags arn:aws:ec2:${here}:volume/vol-2`],
    ],
    [
      "ec2",
      "RunInstances",
      { ImageId: "ami-1", SubnetId: "subnet-1", IamInstanceProfile: { Name: "node" } },
      [
        ...["instance/*", "volume/*", "network-interface/*"].map(
          (path) => `ec2:RunInstances arn:aws:ec2:${here}:${path}`,
        ),
        "ec2:RunInstances arn:aws:ec2:eu-west-1::image/ami-1",
        `ec2:RunInstances arn:aws:ec2:${here}:subnet/subnet-1`,
        `iam:PassRole ${nodeRole}`,
      ],
    ],
    ["dynamodb", "PutItem", { TableName: "t" }, [`dynamodb:PutItem arn:aws:dynamodb:${here}:table/t`]],
    [
      "dynamodb",
      "Query",
      { TableName: "t", IndexName: "due" },
      [`dynamodb:Query arn:aws:dynamodb:${here}:table/t/index/due`],
    ],
    [
      "dynamodb",
      "TransactWriteItems",
      {
        TransactItems: [
          { Put: { TableName: "t" } },
          { ConditionCheck: { TableName: "t" } },
          { Update: { TableName: "u" } },
          { Delete: { TableName: "t" } },
        ],
      },
      [
        `dynamodb:PutItem arn:aws:dynamodb:${here}:table/t`,
        `dynamodb:ConditionCheckItem arn:aws:dynamodb:${here}:table/t`,
        `dynamodb:UpdateItem arn:aws:dynamodb:${here}:table/u`,
        `dynamodb:DeleteItem arn:aws:dynamodb:${here}:table/t`,
      ],
    ],
    [
      "dynamodb",
      "BatchGetItem",
      { RequestItems: { t: {} } },
      [`dynamodb:BatchGetItem arn:aws:dynamodb:${here}:table/t`],
    ],
    [
      "sqs",
      "SendMessageBatch",
      { QueueUrl: "http://127.0.0.1:4566/123456789012/lane" },
      [`sqs:SendMessage arn:aws:sqs:${here}:lane`],
    ],
    ["sqs", "ListQueues", {}, ["sqs:ListQueues *"]],
    ["sns", "PublishBatch", { TopicArn: `arn:aws:sns:${here}:t` }, [`sns:Publish arn:aws:sns:${here}:t`]],
    ["s3", "GetObject", { Bucket: "b", Key: "a/k" }, ["s3:GetObject arn:aws:s3:::b/a/k"]],
    ["s3", "GetObject", { Bucket: "b", Key: "k", VersionId: "1" }, ["s3:GetObjectVersion arn:aws:s3:::b/k"]],
    ["s3", "HeadObject", { Bucket: "b", Key: "k" }, ["s3:GetObject arn:aws:s3:::b/k"]],
    ["s3", "ListObjectsV2", { Bucket: "b", Prefix: "x/" }, ["s3:ListBucket arn:aws:s3:::b"]],
    [
      "s3",
      "CopyObject",
      { Bucket: "b", Key: "k", CopySource: "/c/o%20p" },
      ["s3:PutObject arn:aws:s3:::b/k", "s3:GetObject arn:aws:s3:::c/o p"],
    ],
    [
      "s3",
      "DeleteObjects",
      { Bucket: "b", Delete: { Objects: [{ Key: "1" }, { Key: "2" }] } },
      ["s3:DeleteObject arn:aws:s3:::b/1", "s3:DeleteObject arn:aws:s3:::b/2"],
    ],
    ["s3", "ListBuckets", {}, ["s3:ListAllMyBuckets *"]],
    [
      "events",
      "PutEvents",
      { Entries: [{ Source: "warden" }, { EventBusName: "warden" }] },
      [
        `events:PutEvents arn:aws:events:${here}:event-bus/default`,
        `events:PutEvents arn:aws:events:${here}:event-bus/warden`,
      ],
    ],
    [
      "events",
      "PutRule",
      { Name: "r", EventBusName: "warden" },
      [`events:PutRule arn:aws:events:${here}:rule/warden/r`],
    ],
    ["events", "PutTargets", { Rule: "r" }, [`events:PutTargets arn:aws:events:${here}:rule/r`]],
    ["cloudwatch", "DescribeAlarms", {}, [`cloudwatch:DescribeAlarms arn:aws:cloudwatch:${here}:alarm:*`]],
    [
      "cloudwatch",
      "SetAlarmState",
      { AlarmName: "a" },
      [`cloudwatch:SetAlarmState arn:aws:cloudwatch:${here}:alarm:a`],
    ],
    [
      "lambda",
      "Invoke",
      { FunctionName: "f", Qualifier: "live" },
      [`lambda:InvokeFunction arn:aws:lambda:${here}:function:f:live`],
    ],
    [
      "lambda",
      "CreateFunction",
      { FunctionName: "f", Role: nodeRole },
      [`lambda:CreateFunction arn:aws:lambda:${here}:function:f`, `iam:PassRole ${nodeRole}`],
    ],
    [
      "secretsmanager",
      "GetSecretValue",
      { SecretId: "db" },
      [`secretsmanager:GetSecretValue arn:aws:secretsmanager:${here}:secret:db-a1B2c3`],
    ],
    [
      "backup",
      "StartBackupJob",
      { BackupVaultName: "school", ResourceArn: "arn:aws:rds:x", IamRoleArn: nodeRole },
      [`backup:StartBackupJob arn:aws:backup:${here}:backup-vault:school`, `iam:PassRole ${nodeRole}`],
    ],
    [
      "backup",
      "DescribeRecoveryPoint",
      { BackupVaultName: "school", RecoveryPointArn: "arn:x" },
      ["backup:DescribeRecoveryPoint arn:x"],
    ],
    [
      "backup",
      "ListRecoveryPointsByResource",
      { ResourceArn: "arn:aws:rds:x" },
      ["backup:ListRecoveryPointsByResource *"],
    ],
    ["backup", "ListTags", { ResourceArn: "arn:x" }, ["backup:ListTags arn:x"]],
    [
      "elasticache",
      "TestFailover",
      { ReplicationGroupId: "Moodle", NodeGroupId: "0001" },
      [`elasticache:TestFailover arn:aws:elasticache:${here}:replicationgroup:moodle`],
    ],
    [
      "elasticache",
      "CreateReplicationGroup",
      { ReplicationGroupId: "moodle", CacheParameterGroupName: "default.redis7" },
      [
        `elasticache:CreateReplicationGroup arn:aws:elasticache:${here}:replicationgroup:moodle`,
        `elasticache:CreateReplicationGroup arn:aws:elasticache:${here}:parametergroup:default.redis7`,
      ],
    ],
    [
      "elasticache",
      "CreateReplicationGroup",
      { ReplicationGroupId: "moodle", CacheSubnetGroupName: "default" },
      [
        `elasticache:CreateReplicationGroup arn:aws:elasticache:${here}:replicationgroup:moodle`,
        `elasticache:CreateReplicationGroup arn:aws:elasticache:${here}:subnetgroup:default`,
        `elasticache:CreateReplicationGroup arn:aws:elasticache:${here}:parametergroup:*`,
      ],
    ],
    [
      "elasticache",
      "DescribeCacheClusters",
      { CacheClusterId: "moodle-001" },
      [`elasticache:DescribeCacheClusters arn:aws:elasticache:${here}:cluster:moodle-001`],
    ],
    [
      "elasticache",
      "DescribeReplicationGroups",
      {},
      [`elasticache:DescribeReplicationGroups arn:aws:elasticache:${here}:replicationgroup:*`],
    ],
    ["elasticache", "DescribeEvents", { SourceIdentifier: "moodle" }, ["elasticache:DescribeEvents *"]],
    ["elasticache", "ListTagsForResource", { ResourceName: "arn:x" }, ["elasticache:ListTagsForResource arn:x"]],
    [
      "elasticloadbalancing",
      "DescribeTargetHealth",
      { TargetGroupArn: "arn:x" },
      ["elasticloadbalancing:DescribeTargetHealth *"],
    ],
    [
      "elasticloadbalancing",
      "DeregisterTargets",
      { TargetGroupArn: "arn:x" },
      ["elasticloadbalancing:DeregisterTargets arn:x"],
    ],
    ["iam", "GetRole", { RoleName: "r" }, ["iam:GetRole arn:aws:iam::123456789012:role/r"]],
    [
      "iam",
      "AddRoleToInstanceProfile",
      { InstanceProfileName: "p", RoleName: "r" },
      [
        "iam:AddRoleToInstanceProfile arn:aws:iam::123456789012:instance-profile/p",
        "iam:PassRole arn:aws:iam::123456789012:role/r",
      ],
    ],
    ["sts", "AssumeRole", { RoleArn: nodeRole }, [`sts:AssumeRole ${nodeRole}`]],
    ["sts", "GetCallerIdentity", {}, []],
  ])("%s:%s %j", (service, operation, input, expected) => {
    expect(asked(service, operation, input)).toEqual(expected);
  });

  it("carries the tags of each resource under the keys that the action takes", () => {
    const [, onInstance] = resourcesOf("ssm", "SendCommand", { DocumentName: "D", InstanceIds: ["i-1"] }, lookups);
    expect(onInstance?.context).toEqual({ "aws:ResourceTag/site": "moodle", "ssm:resourceTag/site": "moodle" });
    const [complete] = resourcesOf(
      "autoscaling",
      "CompleteLifecycleAction",
      { AutoScalingGroupName: "moodle" },
      lookups,
    );
    expect(complete?.context).toEqual({ "aws:ResourceTag/site": "moodle", "autoscaling:ResourceTag/site": "moodle" });
    const [describe] = resourcesOf("autoscaling", "DescribeAutoScalingGroups", {}, lookups);
    expect(describe?.context).toEqual({});
  });

  it("carries the namespace of a metric, the source of an event, the service a role is passed to, and request tags", () => {
    const contexts = (service: string, operation: string, input: object) =>
      resourcesOf(service, operation, input, lookups).map(({ context }) => context);
    expect(contexts("cloudwatch", "PutMetricData", { Namespace: "Warden" })).toEqual([
      { "cloudwatch:namespace": ["Warden"] },
    ]);
    expect(contexts("events", "PutEvents", { Entries: [{ Source: "warden", DetailType: "T" }] })).toEqual([
      { "events:source": ["warden"], "events:detail-type": ["T"] },
    ]);
    expect(contexts("lambda", "CreateFunction", { FunctionName: "f", Role: nodeRole }).at(-1)).toEqual({
      "iam:PassedToService": "lambda.amazonaws.com",
    });
    expect(contexts("ec2", "CreateTags", { Resources: ["i-9"], Tags: [{ Key: "a", Value: "b" }] })[0]).toMatchObject({
      "aws:RequestTag/a": "b",
      "aws:TagKeys": ["a"],
    });
  });
});
