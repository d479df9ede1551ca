/** Who may do what: no function and no node more than its grants. */
import { functions } from "@warden/functions/catalogue";
import type { Grant } from "@warden/functions/grant";
import { nodeGrants } from "@warden/functions/node-grants";
import { describe, expect, it } from "vitest";
import type { Graph, Resource } from "../graph.ts";
import { all, type Graphs, one, type Statement, stages, statementsIn } from "../stages.ts";

export function roles(graph: Graphs): void {
  describe.each(stages)("%s", (stage) => {
    it.each(functions)(
      "$name may do what its grants say, on what they say, and nothing else",
      ({ name, grants, trigger }) => {
        const role = roleOf(graph(stage), name);
        const own =
          trigger.kind === "lane" ? [`arn:aws:sqs:eu-west-1:123456789012:warden-${stage}-${trigger.lane}`] : [];
        expect(allowed(policiesOf(role))).toEqual(granted(grants, stage, own));
        expect(role.inputs["managedPolicyArns"]).toEqual([
          "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        ]);
      },
    );

    it("a node may do what its grants say, and what its agents need", () => {
      const policy = one(graph(stage), "aws:iam/rolePolicy:RolePolicy", "MoodleNodeGrants");
      const found = allowed(statementsIn(policy.inputs["policy"]));
      const agents = /^(ssmmessages|ec2messages|logs|cloudwatch):|^ssm:UpdateInstanceInformation /;
      expect(found.filter((each) => !agents.test(each))).toEqual(granted(nodeGrants, stage, []));
      expect(found).toContain("ssm:UpdateInstanceInformation on *");
      expect(found).toContain("ssmmessages:OpenControlChannel on *");
    });

    it("only its service assumes a role, and never the whole account", () => {
      for (const { name, inputs } of all(graph(stage), "aws:iam/role:Role")) {
        const trust = trustOf(inputs["assumeRolePolicy"]);
        expect(trust, name).toMatch(/"(lambda|ec2|backup)\.amazonaws\.com"/);
        expect(trust, name).not.toMatch(/:root|"AWS"|"\*"/);
      }
    });

    it("no action is left open, and what has a resource is named", () => {
      const open = everyStatement(graph(stage)).filter(({ effect }) => effect !== "Deny");
      expect(open.length).toBeGreaterThan(50);
      for (const { actions, resources } of open) {
        for (const action of actions) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/);
        if (resources.includes("*")) for (const action of actions) expect(withoutResource).toContain(action);
      }
    });

    it("commands run on nodes of this stage alone, which have its tag from their launch template", () => {
      const toNodes = everyStatement(graph(stage)).filter(({ resources }) =>
        resources.some((each) => /:instance\//.test(each)),
      );
      expect(toNodes.map(({ actions }) => actions)).toEqual([["ssm:SendCommand"], ["ssm:SendCommand"]]);
      for (const { conditions } of toNodes)
        expect(conditions).toEqual([
          { test: "StringEquals", variable: "ssm:resourceTag/warden:stage", values: [stage] },
        ]);
      const { inputs } = one(graph(stage), "aws:ec2/launchTemplate:LaunchTemplate", "MoodleNodeTemplate");
      expect(inputs["tagSpecifications"]).toContainEqual({
        resourceType: "instance",
        tags: { "warden:site": "moodle", "warden:stage": stage },
      });
    });

    it("a function may complete the actions of each hook, and another extend them", () => {
      const group = `arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/warden-${stage}-moodle`;
      for (const name of ["reconcile-urgent", "reconcile-normal"])
        expect(allowed(policiesOf(roleOf(graph(stage), name)))).toContain(
          `autoscaling:CompleteLifecycleAction on ${group}`,
        );
      expect(allowed(policiesOf(roleOf(graph(stage), "heartbeat")))).toContain(
        `autoscaling:RecordLifecycleActionHeartbeat on ${group}`,
      );
    });
  });
}

/** Actions that take no resource (Service Authorization Reference). */
const withoutResource = [
  ...["DescribeAutoScalingGroups", "DescribeAutoScalingInstances", "DescribeLifecycleHooks"].map(
    (name) => `autoscaling:${name}`,
  ),
  ...["DescribeInstanceInformation", "GetCommandInvocation", "ListCommandInvocations", "ListCommands"].map(
    (name) => `ssm:${name}`,
  ),
  "elasticloadbalancing:DescribeTargetGroupAttributes",
  "elasticloadbalancing:DescribeTargetHealth",
  "elasticache:DescribeEvents",
  "cloudwatch:PutMetricData",
  "ssm:UpdateInstanceInformation",
  ...["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"].map(
    (name) => `ssmmessages:${name}`,
  ),
  ...["AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply"].map(
    (name) => `ec2messages:${name}`,
  ),
];

/** `action on resource`, in order. */
const allowed = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ actions, resources }) => pairs(actions, resources)).sort();

