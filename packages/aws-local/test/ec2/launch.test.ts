import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeVolumesCommand,
  ModifyLaunchTemplateCommand,
  type RequestLaunchTemplateData,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import { START, STOP, type TestRegion, testRegion } from "./region.ts";

let region: TestRegion;
beforeEach(() => {
  region = testRegion();
});

const run = (input: Partial<RunInstancesCommandInput> = {}) =>
  region.client.send(
    new RunInstancesCommand({
      ImageId: region.ec2.network.image.id,
      InstanceType: "t3.small",
      MinCount: 1,
      MaxCount: 1,
      ...input,
    }),
  );

const runFromTemplate = async (Version?: string) => {
  const LaunchTemplate = { LaunchTemplateName: "moodle", ...(Version === undefined ? {} : { Version }) };
  const input = new RunInstancesCommand({ LaunchTemplate, MinCount: 1, MaxCount: 1 });
  return (await region.client.send(input)).Instances?.[0];
};

const createTemplate = (data: RequestLaunchTemplateData = {}) =>
  region.client.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "moodle",
      LaunchTemplateData: { ImageId: region.ec2.network.image.id, InstanceType: "t3.medium", ...data },
    }),
  );

const addVersion = (LaunchTemplateData: RequestLaunchTemplateData, SourceVersion?: string) =>
  region.client.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName: "moodle",
      LaunchTemplateData,
      ...(SourceVersion === undefined ? {} : { SourceVersion }),
    }),
  );

