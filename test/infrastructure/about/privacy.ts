/** What holds data is encrypted, where it lies and on its way, and nobody outside reaches it. */
import { describe, expect, it } from "vitest";
import type { Graph, Inputs } from "../graph.ts";
import { all, type Graphs, one, stages } from "../stages.ts";

export function privacy(graph: Graphs): void {
  describe.each(stages)("%s", (stage) => {
    it("keeps the database encrypted, private, and takes no connection in clear", () => {
      const [database] = all(graph(stage), "aws:rds/instance:Instance");
      expect(database?.inputs).toMatchObject({ storageEncrypted: true, publiclyAccessible: false });
      const group = one(graph(stage), "aws:rds/parameterGroup:ParameterGroup", "MoodleDatabaseParameters").inputs;
      expect(group["parameters"]).toContainEqual({ name: "require_secure_transport", value: "ON" });
      expect(database?.inputs["parameterGroupName"]).toBe(group["name"]);
    });

    it("keeps the caches encrypted, with a password, and only with TLS", () => {
      const caches = all(graph(stage), "aws:elasticache/replicationGroup:ReplicationGroup");
      expect(caches.map(({ name }) => name).sort()).toEqual(["MoodleCache", "MoodleSessions"]);
      for (const { inputs } of caches) {
        expect(inputs).toMatchObject({
          ...{ atRestEncryptionEnabled: true, transitEncryptionEnabled: true, transitEncryptionMode: "required" },
        });
        expect(inputs["authToken"].length).toBeGreaterThanOrEqual(32);
      }
    });

    it("keeps the files encrypted, in each zone, and only with TLS through the web user's own access point", () => {
      expect(one(graph(stage), "aws:efs/fileSystem:FileSystem", "MoodleFiles").inputs["encrypted"]).toBe(true);
      const [policy] = all(graph(stage), "aws:efs/fileSystemPolicy:FileSystemPolicy");
      const statements: Inputs[] = JSON.parse(policy?.inputs["policy"]).Statement;
      expect(statements).toContainEqual(
        expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      );
      expect(
        statements.filter(({ Effect }) => Effect === "Allow").map(({ Condition }) => Condition.StringEquals),
      ).toEqual([
        {
          "elasticfilesystem:AccessPointArn":
            "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0",
        },
      ]);
      const user = one(graph(stage), "aws:efs/accessPoint:AccessPoint", "MoodleFilesAccess").inputs["posixUser"];
      expect(user.uid).toBeGreaterThan(0);
      const subnets = privateSubnets(graph(stage));
      const targets = all(graph(stage), "aws:efs/mountTarget:MountTarget").map(({ inputs }) => inputs["subnetId"]);
      expect(targets).toEqual(subnets);
    });

    it("encrypts what waits and what is remembered", () => {
      for (const { inputs } of all(graph(stage), "aws:sqs/queue:Queue"))
        expect(inputs["sqsManagedSseEnabled"]).toBe(true);
      // Of the table and the bucket AWS itself does, since 2018 and 2023, and no setting turns it off.
      const [block] = all(graph(stage), "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
      expect(block?.inputs).toMatchObject({
        ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      });
      const template = one(graph(stage), "aws:ec2/launchTemplate:LaunchTemplate", "MoodleNodeTemplate").inputs;
      for (const { ebs } of template["blockDeviceMappings"]) expect(ebs.encrypted).toBe("true");
    });

    it("takes the data tier's traffic from nodes alone, and the nodes' from the load balancer alone", () => {
      const from = (name: string) => one(graph(stage), "aws:ec2/securityGroup:SecurityGroup", name).inputs["ingress"];
      for (const [name, port] of [
        ["MoodleDatabaseTraffic", 3306],
        ["MoodleCacheTraffic", 6379],
        ["MoodleFileTraffic", 2049],
      ] as const)
        expect(from(name)).toEqual([
          { protocol: "tcp", fromPort: port, toPort: port, securityGroups: ["MoodleNodeTraffic-id"] },
        ]);
      expect(from("MoodleNodeTraffic")).toEqual([
        { protocol: "tcp", fromPort: 80, toPort: 80, securityGroups: ["BalancerTraffic-id"] },
      ]);
      for (const { inputs } of all(graph(stage), "aws:elasticache/replicationGroup:ReplicationGroup"))
        expect(inputs["securityGroupIds"]).toEqual(["MoodleCacheTraffic-id"]);
      expect(all(graph(stage), "aws:rds/instance:Instance")[0]?.inputs["vpcSecurityGroupIds"]).toEqual([
        "MoodleDatabaseTraffic-id",
      ]);
      const template = one(graph(stage), "aws:ec2/launchTemplate:LaunchTemplate", "MoodleNodeTemplate").inputs;
      expect(template["vpcSecurityGroupIds"]).toEqual(["MoodleNodeTraffic-id"]);
    });

    it("serves visitors by HTTPS, and sends the others there", () => {
      const listeners = all(graph(stage), "aws:lb/listener:Listener").map(({ inputs }) => inputs);
      expect(listeners.map(({ protocol }) => protocol).sort()).toEqual(["HTTP", "HTTPS"]);
      for (const { protocol, defaultActions, sslPolicy } of listeners)
        if (protocol === "HTTPS") expect(sslPolicy).toContain("TLS13");
        else expect(defaultActions).toEqual([expect.objectContaining({ type: "redirect" })]);
      expect(
        one(graph(stage), "aws:lb/loadBalancer:LoadBalancer", "MoodleBalancerLoadBalancer").inputs["securityGroups"],
      ).toEqual(["BalancerTraffic-id"]);
    });
  });
}

const privateSubnets = (graph: Graph): readonly string[] =>
  all(graph, "aws:ec2/subnet:Subnet").flatMap(({ name }) => (name.includes("Private") ? [`${name}-id`] : []));