const pairs = (actions: readonly string[], resources: readonly string[]): string[] =>
  actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`));

const granted = (grants: readonly Grant[], stage: string, own: readonly string[]): string[] =>
  grants
    .flatMap(({ action, on }) =>
      pairs(
        [action],
        on.flatMap((name) => reach(stage, own)[name]),
      ),
    )
    .sort();

/** Written out, rather than taken from the stack, which is what is in question. */
function reach(stage: string, own: readonly string[]): Readonly<Record<Grant["on"][number], readonly string[]>> {
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;
  const named = `warden-${stage}`;
  const document = (name: string) => arn("ssm", `document/${named}-${name}`);
  return {
    anything: ["*"],
    groups: [arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${named}-moodle`)],
    "target groups": [arn("elasticloadbalancing", `targetgroup/${named}-moodle/0123456789abcdef`)],
    documents: [
      ...["Bootstrap", "Verify", "Drain", "DrainStatus", "Evidence", "PushConfig", "PurgeCache", "RestartPhp"].map(
        document,
      ),
      ...["Install", "Preflight", "Maintenance", "Upgrade", "Rehearse"].map(document),
    ],
    instances: [arn("ec2", "instance/*")],
    table: [arn("dynamodb", `table/${named}-table`)],
    lanes: [arn("sqs", `${named}-urgent`), arn("sqs", `${named}-normal`)],
    "own lane": own,
    "dead letters": [arn("sqs", `${named}-normal-dlq`)],
    topic: [arn("sns", `${named}-alarms`)],
    alarms: [arn("cloudwatch", "alarm:*")],
    bus: [arn("events", `event-bus/${named}-bus`)],
    bundles: ["bundles/*.tar", "releases/*.tar.gz"].map((key) => `arn:aws:s3:::${named}-blobs-123456789012/${key}`),
    secrets: ["database", "sessions", "cache", "administrator"].map((name) =>
      arn("secretsmanager", `secret:${named}-moodle-${name}-AbCdEf`),
    ),
    "last good": [arn("ssm", `parameter/warden/moodle/${named}-moodle/last-good`)],
  };
}

function roleOf(graph: Graph, name: string): Resource {
  const lambda = all(graph, "aws:lambda/function:Function").find(
    ({ inputs }) => inputs["name"] === `warden-${graph.stage}-${name}`,
  );
  const role = all(graph, "aws:iam/role:Role").find(({ inputs }) =>
    lambda?.inputs["role"].endsWith(`/${inputs["name"]}`),
  );
  if (role === undefined) throw new Error(`${name} has no role`);
  return role;
}

const policiesOf = ({ inputs }: Resource): readonly Statement[] =>
  inputs["inlinePolicies"].flatMap(({ policy }: { policy: string }) => statementsIn(policy));

const trustOf = (trust: unknown): string => (typeof trust === "string" ? trust : JSON.stringify(trust));

const everyStatement = (graph: Graph): readonly Statement[] => [
  ...all(graph, "aws:iam/role:Role").flatMap((role) => (role.inputs["inlinePolicies"] ? policiesOf(role) : [])),
  ...all(graph, "aws:iam/rolePolicy:RolePolicy").flatMap(({ inputs }) => statementsIn(inputs["policy"])),
];