describe("RunInstances", () => {
  it("gives each instance a private address of its own", async () => {
    const { Instances: launched = [] } = await run({ MinCount: 300, MaxCount: 300 });
    expect(new Set(launched.map(({ PrivateIpAddress }) => PrivateIpAddress)).size).toBe(300);
    const { instanceId, privateIp } = region.launch();
    expect(region.ec2.instances.findByIp(privateIp)?.instanceId).toBe(instanceId);
  });

  it("launches as many as there is room for, and none where the least does not fit", async () => {
    for (let count = 0; count < 4088; count++) region.launch();
    await expect(run({ MinCount: 4, MaxCount: 4 })).rejects.toMatchObject({
      name: "InsufficientFreeAddressesInSubnet",
    });
    expect((await run({ MinCount: 2, MaxCount: 4 })).Instances).toHaveLength(3);
    expect(() => region.launch()).toThrow(expect.objectContaining({ code: "InsufficientFreeAddressesInSubnet" }));
  });

  it("gives an address to another instance once its own has ended", async () => {
    const launched = Array.from({ length: 4091 }, () => region.launch());
    region.ec2.instances.terminate(launched[7]?.instanceId ?? "", "User initiated");
    await region.clock.advance(STOP);
    expect(region.launch().privateIp).toBe(launched[7]?.privateIp);
  });

  it("does not hand an address on at once", async () => {
    const { instanceId, privateIp } = region.launch();
    region.ec2.instances.terminate(instanceId, "User initiated");
    await region.clock.advance(STOP);
    expect(region.launch().privateIp).not.toBe(privateIp);
  });

  it("puts the instances of one call into one reservation", async () => {
    await run({ MinCount: 2, MaxCount: 2 });
    await run();
    const { Reservations = [] } = await region.client.send(new DescribeInstancesCommand({}));
    expect(Reservations.map(({ Instances: together }) => together?.length)).toEqual([2, 1]);
  });

  it("launches in the zone asked for", async () => {
    const { Instances: launched } = await run({ Placement: { AvailabilityZone: "eu-west-1c" } });
    expect(launched?.[0]).toMatchObject({
      Placement: { AvailabilityZone: "eu-west-1c" },
      SubnetId: region.ec2.subnets.defaultSubnet("eu-west-1c"),
    });
  });

  it("answers InvalidAMIID.NotFound and InvalidSubnetID.NotFound for what does not exist", async () => {
    await expect(run({ ImageId: "ami-0123456789abcdef0" })).rejects.toMatchObject({ name: "InvalidAMIID.NotFound" });
    await expect(run({ SubnetId: "subnet-01234567" })).rejects.toMatchObject({ name: "InvalidSubnetID.NotFound" });
  });

  it("gives the same instances again for the same client token, and refuses other parameters with it", async () => {
    const first = await run({ ClientToken: "once" });
    const second = await run({ ClientToken: "once" });
    expect(second.Instances?.[0]?.InstanceId).toBe(first.Instances?.[0]?.InstanceId);
    await expect(run({ ClientToken: "once", MaxCount: 2 })).rejects.toMatchObject({
      name: "IdempotentParameterMismatch",
    });
  });

  it("answers DryRunOperation to a dry run and launches nothing", async () => {
    await expect(run({ DryRun: true })).rejects.toMatchObject({ name: "DryRunOperation" });
    expect((await region.client.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });

  it("refuses what is not modelled, loudly", async () => {
    await expect(run({ HibernationOptions: { Configured: true } })).rejects.toMatchObject({ name: "NotImplemented" });
  });

  it("answers InsufficientInstanceCapacity, a server fault, in a zone without room, and only there", async () => {
    region.ec2.faults.exhaustCapacity("eu-west-1a");
    const failure = { name: "InsufficientInstanceCapacity", $metadata: { httpStatusCode: 500 } };
    await expect(run({ Placement: { AvailabilityZone: "eu-west-1a" } })).rejects.toMatchObject(failure);
    expect(() => region.launch({ zone: "eu-west-1a" })).toThrow(
      expect.objectContaining({ code: "InsufficientInstanceCapacity" }),
    );
    expect(region.launch({ zone: "eu-west-1b" }).state).toBe("pending");
    expect(region.launch({ zone: "eu-west-1a", spot: true }).state).toBe("pending");
    region.ec2.faults.restoreCapacity("eu-west-1a");
    expect(region.launch({ zone: "eu-west-1a" }).state).toBe("pending");
  });
});

describe("launch templates", () => {
  it("give the default version unless another is asked for, and $Latest the newest", async () => {
    await createTemplate();
    await addVersion({ InstanceType: "t3.large" }, "1");
    expect((await runFromTemplate())?.InstanceType).toBe("t3.medium");
    expect((await runFromTemplate("$Latest"))?.InstanceType).toBe("t3.large");
    await region.client.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName: "moodle", DefaultVersion: "2" }));
    expect((await runFromTemplate("$Default"))?.InstanceType).toBe("t3.large");
    expect((await runFromTemplate("1"))?.InstanceType).toBe("t3.medium");
  });

  it("take over from the source version only, and nothing without one", async () => {
    await createTemplate({ KeyName: "admin" });
    await addVersion({ InstanceType: "t3.large" }, "1");
    await addVersion({ InstanceType: "t3.xlarge" });
    const { LaunchTemplateVersions = [] } = await region.client.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: "moodle" }),
    );
    expect(
      LaunchTemplateVersions.map(({ VersionNumber, DefaultVersion, LaunchTemplateData }) => [
        VersionNumber,
        DefaultVersion,
        LaunchTemplateData?.InstanceType,
        LaunchTemplateData?.KeyName,
      ]),
    ).toEqual([
      [1, true, "t3.medium", "admin"],
      [2, false, "t3.large", "admin"],
      [3, false, "t3.xlarge", undefined],
    ]);
  });

  it("lose to the request, member by member", async () => {
    await createTemplate({ KeyName: "admin" });
    const { Instances: launched } = await region.client.send(
      new RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateName: "moodle" },
        InstanceType: "t3.large",
        MinCount: 1,
        MaxCount: 1,
      }),
    );
    expect(launched?.[0]).toMatchObject({ InstanceType: "t3.large", KeyName: "admin" });
  });

  it("leave their id and version on the instance as tags of AWS's own", async () => {
    const { LaunchTemplate } = await createTemplate();
    expect((await runFromTemplate())?.Tags).toEqual([
      { Key: "aws:ec2launchtemplate:id", Value: LaunchTemplate?.LaunchTemplateId },
      { Key: "aws:ec2launchtemplate:version", Value: "1" },
    ]);
  });

  it("resolve for Auto Scaling to what it has to launch", async () => {
    const { LaunchTemplate } = await createTemplate({
      IamInstanceProfile: { Arn: "arn:aws:iam::123456789012:instance-profile/moodle-node" },
      UserData: "IyEvYmluL3No",
      InstanceMarketOptions: { MarketType: "spot" },
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "site", Value: "moodle" }] }],
      MetadataOptions: { HttpTokens: "required" },
    });
    const id = LaunchTemplate?.LaunchTemplateId ?? "";
    const resolved = region.ec2.launchTemplates.resolve({ id, name: undefined, version: "$Latest" });
    expect(resolved).toEqual({
      id,
      name: "moodle",
      version: "1",
      imageId: region.ec2.network.image.id,
      instanceType: "t3.medium",
      userData: "IyEvYmluL3No",
      roleName: "moodle-node",
      spot: true,
      tags: { site: "moodle" },
    });

    const zone = "eu-west-1b";
    const { instanceId } = region.ec2.instances.launch({
      ...resolved,
      launchTemplate: { id, version: resolved.version },
      availabilityZone: zone,
      subnetId: region.ec2.subnets.defaultSubnet(zone) ?? "",
    });
    const { Reservations } = await region.client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceLifecycle: "spot",
      MetadataOptions: { HttpTokens: "required" },
      IamInstanceProfile: { Arn: "arn:aws:iam::123456789012:instance-profile/moodle-node" },
    });
  });

  it("answer with EC2's own codes where there is none", async () => {
    const resolve = (id: string | undefined, name: string | undefined, version?: string) => () =>
      region.ec2.launchTemplates.resolve({ id, name, version });
    expect(resolve("lt-01234567", undefined)).toThrow(
      expect.objectContaining({ code: "InvalidLaunchTemplateId.NotFound" }),
    );
    expect(resolve(undefined, "moodle")).toThrow(
      expect.objectContaining({ code: "InvalidLaunchTemplateName.NotFoundException" }),
    );
    await createTemplate();
    expect(resolve(undefined, "moodle", "9")).toThrow(
      expect.objectContaining({ code: "InvalidLaunchTemplateId.VersionNotFound" }),
    );
    await expect(createTemplate()).rejects.toMatchObject({
      name: "InvalidLaunchTemplateName.AlreadyExistsException",
    });
  });

  it("are described with their default and latest version", async () => {
    await createTemplate();
    await addVersion({ InstanceType: "t3.large" }, "$Default");
    const { LaunchTemplates } = await region.client.send(
      new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ["moodle"] }),
    );
    expect(LaunchTemplates).toMatchObject([{ DefaultVersionNumber: 1, LatestVersionNumber: 2 }]);
  });
});

describe("root volumes", () => {
  it("are as the launch asked, and go with their instance", async () => {
    await createTemplate({
      BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 20, Encrypted: true } }],
      TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: "site", Value: "moodle" }] }],
    });
    const instanceId = (await runFromTemplate())?.InstanceId ?? "";
    const volumes = async () => (await region.client.send(new DescribeVolumesCommand({}))).Volumes;
    expect(await volumes()).toMatchObject([
      {
        Size: 20,
        Encrypted: true,
        VolumeType: "gp3",
        State: "in-use",
        Attachments: [{ InstanceId: instanceId, DeleteOnTermination: true }],
        Tags: [{ Key: "site", Value: "moodle" }],
      },
    ]);
    await region.client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    await region.clock.advance(START + STOP);
    expect(await volumes()).toEqual([]);
  });
});
