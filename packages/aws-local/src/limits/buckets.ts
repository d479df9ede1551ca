/**
 * The request buckets of AWS, for one account and Region, as read in October–November 2026. Defaults: most can be raised.
 *
 * `mark`: D is documented by AWS, P was measured by a public project, E is an estimate, for AWS publishes no figure. Do not
 * let an E look like a limit of AWS. Where AWS documents only a rate, the bucket holds one second of it.
 */

export interface BucketRule {
  readonly service: string;
  /** Names of operations; a star at the end stands for any ending. */
  readonly actions: readonly string[];
  readonly capacity: number;
  /** Tokens a second. */
  readonly refill: number;
  /** One bucket an action, or one for all of them. */
  readonly scope: "action" | "shared";
  readonly mark: "D" | "P" | "E";
  readonly source: string;
  /** Only for calls without id, filter and page size. */
  readonly unfiltered?: true;
  /** Only in these Regions. */
  readonly regions?: readonly string[];
  readonly note?: string;
}

export const asOf = "2026-11";

const ec2Throttling = "Request throttling for the Amazon EC2 API (EC2 Developer Guide)";
const autoScalingWelcome = "Amazon EC2 Auto Scaling API Reference, Welcome";
const elbThrottling = "Request throttling for the Elastic Load Balancing API";
const generalReference = "AWS General Reference, endpoints and quotas";
const lambdaQuotas = "Lambda Developer Guide, quotas";
const sqsQuotas = "SQS Developer Guide, quotas";
const cloudWatchQuotas = "CloudWatch User Guide, service quotas";
const unpublished = "AWS publishes no figure";

