import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstanceStatusCommand,
  type DescribeInstanceStatusCommandInput,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeRegionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import { START, startAt, type TestRegion, testRegion } from "./region.ts";

let region: TestRegion;
beforeEach(() => {
  region = testRegion();
});

async function idsBy(input: DescribeInstancesCommandInput): Promise<string[]> {
  const { Reservations = [] } = await region.client.send(new DescribeInstancesCommand(input));
  return Reservations.flatMap(({ Instances: together = [] }) => together.map(({ InstanceId = "" }) => InstanceId));
}
const filtered = (Name: string, ...Values: string[]) => idsBy({ Filters: [{ Name, Values }] });

describe("DescribeInstances", () => {
  it("filters by state, tag, tag key, id, address and zone", async () => {
    const one = region.launch({ tags: { site: "moodle", "aws:autoscaling:groupName": "moodle" } });
    await region.clock.advance(START);
    const other = region.launch({ zone: "eu-west-1b", tags: { site: "other" } });

    expect(await filtered("instance-state-name", "running")).toEqual([one.instanceId]);
    expect(await filtered("instance-state-name", "running", "pending")).toEqual([one.instanceId, other.instanceId]);
    expect(await filtered("tag:site", "other")).toEqual([other.instanceId]);
    expect(await filtered("tag:aws:autoscaling:groupName", "moodle")).toEqual([one.instanceId]);
    expect(await filtered("tag-key", "aws:autoscaling:groupName")).toEqual([one.instanceId]);
    expect(await filtered("instance-id", other.instanceId)).toEqual([other.instanceId]);
    expect(await filtered("private-ip-address", one.privateIp)).toEqual([one.instanceId]);
    expect(await filtered("availability-zone", "eu-west-1b")).toEqual([other.instanceId]);
  });

  it("takes * and ? in a filter's value as wildcards, and a backslash as an escape", async () => {
    const star = region.launch({ tags: { site: "a*c" } }).instanceId;
    const letters = region.launch({ tags: { site: "abbc" } }).instanceId;
    expect(await filtered("tag:site", "a*c")).toEqual([star, letters]);
    expect(await filtered("tag:site", "a?c")).toEqual([star]);
    expect(await filtered("tag:site", "a\\*c")).toEqual([star]);
    expect(await filtered("tag:site", "A*")).toEqual([]);
  });

  it("demands all filters at once", async () => {
    region.launch({ zone: "eu-west-1a", tags: { site: "moodle" } });
    const both = region.launch({ zone: "eu-west-1b", tags: { site: "moodle" } }).instanceId;
    const Filters = [
      { Name: "tag:site", Values: ["moodle"] },
      { Name: "availability-zone", Values: ["eu-west-1b"] },
    ];
    expect(await idsBy({ Filters })).toEqual([both]);
  });

  it("refuses a filter that is not modelled", async () => {
    await expect(filtered("dns-name", "x")).rejects.toMatchObject({ name: "NotImplemented" });
  });

  it("gives pages, and skips nobody when earlier ones are forgotten in between", async () => {
    const ids = Array.from({ length: 12 }, () => region.launch().instanceId);
    const first = await region.client.send(new DescribeInstancesCommand({ MaxResults: 5 }));
    expect(first.Reservations).toHaveLength(5);
    for (const id of ids.slice(0, 5)) region.ec2.instances.terminate(id, "User initiated");
    await region.clock.advance(2 * 3_600_000);
    const { NextToken } = first;
    expect(await idsBy({ MaxResults: 1000, ...(NextToken === undefined ? {} : { NextToken }) })).toEqual(ids.slice(5));
  });

  it("refuses MaxResults under 5 and MaxResults together with ids", async () => {
    const { instanceId } = region.launch();
    await expect(idsBy({ MaxResults: 4 })).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.",
    });
    await expect(idsBy({ MaxResults: 5, InstanceIds: [instanceId] })).rejects.toMatchObject({
      name: "InvalidParameterCombination",
    });
  });
});

