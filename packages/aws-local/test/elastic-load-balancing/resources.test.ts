import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { beforeEach, describe, expect, it } from "vitest";
import { type TestRegion, testRegion } from "./region.ts";

let region: TestRegion;
beforeEach(() => {
  region = testRegion();
});

const loadBalancerArns = async () =>
  (await region.client.send(new DescribeLoadBalancersCommand({}))).LoadBalancers?.map(
    ({ LoadBalancerArn = "" }) => LoadBalancerArn,
  ) ?? [];

describe("target groups", () => {
  it("have AWS's defaults for the health check (limits-and-prices 2.1)", async () => {
    const { TargetGroups } = await region.client.send(
      new CreateTargetGroupCommand({ Name: "moodle", Protocol: "HTTP", Port: 80, VpcId: region.ec2.network.vpc.id }),
    );
    expect(TargetGroups?.[0]).toMatchObject({
      TargetType: "instance",
      HealthCheckProtocol: "HTTP",
      HealthCheckPort: "traffic-port",
      HealthCheckPath: "/",
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: "200" },
    });
  });

  it("have AWS's default attributes (aws-semantics 3.7)", async () => {
    const TargetGroupArn = await region.targetGroup();
    const { Attributes } = await region.client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    expect(Attributes).toEqual(
      expect.arrayContaining([
        { Key: "deregistration_delay.timeout_seconds", Value: "300" },
        { Key: "slow_start.duration_seconds", Value: "0" },
        { Key: "stickiness.enabled", Value: "false" },
        { Key: "load_balancing.algorithm.type", Value: "round_robin" },
      ]),
    );
  });

  it("refuse attributes that do not exist or do not fit, and then change none", async () => {
    const TargetGroupArn = await region.targetGroup();
    const modify = (Key: string, Value: string) =>
      region.client.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn,
          Attributes: [
            { Key: "stickiness.enabled", Value: "true" },
            { Key, Value },
          ],
        }),
      );
    await expect(modify("deregistration_delay", "5")).rejects.toMatchObject({ name: "ValidationError" });
    await expect(modify("slow_start.duration_seconds", "29")).rejects.toMatchObject({ name: "ValidationError" });
    const { Attributes } = await region.client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    expect(Attributes).toContainEqual({ Key: "stickiness.enabled", Value: "false" });
  });

  it("are the same for the same request again, and refused for another under the same name", async () => {
    const first = await region.targetGroup();
    expect(await region.targetGroup()).toBe(first);
    await expect(region.targetGroup({ Port: 8080 })).rejects.toMatchObject({
      name: "DuplicateTargetGroupNameException",
    });
  });

  it("refuse a time-out as long as the interval, a bad matcher, and what is not modelled", async () => {
    await expect(
      region.targetGroup({ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 }),
    ).rejects.toMatchObject({
      name: "ValidationError",
      message: "Health check interval must be greater than the timeout.",
    });
    await expect(region.targetGroup({ Matcher: { HttpCode: "200-600" } })).rejects.toMatchObject({
      name: "ValidationError",
    });
    await expect(region.targetGroup({ TargetType: "ip" })).rejects.toMatchObject({ name: "NotImplemented" });
  });

  it("can have their health check changed, member by member", async () => {
    const TargetGroupArn = await region.targetGroup();
    const { TargetGroups } = await region.client.send(
      new ModifyTargetGroupCommand({ TargetGroupArn, HealthyThresholdCount: 2 }),
    );
    expect(TargetGroups?.[0]).toMatchObject({ HealthyThresholdCount: 2, HealthCheckPath: "/warden/ready" });
  });

  it("are described in pages, by name, and by load balancer", async () => {
    const arns = [];
    for (const Name of ["one", "two", "three"]) arns.push(await region.targetGroup({ Name }));
    const first = await region.client.send(new DescribeTargetGroupsCommand({ PageSize: 2 }));
    expect(first.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)).toEqual(["one", "two"]);
    const second = await region.client.send(new DescribeTargetGroupsCommand({ PageSize: 2, Marker: first.NextMarker }));
    expect(second.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)).toEqual(["three"]);
    expect(second.NextMarker).toBeUndefined();

    await region.listener(arns[1] ?? "");
    const [LoadBalancerArn] = await loadBalancerArns();
    const { TargetGroups } = await region.client.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
    expect(TargetGroups).toMatchObject([{ TargetGroupName: "two", LoadBalancerArns: [LoadBalancerArn] }]);
    await expect(region.client.send(new DescribeTargetGroupsCommand({ Names: ["four"] }))).rejects.toMatchObject({
      name: "TargetGroupNotFoundException",
      message: "One or more target groups not found",
    });
  });

  it("cannot be deleted while a listener forwards to them, nor belong to two load balancers", async () => {
    const TargetGroupArn = await region.targetGroup();
    await region.listener(TargetGroupArn);
    await expect(region.client.send(new DeleteTargetGroupCommand({ TargetGroupArn }))).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
    await expect(region.listener(TargetGroupArn)).rejects.toMatchObject({
      name: "TargetGroupAssociationLimitException",
    });
    const [LoadBalancerArn] = await loadBalancerArns();
    await region.client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    const { TargetGroups } = await region.client.send(new DescribeTargetGroupsCommand({}));
    expect(TargetGroups?.[0]?.LoadBalancerArns).toEqual([]);
    await region.client.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    expect(region.balancing.targetGroups.exists(TargetGroupArn)).toBe(false);
  });
});

