/** A group that was there before: Warden's things come beside it, and nothing of its operator's is made, changed or owned. */
import { userDataKey } from "@warden/aws/names";
import { nodeGrants } from "@warden/functions/node-grants";
import { deploymentSchema } from "@warden/worlds/deployment";
import { describe, expect, it } from "vitest";
import { readSite } from "../../../packages/aws/src/store/items.ts";
import { lacking } from "../../../stacks/fitness.ts";
import { checkSites } from "../../../stacks/sharing.ts";
import type { ExistingNodes, Site, Stage } from "../../../stacks/stage.ts";
import type { Graph } from "../graph.ts";
import { all, made, one, statementsIn } from "../stages.ts";
import { adopted, broughtAlong, threeSites } from "../three-sites.ts";

export function adoption(): void {
  describe("a group that was there before", () => {
    const graph = made("adopted", adopted);

    it("is not made, and nothing of what its operator made for it", () => {
      const theirs =
        /^aws:(autoscaling\/(?!lifecycleHook)|ec2\/launch|lb\/|alb\/|acm\/|route53\/|wafv2\/|iam\/instanceProfile)/;
      expect(typesOf(graph()).filter((type) => theirs.test(type))).toEqual([]);
      // What would take hold of something by its id, and let it go or delete it with the stack.
      expect(typesOf(graph()).filter((type) => /attachment|tag:Tag/i.test(type) && !type.includes("iam/"))).toEqual([]);
      const roles = all(graph(), "aws:iam/role:Role").map(({ inputs }) => inputs["name"] ?? "");
      expect(roles.filter((name) => !name.startsWith("warden-adopted-"))).toEqual([]);
    });

    it("has Warden's hooks beside its own, each of which comes when all is there that answers it", () => {
      const hooks = all(graph(), "aws:autoscaling/lifecycleHook:LifecycleHook");
      expect(hooks.map(({ inputs }) => inputs)).toEqual([
        {
          ...{ autoscalingGroupName: "campus-web", name: "warden-launch", heartbeatTimeout: 900 },
          ...{ lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING", defaultResult: "ABANDON" },
        },
        {
          ...{ autoscalingGroupName: "campus-web", name: "warden-terminate", heartbeatTimeout: 900 },
          ...{ lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING", defaultResult: "CONTINUE" },
        },
      ]);
      const functions = all(graph(), "aws:lambda/function:Function").map(({ name }) => name);
      for (const { dependencies, retained, protect } of hooks) {
        expect(dependencies).toEqual(
          expect.arrayContaining([...functions, "SchoolRecord", "Deployment", "SchoolNodeGrants", "SchoolUserData"]),
        );
        // They go with the stack.
        expect([retained, protect]).toEqual([false, false]);
      }
    });

    it("its role keeps its policies, and has one more that a node needs, under a name of Warden's", () => {
      const policies = all(graph(), "aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => inputs);
      const [policy] = policies.filter(({ role }) => role === "campus-web-role");
      expect(policy).toMatchObject({ name: "warden-adopted-school-node" });
      const actions = statementsIn(policy?.["policy"]).flatMap((each) => each.actions);
      expect(actions).toEqual(expect.arrayContaining(nodeGrants.map(({ action }) => action)));
      expect(actions).toContain("ssm:UpdateInstanceInformation");
      const text = JSON.stringify(policy);
      expect(text).toContain("autoScalingGroupName/campus-web");
      expect(text).toContain("parameter/warden/school/campus-web/last-good");
      expect(typesOf(graph())).not.toContain("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive");
    });

    it("is what Warden cares for, with its target group, and with nothing else", () => {
      const record = readSite(
        JSON.parse(one(graph(), "aws:dynamodb/tableItem:TableItem", "SchoolRecord").inputs["item"]),
      );
      expect(record.groups).toEqual(["campus-web"]);
      const { resources } = deploymentSchema.parse(
        JSON.parse(one(graph(), "aws:ssm/parameter:Parameter", "Deployment").inputs["value"]),
      );
      expect(resources["groups"]).toEqual([
        "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/campus-web",
      ]);
      expect(resources["target groups"]).toEqual([
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/campus-web/0123456789abcdef",
      ]);
    });

    it("has alarms of its pages, and a configuration that knows how long its target group waits", () => {
      const [errors] = all(graph(), "aws:cloudwatch/metricAlarm:MetricAlarm").filter(
        ({ name }) => name === "SchoolPagesSlowAlarm",
      );
      expect(errors?.inputs["dimensions"]).toEqual({
        TargetGroup: "targetgroup/campus-web/0123456789abcdef",
        LoadBalancer: "app/campus/0123456789abcdef",
      });
      const known = JSON.parse(one(graph(), "aws:ssm/parameter:Parameter", "SchoolConfiguration").inputs["value"]);
      expect(known.loadBalancer.deregistrationDelay).toBe(240_000);
      expect(known.nodes).toMatchObject({ min: 2, max: 8 });
      expect(known.php.children).toBe(20);
    });

    it("its nodes are let in where the site's parts are, by the security group that they have", () => {
      const rules = all(graph(), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
      expect(rules).toHaveLength(3);
      for (const { inputs } of rules) expect(inputs["referencedSecurityGroupId"]).toBe("sg-0aaaaaaaaaaaaaaa0");
      const groups = all(graph(), "aws:ec2/securityGroup:SecurityGroup").map(({ name }) => name);
      expect(groups).not.toContain("SchoolNodeTraffic");
    });

    it("finds in the bucket what its launch template has to say", () => {
      const { inputs } = one(graph(), "aws:s3/bucketObjectv2:BucketObjectv2", "SchoolUserData");
      expect(inputs["key"]).toBe(userDataKey("school"));
      const text = Buffer.from(inputs["contentBase64"], "base64").toString();
      for (const setting of ["SITE=school", "GROUP=campus-web", "LAUNCH_HOOK=warden-launch"])
        expect(text).toContain(`'${setting}'`);
      const image = one(graph(), "aws:s3/bucketObjectv2:BucketObjectv2", "SchoolNodeImage").inputs;
      expect(text).toContain(`object='${image["bucket"]}/${image["key"]}'`);
    });
  });

  describe("a group that does not fit", () => {
    it.each([
      ["that load balancers end nodes of", { healthCheckType: "ELB" }, {}, "set it to EC2"],
      ["of another target group", { targetGroupArns: [] }, {}, "does not register its instances with campus"],
      ["that may grow beyond what is reckoned", { maxSize: 9 }, {}, "may have 9 nodes, and max is 8"],
      ["of addresses", {}, { targetType: "ip" }, "of type ip, not instance"],
      ["on another port", {}, { port: 8080 }, "by HTTP on port 8080"],
      ["with TLS", {}, { protocol: "HTTPS", port: 443 }, "by HTTPS on port 443"],
      ["that nobody visits", {}, { loadBalancerArns: [] }, "0 load balancers send to campus"],
    ])("is refused: one %s", (_, group, targets, why) => {
      expect(lacking(nodes, { ...fitting.group, ...group }, { ...fitting.targets, ...targets })).toEqual([
        expect.stringContaining(why),
      ]);
    });

    it("is not refused when it fits", () => expect(lacking(nodes, fitting.group, fitting.targets)).toEqual([]));

    it.each<[string, readonly Site[], string]>([
      ["a name that is no parameter's", [{ ...theirs, nodes: { ...nodes, group: "the web/1" } }], "not the web/1"],
      ["no target group", [{ ...theirs, balancer: { kind: "new", firewall: "none" } }], "has an existing target group"],
      ["a timetable", [{ ...theirs, timetable: [{ name: "a", cron: "0 1 * * *", min: 3 }] }], "operator's matter"],
      ["a group that Warden makes", [{ ...ours, balancer: theirs.balancer }], "only an existing group"],
      [
        "another site behind its load balancer",
        [theirs, { ...ours, name: "b", host: "b.example.org", balancer: { kind: "shared", with: "school" } }],
        "Warden adds nothing to it",
      ],
    ])("in the stage's own words: %s", (_, sites, why) => {
      expect(() => checkSites({ ...adopted, sites })).toThrow(why);
    });

    it("is in no network that Warden makes", () => {
      expect(() => checkSites({ ...adopted, network: threeSites.network })).toThrow("a network that was there before");
    });
  });
}

const typesOf = ({ resources }: Graph): readonly string[] => [...new Set(resources.map(({ type }) => type))];

function firstOf({ sites }: Stage): Site {
  const [site] = sites;
  if (site === undefined) throw new Error("each stage has a site");
  return site;
}

const theirs = firstOf(adopted);
const ours = firstOf(broughtAlong);
const nodes = existingOf(theirs);

function existingOf({ name, nodes }: Site): ExistingNodes {
  if (nodes.kind !== "existing") throw new Error(`the nodes of ${name} were not there before`);
  return nodes;
}

const targetGroup = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/campus/0123456789abcdef";
const fitting = {
  group: { name: "campus-web", healthCheckType: "EC2", targetGroupArns: [targetGroup], maxSize: 8 },
  targets: {
    ...{ arn: targetGroup, name: "campus", targetType: "instance", protocol: "HTTP", port: 80 },
    loadBalancerArns: ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/campus/0123456789abcdef"],
  },
};