/** The first rule of a service that fits a call gives its bucket. */
export const requestBuckets: readonly BucketRule[] = [
  ...[
    {
      actions: [
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeSpotInstanceRequests",
        "DescribeVolumes",
      ],
      capacity: 50,
      refill: 10,
      unfiltered: true as const,
    },
    { actions: ["DescribeInstanceTopology"], capacity: 1, refill: 1 },
    { actions: ["Describe*", "Get*", "List*", "Search*"], capacity: 100, refill: 20 },
    { actions: ["RunInstances", "StartInstances"], capacity: 5, refill: 2 },
    { actions: ["CreateTags", "DeleteTags"], capacity: 100, refill: 10 },
    {
      actions: [
        "TerminateInstances",
        "CreateLaunchTemplateVersion",
        "ModifyLaunchTemplate",
        "CreateVolume",
        "DeleteVolume",
        "CreateSnapshot",
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "ModifyInstanceMetadataOptions",
        "AssociateIamInstanceProfile",
        "DeregisterImage",
      ],
      capacity: 100,
      refill: 5,
    },
    { actions: ["CopyImage"], capacity: 100, refill: 1 },
    { actions: ["CreateNatGateway"], capacity: 10, refill: 1 },
    { actions: ["CreateVpcEndpoint"], capacity: 4, refill: 0.3 },
    { actions: ["*"], capacity: 50, refill: 5 },
  ].map((rule) => ({ service: "ec2", scope: "action", mark: "D", source: ec2Throttling, ...rule }) as const),
  {
    service: "autoscaling",
    actions: ["*"],
    capacity: 40,
    refill: 10,
    scope: "shared",
    mark: "E",
    source: autoScalingWelcome,
    note: "that all actions share one bucket is documented, its size is not",
  },
  {
    service: "ssm",
    actions: ["GetParameter", "GetParameters", "GetParametersByPath"],
    capacity: 40,
    refill: 40,
    scope: "shared",
    mark: "D",
    source: generalReference,
    note: "standard throughput",
  },
  ...[
    {
      actions: ["PutParameter", "DescribeParameters", "GetParameterHistory", "LabelParameterVersion"],
      capacity: 20,
      refill: 3,
      mark: "P" as const,
      note: "the rate is documented, the burst was measured (sudolabs #503, 2023)",
    },
    { actions: ["DeleteParameter", "DeleteParameters"], capacity: 3, refill: 3 },
    { actions: ["StartAutomationExecution", "StopAutomationExecution"], capacity: 1, refill: 1 },
    { actions: ["GetAutomationExecution", "DescribeAutomation*", "SendAutomationSignal"], capacity: 3, refill: 3 },
    { actions: ["StartSession", "CreateAssociation"], capacity: 3, refill: 3 },
    { actions: ["DescribeSessions"], capacity: 6, refill: 6 },
    { actions: ["GetConnectionStatus"], capacity: 50, refill: 50 },
    { actions: ["ListAssociations"], capacity: 4, refill: 4 },
  ].map((rule) => ({ service: "ssm", scope: "action", mark: "D", source: generalReference, ...rule }) as const),
  ...[
    { actions: ["SendCommand"], capacity: 10, refill: 5 },
    { actions: ["GetCommandInvocation", "DescribeInstanceInformation"], capacity: 20, refill: 10 },
    { actions: ["ListCommands", "ListCommandInvocations"], capacity: 20, refill: 10 },
    { actions: ["PutInventory"], capacity: 5, refill: 5 },
  ].map((rule) => ({ service: "ssm", scope: "action", mark: "E", source: unpublished, ...rule }) as const),
  ...[
    { actions: ["RegisterTargets", "DeregisterTargets"], capacity: 20, refill: 4 },
    { actions: ["Describe*"], capacity: 200, refill: 50 },
    { actions: ["CreateLoadBalancer", "SetSubnets"], capacity: 10, refill: 0.2 },
    { actions: ["*"], capacity: 20, refill: 3 },
  ].map(
    (rule) =>
      ({ service: "elasticloadbalancing", scope: "shared", mark: "D", source: elbThrottling, ...rule }) as const,
  ),
  ...[
    { actions: ["Describe*"], capacity: 20, refill: 10 },
    { actions: ["Create*", "Modify*", "TestFailover"], capacity: 5, refill: 2 },
  ].map((rule) => ({ service: "elasticache", scope: "shared", mark: "E", source: unpublished, ...rule }) as const),
  ...[
    { rate: 10_000, regions: ["us-east-1", "us-west-2", "eu-west-1"] },
    { rate: 2400, regions: ["us-east-2", "eu-central-1", "eu-south-2"] },
    { rate: 1200, regions: ["us-west-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-2"] },
    {
      rate: 600,
      regions: ["ap-east-1", "ap-northeast-2", "ap-south-1", "ca-central-1", "eu-north-1", "eu-west-3", "sa-east-1"],
    },
    { rate: 400 },
  ].map(
    ({ rate, ...where }) =>
      ({
        service: "events",
        actions: ["PutEvents"],
        capacity: rate,
        refill: rate,
        scope: "action",
        mark: "D",
        source: generalReference,
        ...where,
      }) as const,
  ),
  documented("events", ["*"], 50, generalReference),
  documented("sqs", ["TagQueue", "ListQueueTags"], 30, sqsQuotas),
  documented("lambda", ["GetFunction"], 100, lambdaQuotas),
  documented("lambda", ["GetPolicy"], 15, lambdaQuotas),
  {
    ...documented(
      "lambda",
      ["Add*", "Create*", "Delete*", "List*", "Publish*", "Put*", "Update*", "Get*"],
      15,
      lambdaQuotas,
    ),
    scope: "shared",
    note: "the control plane; what invokes is bound by concurrency",
  },
  documented("cloudwatch", ["PutMetricData", "GetMetricData"], 500, cloudWatchQuotas),
  documented("cloudwatch", ["GetMetricStatistics"], 400, cloudWatchQuotas),
  documented("cloudwatch", ["ListMetrics"], 25, cloudWatchQuotas),
  documented("cloudwatch", ["DescribeAlarms", "DescribeAlarmsForMetric"], 9, cloudWatchQuotas),
  documented("cloudwatch", ["DescribeAlarmHistory"], 20, cloudWatchQuotas),
  documented(
    "cloudwatch",
    [
      "PutMetricAlarm",
      "PutCompositeAlarm",
      "SetAlarmState",
      "DeleteAlarms",
      "EnableAlarmActions",
      "DisableAlarmActions",
    ],
    3,
    cloudWatchQuotas,
  ),
  documented("cloudwatch", ["PutDashboard", "GetDashboard"], 10, cloudWatchQuotas),
  { ...documented("sts", ["*"], 600, generalReference), scope: "shared" },
  documented("secretsmanager", ["GetSecretValue"], 10_000, generalReference),
  documented("secretsmanager", ["DescribeSecret"], 40_000, generalReference),
  documented("secretsmanager", ["ListSecrets", "BatchGetSecretValue"], 100, generalReference),
  documented("secretsmanager", ["Put*", "Update*", "Rotate*", "Create*", "Delete*"], 50, generalReference),
];

/** Spent besides the request's own bucket. */
export const accountBuckets: readonly BucketRule[] = [
  {
    service: "elasticloadbalancing",
    actions: ["*"],
    capacity: 40,
    refill: 10,
    scope: "shared",
    mark: "D",
    source: elbThrottling,
    note: "the page's text; its table gives Describe* alone more than this. The smaller one is the safe reading",
  },
];

/** EC2 also takes one token an instance ("Request throttling for the Amazon EC2 API", resource rate limiting). */
export const instanceBuckets: readonly BucketRule[] = [
  { actions: ["RunInstances"], capacity: 1000, refill: 2 },
  { actions: ["StartInstances"], capacity: 1000, refill: 2 },
  { actions: ["StopInstances"], capacity: 1000, refill: 20 },
  { actions: ["TerminateInstances"], capacity: 1000, refill: 20 },
].map((rule) => ({ service: "ec2", scope: "action", mark: "D", source: ec2Throttling, ...rule }) as const);

/** A rate a second and action, without a documented burst. */
function documented(service: string, actions: readonly string[], rate: number, source: string): BucketRule {
  return { service, actions, capacity: rate, refill: rate, scope: "action", mark: "D", source };
}