describe("load balancers", () => {
  it("need two subnets in different zones", async () => {
    const create = (...Subnets: string[]) =>
      region.client.send(new CreateLoadBalancerCommand({ Name: "moodle", Subnets }));
    const [one = "", two = ""] = region.ec2.network.subnets.map(({ id }) => id);
    await expect(create(one)).rejects.toMatchObject({ name: "ValidationError" });
    await expect(create(one, "subnet-01234567")).rejects.toMatchObject({ name: "SubnetNotFoundException" });
    const { LoadBalancers } = await create(one, two);
    expect(LoadBalancers?.[0]).toMatchObject({
      State: { Code: "active" },
      Type: "application",
      Scheme: "internet-facing",
      VpcId: region.ec2.network.vpc.id,
      DNSName: expect.stringMatching(/^moodle-\d+\.eu-west-1\.elb\.amazonaws\.com$/),
      AvailabilityZones: [{ ZoneName: "eu-west-1a" }, { ZoneName: "eu-west-1b" }],
    });
  });

  it("are gone with their listeners, again and again, but not under deletion protection", async () => {
    const listener = await region.listener(await region.targetGroup());
    const [LoadBalancerArn] = await loadBalancerArns();
    const protect = (Value: string) =>
      region.client.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn,
          Attributes: [{ Key: "deletion_protection.enabled", Value }],
        }),
      );
    const remove = () => region.client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await protect("true");
    await expect(remove()).rejects.toMatchObject({ name: "OperationNotPermittedException" });
    await protect("false");
    await remove();
    await remove();
    await expect(region.client.send(new DescribeListenersCommand({ ListenerArns: [listener] }))).rejects.toMatchObject({
      name: "ListenerNotFoundException",
    });
  });
});

describe("listeners", () => {
  it("show their default action as a rule too, with both ways to write a forward", async () => {
    const TargetGroupArn = await region.targetGroup();
    const ListenerArn = await region.listener(TargetGroupArn);
    const forward = {
      Type: "forward",
      TargetGroupArn,
      ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 1 }], TargetGroupStickinessConfig: { Enabled: false } },
    };
    const { Rules } = await region.client.send(new DescribeRulesCommand({ ListenerArn }));
    expect(Rules).toMatchObject([{ IsDefault: true, Priority: "default", Actions: [forward] }]);
    const [LoadBalancerArn] = await loadBalancerArns();
    const { Listeners } = await region.client.send(new DescribeListenersCommand({ LoadBalancerArn }));
    expect(Listeners).toMatchObject([{ ListenerArn, Port: 80, Protocol: "HTTP", DefaultActions: [forward] }]);
  });

  it("do not share a port, need a certificate for HTTPS, and refuse actions that are not modelled", async () => {
    const TargetGroupArn = await region.targetGroup();
    await region.listener(TargetGroupArn);
    const [LoadBalancerArn] = await loadBalancerArns();
    const fixed = { Type: "fixed-response", FixedResponseConfig: { StatusCode: "503" } } as const;
    const create = (
      Port: number,
      Protocol: "HTTP" | "HTTPS",
      action: { Type: "fixed-response" | "authenticate-oidc" },
    ) => region.client.send(new CreateListenerCommand({ LoadBalancerArn, Port, Protocol, DefaultActions: [action] }));
    await expect(create(80, "HTTP", fixed)).rejects.toMatchObject({ name: "DuplicateListenerException" });
    await expect(create(443, "HTTPS", fixed)).rejects.toMatchObject({ name: "ValidationError" });
    await expect(create(81, "HTTP", { Type: "authenticate-oidc" })).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("tags", () => {
  it("are added, described and removed", async () => {
    const arn = await region.targetGroup({ Tags: [{ Key: "site", Value: "moodle" }] });
    const ResourceArns = [arn];
    await region.client.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: "stage", Value: "test" }] }));
    await region.client.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ["site"] }));
    const { TagDescriptions } = await region.client.send(new DescribeTagsCommand({ ResourceArns }));
    expect(TagDescriptions).toEqual([{ ResourceArn: arn, Tags: [{ Key: "stage", Value: "test" }] }]);
    expect(region.balancing.tagsOf(arn)).toEqual({ stage: "test" });
    expect(region.balancing.tagsOf(`${arn}0`)).toEqual({});
    await expect(region.client.send(new DescribeTagsCommand({ ResourceArns: [`${arn}0`] }))).rejects.toMatchObject({
      name: "TargetGroupNotFoundException",
    });
  });
});
