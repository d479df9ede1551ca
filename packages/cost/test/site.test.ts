import { describe, expect, it } from "vitest";
import { type DeployedResource, priceBook, siteCost, sumOf } from "../src/index.ts";

const prices = priceBook("us-east-1");
const group: DeployedResource = { type: "aws:autoscaling/group:Group", inputs: { name: "school", minSize: 2 } };
const template: DeployedResource = {
  type: "aws:ec2/launchTemplate:LaunchTemplate",
  inputs: {
    name: "school",
    instanceType: "t4g.medium",
    monitoring: { enabled: true },
    blockDeviceMappings: [{ ebs: { volumeSize: 20 } }],
  },
};
const cache = { type: "aws:elasticache/replicationGroup:ReplicationGroup" };
const valkey = { engine: "valkey", nodeType: "cache.t4g.small", numCacheClusters: 2 };

/** US dollars of each line, to the cent. */
const lines = (...resources: DeployedResource[]) =>
  siteCost(resources, prices).lines.map(({ service, item, usd }) => [service, item, Math.round(usd * 100) / 100]);

describe("a site's bill", () => {
  it("takes of several sites each group's own template", () => {
    const small = { ...group, inputs: { name: "night", minSize: 1 } };
    const its = { ...template, inputs: { ...template.inputs, name: "night", instanceType: "t4g.small" } };
    const { lines } = siteCost([group, small, its, template], prices);
    expect(lines.filter(({ service }) => service === "nodes").map(({ item }) => item)).toEqual([
      "2 × t4g.medium, the fewest there are",
      "1 × t4g.small, the fewest there are",
    ]);
  });

  it("has the fewest nodes that there are, their disks, and what EC2 bills for each minute's metrics", () => {
    expect(lines(group, template)).toEqual([
      ["nodes", "2 × t4g.medium, the fewest there are", 49.06],
      ["node disks", "gp3, 20 GB each", 3.2],
      ["addresses", "of the nodes", 7.3],
      ["monitoring", "EC2's metrics of each minute", 4.2],
    ]);
  });

  it("bills an alarm over an expression as many times as it reads metrics", () => {
    const type = "aws:cloudwatch/metricAlarm:MetricAlarm";
    const metricQueries = [
      { id: "a", metric: {} },
      { id: "b", metric: {} },
      { id: "most", expression: "MAX(METRICS())" },
    ];
    expect(lines({ type, inputs: { metricName: "CPUUtilization" } })).toEqual([["monitoring", "alarms", 0.1]]);
    expect(lines({ type, inputs: { metricQueries } })).toEqual([["monitoring", "alarms", 0.2]]);
  });

  it("has no addresses of nodes where theirs are translated", () => {
    const bill = lines(group, template, { type: "aws:ec2/eip:Eip", inputs: {} });
    expect(bill.filter(([service]) => service === "addresses")).toEqual([
      ["addresses", "of the address translation", 3.65],
    ]);
  });

  it("has caches of one size in one line, each of their nodes counted", () => {
    const one = { ...cache, inputs: valkey };
    expect(lines(one, one)).toEqual([["caches", "cache.t4g.small, valkey", 74.75]]);
  });

  it("doubles a database with a standby, and its disk", () => {
    const of = (multiAz: boolean): DeployedResource => ({
      type: "aws:rds/instance:Instance",
      inputs: { instanceClass: "db.t4g.medium", allocatedStorage: 50, multiAz },
    });
    expect(sumOf(siteCost([of(true)], prices).lines)).toBeCloseTo(2 * sumOf(siteCost([of(false)], prices).lines), 6);
    expect(lines(of(true))[0]?.[2]).toBe(94.9);
  });

  it("has an address for each zone of a load balancer that the world reaches", () => {
    const of = (internal: boolean): DeployedResource => ({
      type: "aws:lb/loadBalancer:LoadBalancer",
      inputs: { internal, subnets: ["a", "b", "c"] },
    });
    expect(lines(of(false))).toContainEqual(["addresses", "of the load balancer", 10.95]);
    expect(lines(of(true)).map(([service]) => service)).not.toContain("addresses");
  });

  it("says what is billed by use, and what it does not know", () => {
    const odd = [
      { type: "aws:backup/plan:Plan", inputs: {} },
      { type: "aws:mq/broker:Broker", inputs: {} },
    ];
    expect(siteCost([...odd, { type: "aws:iam/role:Role", inputs: {} }], prices)).toEqual({
      lines: [],
      byUse: ["copies of the database and of the files"],
      unknown: ["aws:mq/broker:Broker"],
    });
  });

  it("has no hole: a size without a price is an error", () => {
    expect(() => siteCost([{ ...cache, inputs: { ...valkey, nodeType: "cache.r7g.16xlarge" } }], prices)).toThrow(
      "prices.json has no row cache.valkey.r7g.16xlarge",
    );
  });

  it("tells what was counted from what is assumed", () => {
    const bill = siteCost([{ type: "aws:efs/fileSystem:FileSystem", inputs: {} }, group, template], prices);
    expect(new Map(bill.lines.map(({ service, basis }) => [service, basis]))).toEqual(
      new Map([
        ["files", "assumed"],
        ["nodes", "counted"],
        ["node disks", "counted"],
        ["addresses", "counted"],
        ["monitoring", "counted"],
      ]),
    );
  });
});
