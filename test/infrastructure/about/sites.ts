/** Several sites in one stage: each has what it asked for, and nodes of one reach nothing that only another uses. */

import { priceBook, siteCost, sumOf } from "@warden/cost";
import { nodeGrants } from "@warden/functions/node-grants";
import { deploymentSchema } from "@warden/worlds/deployment";
import { describe, expect, it } from "vitest";
import { fromItem, readSite } from "../../../packages/aws/src/store/items.ts";
import { checkSites } from "../../../stacks/sharing.ts";
import type { Graph, Inputs } from "../graph.ts";
import { all, made, one, statementsIn } from "../stages.ts";
import { broughtAlong, threeSites } from "../three-sites.ts";

/** As the site's record names them. */
const alarmsOf = (graph: Graph, title: string): readonly string[] =>
  readSite(JSON.parse(one(graph, "aws:dynamodb/tableItem:TableItem", `${title}Record`).inputs["item"])).alarms.map(
    ({ name }) => name,
  );

const names = ["school", "academy", "night-school"] as const;
const titles = { school: "School", academy: "Academy", "night-school": "NightSchool" } as const;

export function sites(): void {
  describe("three sites in a stage", () => {
    const graph = made("three", threeSites);

    it("each have a group of their own, which Warden knows and of which the command reads the configuration", () => {
      const records = all(graph(), "aws:dynamodb/tableItem:TableItem").map(({ inputs }) => JSON.parse(inputs["item"]));
      expect(records.map((item) => fromItem(item)["sk"])).toEqual(names.map((name) => `site#${name}`));
      expect(records.map((item) => readSite(item).groups)).toEqual(names.map((name) => [`warden-three-${name}`]));
      expect(names.map((name) => groupOf(graph(), name)["name"])).toEqual(names.map((name) => `warden-three-${name}`));
      expect(names.map((name) => configurationOf(graph(), name)["address"])).toEqual([
        "https://school.example.org",
        "https://academy.example.org",
        "https://night.example.org",
      ]);
    });

    it("are one deployment: its functions may care for each group, and the command finds all of it", () => {
      const { inputs } = one(graph(), "aws:ssm/parameter:Parameter", "Deployment");
      const { resources } = deploymentSchema.parse(JSON.parse(inputs["value"]));
      expect(resources["groups"]).toHaveLength(3);
      expect(resources["target groups"]).toHaveLength(3);
      // Four of the school, two of the academy, which shares its caches, four of the third.
      expect(resources["secrets"]).toHaveLength(10);
      expect(inputs["value"].length).toBeLessThanOrEqual(8_192);
      expect(all(graph(), "aws:lambda/function:Function")).toHaveLength(5);
      expect(all(graph(), "aws:sqs/queue:Queue")).toHaveLength(4);
    });

    it("a node reads its own site's secrets, writes its own logs, ends its own group's hooks, and no other's", () => {
      const mine = names.map((name) => grantsOf(graph(), name));
      for (const [index, name] of names.entries()) {
        const others = mine.flatMap((grants, other) => (other === index ? [] : grants));
        const only = mine[index]?.filter((each) => !others.includes(each)) ?? [];
        for (const action of ["secretsmanager:GetSecretValue", "logs:PutLogEvents", "ssm:GetParameter"])
          expect(
            only.some((each) => each.startsWith(`${action} `)),
            `${name}: ${action}`,
          ).toBe(true);
        const of = (action: string) => mine[index]?.filter((each) => each.startsWith(`${action} `)) ?? [];
        expect(of("autoscaling:CompleteLifecycleAction")).toEqual([
          `autoscaling:CompleteLifecycleAction on arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/warden-three-${name}`,
        ]);
      }
      const secrets = (name: (typeof names)[number]) =>
        grantsOf(graph(), name)
          .filter((each) => each.startsWith("secretsmanager:GetSecretValue"))
          .map((each) => each.replace(/^.*secret:warden-three-|-AbCdEf$/g, ""))
          .sort();
      expect(secrets("school")).toEqual(["administrator", "cache", "database", "sessions"].map((of) => `school-${of}`));
      expect(secrets("academy")).toEqual([
        ...["academy-administrator", "academy-database", "school-cache", "school-sessions"],
      ]);
      expect(secrets("night-school")).toEqual(
        ["administrator", "cache", "database", "sessions"].map((of) => `night-school-${of}`),
      );
      expect(nodeGrants.length).toBeGreaterThan(3);
    });

    it("a shared database takes the nodes of the two that share it; nodes of the third reach nothing of theirs", () => {
      const from = (name: string) =>
        one(graph(), "aws:ec2/securityGroup:SecurityGroup", name).inputs["ingress"].flatMap(
          ({ securityGroups }: Inputs) => securityGroups,
        );
      const both = ["SchoolNodeTraffic-id", "AcademyNodeTraffic-id"];
      expect(from("SchoolDatabaseTraffic")).toEqual(both);
      expect(from("SchoolCacheTraffic")).toEqual(both);
      expect(from("SchoolFileTraffic")).toEqual(["SchoolNodeTraffic-id"]);
      expect(from("AcademyFileTraffic")).toEqual(["AcademyNodeTraffic-id"]);
      expect(from("NightSchoolDatabaseTraffic")).toEqual(["NightSchoolNodeTraffic-id"]);
      expect(from("NightSchoolCacheTraffic")).toEqual(["NightSchoolNodeTraffic-id"]);
      for (const name of names)
        expect(templateOf(graph(), name)["vpcSecurityGroupIds"]).toEqual([`${titles[name]}NodeTraffic-id`]);
    });

    it("who shares a database has an account of its own there, and its part of the connections", () => {
      const [school, academy] = [configurationOf(graph(), "school"), configurationOf(graph(), "academy")];
      expect(academy["database"]).toMatchObject({ host: school["database"].host, name: "moodle_academy" });
      expect(academy["database"]["user"]).toBe("moodle_academy");
      expect(academy["database"]["password"].secret).toContain("secret:warden-three-academy-database");
      expect([school, academy].map(({ database }) => database.connections)).toEqual([1_875, 125]);
      expect(academy["sessions"]).toEqual(school["sessions"]);
      expect(all(graph(), "aws:rds/cluster:Cluster")).toHaveLength(1);
      expect(all(graph(), "aws:rds/instance:Instance")).toHaveLength(1);
    });

    it("visitors come to their own site by its name, through one load balancer or another", () => {
      const rules = names.map(
        (name) => one(graph(), "aws:lb/listenerRule:ListenerRule", `${titles[name]}ToNodes`).inputs,
      );
      expect(rules.map(({ conditions }) => conditions[0].hostHeader.values)).toEqual([
        ["school.example.org"],
        ["academy.example.org"],
        ["night.example.org"],
      ]);
      expect(new Set(rules.map(({ priority }) => priority)).size).toBe(3);
      expect(rules[0]?.["listenerArn"]).toBe(rules[1]?.["listenerArn"]);
      expect(rules[2]?.["listenerArn"]).not.toBe(rules[0]?.["listenerArn"]);
      expect(all(graph(), "aws:lb/loadBalancer:LoadBalancer")).toHaveLength(2);
      const certificates = all(graph(), "aws:acm/certificate:Certificate").map(({ inputs }) => inputs);
      expect(certificates.map((each) => [each["domainName"], ...(each["subjectAlternativeNames"] ?? [])])).toEqual([
        ["school.example.org", "academy.example.org"],
        ["night.example.org"],
      ]);
    });

    it("keeps stopped nodes ready where the site says so, and reuses none", () => {
      expect(groupOf(graph(), "school")["warmPool"]).toMatchObject({
        ...{ poolState: "Stopped", minSize: 2, instanceReusePolicy: { reuseOnScaleIn: false } },
      });
      expect(groupOf(graph(), "academy")).not.toHaveProperty("warmPool");
    });

    it("has a firewall before each load balancer, which counts or blocks, and counts what Moodle's users do anyhow", () => {
      const before = all(graph(), "aws:wafv2/webAclAssociation:WebAclAssociation").map(
        ({ inputs }) => inputs["resourceArn"],
      );
      const balancers = all(graph(), "aws:lb/loadBalancer:LoadBalancer");
      expect(before).toHaveLength(balancers.length);
      const rulesOf = (name: string): Inputs[] => one(graph(), "aws:wafv2/webAcl:WebAcl", name).inputs["rules"];
      for (const { overrideAction, action } of rulesOf("NightSchoolFirewall"))
        expect(overrideAction ?? action).toEqual({ count: {} });
      const [bad, common, logins] = rulesOf("SchoolFirewall");
      expect([bad?.["overrideAction"], common?.["overrideAction"], logins?.["action"]]).toEqual([
        ...[{ none: {} }, { none: {} }, { block: {} }],
      ]);
      const counted = common?.["statement"].managedRuleGroupStatement.ruleActionOverrides;
      expect(counted.map(({ name }: Inputs) => name)).toEqual(
        expect.arrayContaining(["SizeRestrictions_BODY", "CrossSiteScripting_BODY"]),
      );
      for (const { actionToUse } of counted) expect(actionToUse).toEqual({ count: {} });
    });

    it("has a trail of the account's changes, which only CloudTrail writes", () => {
      const [kept] = all(graph(), "aws:cloudtrail/trail:Trail");
      expect(kept?.inputs).toMatchObject({ isMultiRegionTrail: true, enableLogFileValidation: true });
      expect(kept).toMatchObject({ retained: true });
      const policy = all(graph(), "aws:s3/bucketPolicy:BucketPolicy").find(
        ({ inputs }) => inputs["bucket"] === kept?.inputs["s3BucketName"],
      );
      const writers = statementsIn(policy?.inputs["policy"]).filter(({ actions }) => actions.includes("s3:PutObject"));
      expect(writers).toMatchObject([
        {
          principals: [{ type: "Service", identifiers: ["cloudtrail.amazonaws.com"] }],
          conditions: [{ values: ["arn:aws:cloudtrail:eu-west-1:123456789012:trail/warden-three-trail"] }],
        },
      ]);
    });

    it("who brings a server of NFS has no file system here, and no promise of copies", () => {
      const night = configurationOf(graph(), "night-school");
      expect(night["files"]).toMatchObject({ nfs: "10.0.9.9", export: "/exports/night" });
      expect(night).not.toHaveProperty("recovery");
      expect(all(graph(), "aws:efs/fileSystem:FileSystem").map(({ name }) => name)).toEqual([
        "SchoolFiles",
        "AcademyFiles",
      ]);
    });

    it("hear of the alarms of their own parts, and of those of the parts that they share, each made once", () => {
      const of = (name: (typeof names)[number]) =>
        alarmsOf(graph(), titles[name]).map((alarm) => alarm.replace("warden-three-", ""));
      const school = [
        "school-database-cpu",
        "school-database-connections",
        "school-sessions-memory",
        "school-cache-cpu",
      ];
      expect(of("school")).toEqual([...school, "school-files-io", "school-pages-errors", "school-pages-slow"]);
      expect(of("academy")).toEqual(["academy-files-io", "academy-pages-errors", "academy-pages-slow", ...school]);
      expect(of("night-school")).toHaveLength(7);
      const made = all(graph(), "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs["name"]);
      expect(new Set(made).size).toBe(made.length);
      expect(made).toEqual(expect.arrayContaining(names.flatMap((name) => alarmsOf(graph(), titles[name]))));
    });

    it("one database and one file system of each who has them are copied each day", () => {
      const { resources } = one(graph(), "aws:backup/selection:Selection", "BackupSelection").inputs;
      expect(resources.filter((each: string) => each.includes(":rds:"))).toEqual([
        "arn:aws:rds:eu-west-1:123456789012:cluster:warden-three-school-database",
        "arn:aws:rds:eu-west-1:123456789012:db:warden-three-night-school-database",
      ]);
    });

    it("shows each on the dashboard, and has a bill without a hole", () => {
      const { widgets } = JSON.parse(
        one(graph(), "aws:cloudwatch/dashboard:Dashboard", "Dashboard").inputs["dashboardBody"],
      );
      for (const name of names)
        expect(widgets.filter(({ properties }: Inputs) => properties.title.startsWith(`${name}: `))).toHaveLength(6);
      const { lines, unknown } = siteCost(graph().resources, priceBook("us-east-1"));
      expect(unknown).toEqual([]);
      const nodes = lines
        .filter(({ service }) => service === "nodes")
        .map(({ item }) => item)
        .sort();
      expect(nodes).toEqual([
        ...["1 × t4g.small", "2 × t4g.medium", "4 × m7g.large"].map((count) => `${count}, the fewest there are`),
      ]);
      console.info(`three sites: ${sumOf(lines).toFixed(2)} USD a month`);
    });
  });

  describe("a site of what was there before", () => {
    const graph = made("brought", broughtAlong);

    it("has its nodes in the private subnets of the network that is there", () => {
      expect(groupOf(graph(), "school")["vpcZoneIdentifiers"]).toEqual(existingNetwork.privateSubnets);
      expect(graph().resources.filter(({ type }) => /:(vpc|subnet|natGateway|eip):/i.test(type))).toEqual([]);
      expect(one(graph(), "aws:lb/loadBalancer:LoadBalancer", "SchoolBalancerLoadBalancer").inputs["subnets"]).toEqual(
        existingNetwork.publicSubnets,
      );
    });

    it("makes no database, no caches and no file system", () => {
      expect(graph().resources.filter(({ type }) => /^aws:(rds|elasticache|efs)\//.test(type))).toEqual([]);
    });

    it("has alarms of its pages, and the operator's of what is brought along", () => {
      expect(alarmsOf(graph(), "School")).toEqual([
        ...["warden-brought-school-pages-errors", "warden-brought-school-pages-slow", "campus-database-cpu"],
      ]);
    });

    it("lets its nodes in where they were not, and changes nothing else of what is there", () => {
      const rules = all(graph(), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(
        ({ inputs }) => inputs,
      );
      expect(rules.map((each) => [each["securityGroupId"], each["fromPort"], each["toPort"]])).toEqual([
        ["sg-0ddddddddddddddd0", 3306, 3306],
        ["sg-0ccccccccccccccc0", 6379, 6379],
        ["sg-0eeeeeeeeeeeeeee0", 2049, 2049],
      ]);
      for (const each of rules) expect(each["referencedSecurityGroupId"]).toBe("SchoolNodeTraffic-id");
    });

    it("tells the nodes where it is, and lets them read its secrets", () => {
      const known = configurationOf(graph(), "school");
      expect(known["database"]).toMatchObject({ kind: "mysql", version: "8.4", name: "moodle", connections: 900 });
      expect(known["cache"].redis.host).toBe("master.campus-cache.c9.euw1.cache.amazonaws.com");
      expect(known["files"]).toMatchObject({ efs: "fs-0fedcba9876543210", accessPoint: "fsap-0fedcba9876543210" });
      expect(known["recovery"]).toMatchObject({ database: "arn:aws:rds:eu-west-1:123456789012:db:campus" });
      const grants = grantsOf(graph(), "school").join("\n");
      for (const name of ["moodle", "sessions", "cache"]) expect(grants).toContain(`secret:campus/${name}-AbCdEf`);
    });
  });

  describe("sites that cannot be", () => {
    const [school, academy, night] = threeSites.sites;
    if (school === undefined || academy === undefined || night === undefined) throw new Error("there are three sites");
    it.each([
      ["a site of no name", [{ ...school, name: "" }], "a letter first"],
      ["a name in capitals", [{ ...school, name: "School" }], "a letter first"],
      ["a name too long beside the stage's", [{ ...school, name: "university-of-vienna" }], "at most 23 characters"],
      ["two of one name", [school, { ...night, name: "school" }], "another site has this name"],
      ["two at one address", [school, { ...night, host: school.host }], "another site is at school.example.org"],
      ["one that shares with nobody", [academy], "no site before it is called school"],
      ["one that stands before whom it shares with", [academy, school], "no site before it is called school"],
      [
        "one that shares what the other only shares",
        [school, academy, { ...night, caches: { kind: "shared", with: "academy" } }],
        "academy has no caches of its own",
      ],
      [
        "a warm pool beside spot instances",
        [{ ...school, nodes: { ...school.nodes, spot: ["m7g.large"] } }],
        "a group with spot instances has no warm pool",
      ],
      ["none", [], "a stage has a site"],
    ] as const)("refuses %s", (_, sites, why) => {
      expect(() => checkSites({ ...threeSites, sites })).toThrow(why);
    });
  });
}

const existingNetwork = {
  publicSubnets: ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"],
  privateSubnets: ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"],
};

type Name = (typeof names)[number];
const groupOf = (graph: Graph, site: Name): Inputs =>
  one(graph, "aws:autoscaling/group:Group", `${titles[site]}Nodes`).inputs;
const templateOf = (graph: Graph, site: Name): Inputs =>
  one(graph, "aws:ec2/launchTemplate:LaunchTemplate", `${titles[site]}NodeTemplate`).inputs;
const configurationOf = (graph: Graph, site: Name): Inputs =>
  JSON.parse(one(graph, "aws:ssm/parameter:Parameter", `${titles[site]}Configuration`).inputs["value"]);

/** `action on resource` */
const grantsOf = (graph: Graph, site: Name): readonly string[] =>
  statementsIn(one(graph, "aws:iam/rolePolicy:RolePolicy", `${titles[site]}NodeGrants`).inputs["policy"]).flatMap(
    ({ actions, resources }) => actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`)),
  );
