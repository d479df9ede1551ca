/** The nodes: their group has its hooks from the first instance on, and each begins as the node's programs expect. */
import { execFileSync } from "node:child_process";
import { hooks } from "@warden/functions/deployed";
import { describe, expect, it } from "vitest";
import { rules } from "../../../events/index.ts";
import type { Graph, Inputs } from "../graph.ts";
import { all, type Graphs, one, stages } from "../stages.ts";

export function fleet(graph: Graphs): void {
  describe.each(stages)("%s", (stage) => {
    it("has Warden's hooks in the group itself, with what AWS does when nobody answers", () => {
      expect(groupOf(graph(stage))["initialLifecycleHooks"]).toEqual([
        { ...hookTimeout, name: "warden-launch", lifecycleTransition: launching, defaultResult: "ABANDON" },
        { ...hookTimeout, name: "warden-terminate", lifecycleTransition: terminating, defaultResult: "CONTINUE" },
      ]);
      expect(graph(stage).resources.filter(({ type }) => type.includes("lifecycleHook"))).toEqual([]);
      expect(rules.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["launch-lifecycle-action", "terminate-lifecycle-action"]),
      );
      expect(hooks.length).toBe(2);
    });

    it("launches before it ends what it replaces by itself", () => {
      const { minHealthyPercentage } = groupOf(graph(stage))["instanceMaintenancePolicy"];
      expect(minHealthyPercentage).toBe(100);
    });

    it("leaves ill health to Warden", () => expect(groupOf(graph(stage))["healthCheckType"]).toBe("EC2"));

    it("launches in each zone, with a way to the world", () => {
      const ids: readonly string[] = groupOf(graph(stage))["vpcZoneIdentifiers"];
      const subnets = all(graph(stage), "aws:ec2/subnet:Subnet").filter(({ name }) => ids.includes(`${name}-id`));
      expect(subnets.length).toBe(ids.length);
      expect(new Set(subnets.map(({ inputs }) => inputs["availabilityZone"])).size).toBe(ids.length);
      const isTranslated = graph(stage).resources.some(({ type }) => type === "aws:ec2/natGateway:NatGateway");
      for (const { inputs } of subnets) expect(inputs["mapPublicIpOnLaunch"] === true).toBe(!isTranslated);
    });

    it("lets nobody but the load balancer reach a node", () => {
      const { ingress } = one(graph(stage), "aws:ec2/securityGroup:SecurityGroup", "MoodleNodeTraffic").inputs;
      expect(ingress).toMatchObject([{ fromPort: 80, toPort: 80, securityGroups: ["BalancerTraffic-id"] }]);
      expect(ingress[0]).not.toHaveProperty("cidrBlocks");
      expect(templateOf(graph(stage))["vpcSecurityGroupIds"]).toEqual(["MoodleNodeTraffic-id"]);
    });

    it("asks each node whether it is ready, and takes it out of service slowly", () => {
      const targets = one(graph(stage), "aws:lb/targetGroup:TargetGroup", "MoodleTargets").inputs;
      expect(targets).toMatchObject({
        deregistrationDelay: 300,
        healthCheck: { path: "/warden/ready", matcher: "200" },
      });
      expect(groupOf(graph(stage))["targetGroupArns"]).toEqual([
        `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/warden-${stage}-moodle/0123456789abcdef`,
      ]);
      const configuration = siteOf(graph(stage));
      expect(configuration["loadBalancer"].deregistrationDelay).toBe(targets["deregistrationDelay"] * 1000);
      expect(configuration["php"].longestRequest).toBeLessThanOrEqual(targets["deregistrationDelay"] * 1000);
    });

    it("gives credentials only to who can ask in two steps, from the node itself", () => {
      expect(templateOf(graph(stage))["metadataOptions"]).toMatchObject({
        ...{ httpTokens: "required", httpPutResponseHopLimit: 1 },
      });
      expect(templateOf(graph(stage))["iamInstanceProfile"].arn).toContain(`warden-${stage}-moodle-node`);
    });

    it("has user data that is a shell script without fault", () => {
      const text = userDataOf(graph(stage));
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16_384);
      execFileSync("shellcheck", ["-s", "sh", "-"], { input: text });
    });

    it("tells each node what this deployment is", () => {
      const text = userDataOf(graph(stage));
      const group = `warden-${stage}-moodle`;
      for (const setting of [
        "SITE=moodle",
        `GROUP=${group}`,
        "REGION=eu-west-1",
        `BUCKET=warden-${stage}-blobs-123456789012`,
        "LAUNCH_HOOK=warden-launch",
        `URGENT_QUEUE_URL=https://sqs.eu-west-1.amazonaws.com/123456789012/warden-${stage}-urgent`,
        `LAST_GOOD=/warden/moodle/${group}/last-good`,
      ])
        expect(text).toContain(`'${setting}'`);
      const image = one(graph(stage), "aws:s3/bucketObjectv2:BucketObjectv2", "MoodleNodeImage").inputs;
      expect(text).toContain(`object='${image["bucket"]}/${image["key"]}'`);
      expect(image["bucket"]).toBe(`warden-${stage}-blobs-123456789012`);
    });
  });

  it("keeps the fewest on demand, and has those beyond them on spot where the size says so", () => {
    const thrifty = groupOf(graph("dev"));
    expect(thrifty).toMatchObject({
      capacityRebalance: true,
      mixedInstancesPolicy: {
        instancesDistribution: { onDemandBaseCapacity: 1, onDemandPercentageAboveBaseCapacity: 0 },
        launchTemplate: {
          launchTemplateSpecification: { launchTemplateId: "lt-0123456789abcdef0", version: "1" },
          overrides: [{ instanceType: "t4g.small" }, { instanceType: "t4g.medium" }],
        },
      },
    });
    expect(thrifty).not.toHaveProperty("launchTemplate");
    expect(groupOf(graph("production"))).toHaveProperty("launchTemplate");
    expect(groupOf(graph("production"))).not.toHaveProperty("mixedInstancesPolicy");
  });

  it("has more nodes at the times that the stage says, by the clock of the site", () => {
    const schedules = all(graph("production"), "aws:autoscaling/schedule:Schedule").map(({ inputs }) => inputs);
    expect(schedules).toMatchObject([
      { recurrence: "30 7 * * MON-FRI", minSize: 3, maxSize: -1, desiredCapacity: -1, timeZone: "Europe/Vienna" },
      { recurrence: "0 18 * * MON-FRI", minSize: 2 },
    ]);
  });

  it("the thrifty, small and medium sizes differ in what they give up", () => {
    const nodes = stages.map((stage) => groupOf(graph(stage))["minSize"]);
    expect(nodes).toEqual([1, 2, 2]);
  });
}

const launching = "autoscaling:EC2_INSTANCE_LAUNCHING";
const terminating = "autoscaling:EC2_INSTANCE_TERMINATING";
/** Warden refuses less than three minutes: it could not extend them in time. */
const hookTimeout = { heartbeatTimeout: 900 };

const groupOf = (graph: Graph): Inputs => one(graph, "aws:autoscaling/group:Group", "MoodleNodes").inputs;
const templateOf = (graph: Graph): Inputs =>
  one(graph, "aws:ec2/launchTemplate:LaunchTemplate", "MoodleNodeTemplate").inputs;
const userDataOf = (graph: Graph): string => Buffer.from(templateOf(graph)["userData"], "base64").toString();
export const siteOf = (graph: Graph): Inputs =>
  JSON.parse(one(graph, "aws:ssm/parameter:Parameter", "MoodleConfiguration").inputs["value"]);
