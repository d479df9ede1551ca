/**
 * The few policies of AWS's own that the roles of nodes and functions usually carry (AWS Managed Policy Reference).
 * Attaching another one fails as an unknown policy.
 */

interface AwsManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly statements: readonly { readonly actions: readonly string[]; readonly resource: string }[];
}

const everywhere = (prefix: string, names: string) => ({
  actions: names.split(" ").map((name) => `${prefix}:${name}`),
  resource: "*",
});

export const awsManagedPolicies: readonly AwsManagedPolicy[] = [
  {
    name: "AmazonSSMManagedInstanceCore",
    path: "/",
    statements: [
      everywhere(
        "ssm",
        "DescribeAssociation GetDeployablePatchSnapshotForInstance GetDocument DescribeDocument GetManifest GetParameter GetParameters ListAssociations ListInstanceAssociations PutInventory PutComplianceItems PutConfigurePackageResult UpdateAssociationStatus UpdateInstanceAssociationStatus UpdateInstanceInformation",
      ),
      everywhere("ssmmessages", "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel"),
      everywhere("ec2messages", "AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply"),
    ],
  },
  {
    name: "CloudWatchAgentServerPolicy",
    path: "/",
    statements: [
      everywhere("cloudwatch", "PutMetricData"),
      everywhere("ec2", "DescribeVolumes DescribeTags"),
      everywhere(
        "logs",
        "PutLogEvents PutRetentionPolicy DescribeLogStreams DescribeLogGroups CreateLogStream CreateLogGroup",
      ),
      everywhere(
        "xray",
        "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries",
      ),
      { actions: ["ssm:GetParameter"], resource: "arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*" },
    ],
  },
  {
    name: "AWSLambdaBasicExecutionRole",
    path: "/service-role/",
    statements: [everywhere("logs", "CreateLogGroup CreateLogStream PutLogEvents")],
  },
  {
    name: "AWSLambdaVPCAccessExecutionRole",
    path: "/service-role/",
    statements: [
      everywhere("logs", "CreateLogGroup CreateLogStream PutLogEvents"),
      everywhere(
        "ec2",
        "CreateNetworkInterface DescribeNetworkInterfaces DescribeSubnets DeleteNetworkInterface AssignPrivateIpAddresses UnassignPrivateIpAddresses",
      ),
    ],
  },
];

export const policyText = ({ statements }: AwsManagedPolicy): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resource }) => ({ Effect: "Allow", Action: actions, Resource: resource })),
  });