describe("DescribeInstanceStatus", () => {
  const statuses = async (input: DescribeInstanceStatusCommandInput) =>
    (await region.client.send(new DescribeInstanceStatusCommand(input))).InstanceStatuses;

  it("shows only running instances, unless all are asked for", async () => {
    const running = await region.running();
    const stopping = await region.running();
    await region.client.send(new StopInstancesCommand({ InstanceIds: [stopping] }));
    expect((await statuses({}))?.map(({ InstanceId }) => InstanceId)).toEqual([running]);
    expect(await statuses({ InstanceIds: [stopping] })).toEqual([]);
    expect(await statuses({ IncludeAllInstances: true, InstanceIds: [stopping] })).toMatchObject([
      { InstanceId: stopping, InstanceState: { Name: "stopping" }, SystemStatus: { Status: "not-applicable" } },
    ]);
  });

  it("is initializing for the first minute, then ok", async () => {
    const id = await region.running();
    expect(await statuses({})).toMatchObject([{ InstanceStatus: { Status: "initializing" } }]);
    expect(region.ec2.instances.statusChecks(id)).toBe("initializing");
    await region.clock.advance(60_000);
    expect(await statuses({})).toMatchObject([
      { InstanceStatus: { Status: "ok", Details: [{ Name: "reachability", Status: "passed" }] } },
    ]);
    expect(region.ec2.instances.statusChecks(id)).toBe("ok");
  });

  it("is impaired from the moment of the fault until it is over", async () => {
    const id = await region.running();
    await region.clock.advance(60_000);
    region.ec2.faults.impair(id);
    expect(region.ec2.instances.statusChecks(id)).toBe("impaired");
    expect(await statuses({ Filters: [{ Name: "system-status.status", Values: ["impaired"] }] })).toMatchObject([
      { SystemStatus: { Details: [{ Status: "failed", ImpairedSince: new Date(startAt + START + 60_000) }] } },
    ]);
    region.ec2.faults.recover(id);
    expect(region.ec2.instances.statusChecks(id)).toBe("ok");
  });
});

describe("tags", () => {
  it("are added, replaced and taken away, and their neighbours see it", async () => {
    const { instanceId } = region.launch({ tags: { site: "moodle", old: "1" } });
    const Resources = [instanceId];
    await region.client.send(new CreateTagsCommand({ Resources, Tags: [{ Key: "site", Value: "other" }] }));
    await region.client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: "old", Value: "2" }] }));
    expect(region.ec2.instances.find(instanceId)?.tags).toEqual({ site: "other", old: "1" });
    const arn = `arn:aws:ec2:eu-west-1:123456789012:instance/${instanceId}`;
    expect(region.ec2.tagsOf(arn)).toEqual({ site: "other", old: "1" });
    await region.client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: "old" }] }));
    const { Tags } = await region.client.send(
      new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: Resources }] }),
    );
    expect(Tags).toEqual([{ ResourceId: instanceId, ResourceType: "instance", Key: "site", Value: "other" }]);
  });

  it("may not begin with aws:, and those that do cannot be taken away", async () => {
    const { instanceId } = region.launch({ tags: { "aws:autoscaling:groupName": "moodle", site: "moodle" } });
    const Resources = [instanceId];
    await expect(
      region.client.send(new CreateTagsCommand({ Resources, Tags: [{ Key: "aws:x", Value: "1" }] })),
    ).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await region.client.send(new DeleteTagsCommand({ Resources }));
    expect(region.ec2.instances.find(instanceId)?.tags).toEqual({ "aws:autoscaling:groupName": "moodle" });
  });

  it("are at most 50 a resource", async () => {
    const { instanceId } = region.launch();
    const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `key${index}`, Value: "" }));
    await expect(region.client.send(new CreateTagsCommand({ Resources: [instanceId], Tags }))).rejects.toMatchObject({
      name: "TagLimitExceeded",
    });
  });

  it("need a resource that exists", async () => {
    const Tags = [{ Key: "site", Value: "moodle" }];
    await expect(
      region.client.send(new CreateTagsCommand({ Resources: ["i-0123456789abcdef0"], Tags })),
    ).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
  });
});

describe("the default network", () => {
  it("is one VPC with a subnet in each of three zones, a security group and an image", async () => {
    const { vpc, securityGroup, image } = region.ec2.network;
    expect((await region.client.send(new DescribeVpcsCommand({}))).Vpcs).toMatchObject([
      { VpcId: vpc.id, IsDefault: true },
    ]);
    const { Subnets = [] } = await region.client.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [vpc.id] }] }),
    );
    expect(
      Subnets.map(({ AvailabilityZone, AvailableIpAddressCount }) => [AvailabilityZone, AvailableIpAddressCount]),
    ).toEqual([
      ["eu-west-1a", 4091],
      ["eu-west-1b", 4091],
      ["eu-west-1c", 4091],
    ]);
    expect(region.ec2.subnets.availabilityZone(Subnets[1]?.SubnetId ?? "")).toBe("eu-west-1b");
    expect((await region.client.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups).toMatchObject([
      { GroupId: securityGroup.id, VpcId: vpc.id },
    ]);
    expect((await region.client.send(new DescribeImagesCommand({ Owners: ["self"] }))).Images).toMatchObject([
      { ImageId: image.id, State: "available" },
    ]);
    const { AvailabilityZones } = await region.client.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones?.map(({ ZoneName, ZoneId }) => [ZoneName, ZoneId])).toEqual([
      ["eu-west-1a", "euw1-az1"],
      ["eu-west-1b", "euw1-az2"],
      ["eu-west-1c", "euw1-az3"],
    ]);
    expect((await region.client.send(new DescribeRegionsCommand({}))).Regions).toMatchObject([
      { RegionName: "eu-west-1" },
    ]);
  });
});
