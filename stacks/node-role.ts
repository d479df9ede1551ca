/** What a node may do: its grants, and what the agents of Systems Manager and CloudWatch need on it. */
import { nodeGrants } from "@warden/functions/node-grants";
import { type Resources, statementsOf } from "@warden/functions/policy";
import { named } from "./named.ts";
import type { Site } from "./stage.ts";

export function nodeRole(site: Site, resources: Resources<$util.Input<string>>) {
  const role = new aws.iam.Role("NodeRole", {
    name: named("node"),
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
  });
  const grants = statementsOf(nodeGrants, resources).map(({ action, resources }) => ({
    ...{ actions: [action], resources: [...resources] },
  }));
  const agents = [
    // Not AmazonSSMManagedInstanceCore: with it a node could read every parameter of the account.
    { actions: agentActions, resources: ["*"] },
    { actions: ["cloudwatch:PutMetricData"], resources: ["*"], conditions: [onlyOwnMetrics] },
    { actions: logActions, resources: [logsOf(site)] },
  ];
  new aws.iam.RolePolicy("NodeGrants", {
    ...{ role: role.name, name: "grants" },
    policy: aws.iam.getPolicyDocumentOutput({ statements: [...grants, ...agents] }).json,
  });
  return new aws.iam.InstanceProfile("NodeProfile", { name: named("node"), role: role.name });
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

/** As the configuration of the CloudWatch agent names them (`packages/moodle/src/bundle`). */
const logsOf = ({ name }: Site) =>
  $interpolate`arn:aws:logs:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:log-group:/warden/${name}/*`;

const onlyOwnMetrics = {
  test: "StringEquals",
  variable: "cloudwatch:namespace",
  values: ["Warden"],
};
