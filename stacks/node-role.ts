/** What a node may do: its grants, and what the agents of Systems Manager and CloudWatch need on it. */
import { nodeGrants } from "@warden/functions/node-grants";
import { type Resources, statementsOf } from "@warden/functions/policy";
import { namedOf, titled } from "./named.ts";
import type { SiteParts } from "./site-parts.ts";

export function nodeProfile(parts: SiteParts, resources: Resources<$util.Input<string>>) {
  const { site } = parts;
  const role = new aws.iam.Role(titled(site, "NodeRole"), {
    name: namedOf(site, "node"),
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
  });
  nodePolicy(parts, role.name, resources);
  return new aws.iam.InstanceProfile(titled(site, "NodeProfile"), { name: namedOf(site, "node"), role: role.name });
}

/** @param role whose other policies stay: this one's name is of Warden's own */
export function nodePolicy(
  { site, logs }: SiteParts,
  role: $util.Input<string>,
  resources: Resources<$util.Input<string>>,
) {
  const grants = statementsOf(nodeGrants, resources).map(({ action, resources }) => ({
    ...{ actions: [action], resources: [...resources] },
  }));
  const agents = [
    // Not AmazonSSMManagedInstanceCore: with it a node could read every parameter of the account.
    { actions: agentActions, resources: ["*"] },
    { actions: ["cloudwatch:PutMetricData"], resources: ["*"], conditions: [onlyOwnMetrics] },
    { actions: logActions, resources: logs.map(({ arn }) => $interpolate`${arn}:*`) },
  ];
  return new aws.iam.RolePolicy(titled(site, "NodeGrants"), {
    ...{ role, name: namedOf(site, "node") },
    policy: aws.iam.getPolicyDocumentOutput({ statements: [...grants, ...agents] }).json,
  });
}

/** Of the SSM agent (Systems Manager guide, "Working with SSM Agent"); none of them takes a resource. */
const agentActions = [
  "ssm:UpdateInstanceInformation",
  ...["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"].map(
    (action) => `ssmmessages:${action}`,
  ),
  ...["AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply"].map(
    (action) => `ec2messages:${action}`,
  ),
];

const logActions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];

const onlyOwnMetrics = {
  test: "StringEquals",
  variable: "cloudwatch:namespace",
  values: ["Warden"],
};
