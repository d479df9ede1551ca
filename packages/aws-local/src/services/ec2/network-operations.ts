/** Describes of what is always there: zones, the default VPC with its subnets and security group, the image. */
import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error.ts";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalidParameterValue } from "./errors.ts";
import { type Filterable, matcherOf } from "./filters.ts";
import type { Network, Subnet } from "./network.ts";
import { type TagStore, tagList } from "./tags.ts";
import { ROOT_DEVICE } from "./volumes.ts";

type NetworkOperations = Pick<
  Operations<typeof ec2>,
  | "DescribeAvailabilityZones"
  | "DescribeImages"
  | "DescribeRegions"
  | "DescribeSecurityGroups"
  | "DescribeSubnets"
  | "DescribeVpcs"
>;

export function networkOperations(
  { region, account }: Surroundings,
  network: Network,
  tags: TagStore,
): NetworkOperations {
  const { vpc, securityGroup, image, subnets } = network;

  return {
    DescribeVpcs(input) {
      requireKnown(input.VpcIds, [vpc.id], (id) => ["InvalidVpcID.NotFound", `The vpc ID '${id}' does not exist`]);
      const matches = matcherOf(input.Filters, VPC_FILTERS, () => tags.of(vpc.id));
      const described: ec2.Vpc = {
        VpcId: vpc.id,
        CidrBlock: vpc.cidr,
        IsDefault: true,
        State: "available",
        InstanceTenancy: "default",
        OwnerId: account,
        Tags: tagList(tags.of(vpc.id)),
      };
      return { Vpcs: matches(network.vpc) ? [described] : [] };
    },

    DescribeSubnets(input) {
      const ids = subnets.map((subnet) => subnet.id);
      requireKnown(input.SubnetIds, ids, (id) => ["InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`]);
      const matches = matcherOf(input.Filters, subnetFilters(vpc.id), (subnet) => tags.of(subnet.id));
      const chosen = subnets.filter(
        (subnet) => (input.SubnetIds === undefined || input.SubnetIds.includes(subnet.id)) && matches(subnet),
      );
      return { Subnets: chosen.map(describeSubnet) };
    },

    DescribeSecurityGroups(input) {
      requireKnown(input.GroupIds, [securityGroup.id], (id) => [
        "InvalidGroup.NotFound",
        `The security group '${id}' does not exist`,
      ]);
      requireKnown(input.GroupNames, [securityGroup.name], (name) => [
        "InvalidGroup.NotFound",
        `The security group '${name}' does not exist in default VPC '${vpc.id}'`,
      ]);
      const matches = matcherOf(input.Filters, securityGroupFilters(vpc.id), () => tags.of(securityGroup.id));
      return { SecurityGroups: matches(securityGroup) ? [describeSecurityGroup()] : [] };
    },

    DescribeImages(input) {
      for (const id of input.ImageIds ?? []) requireKnownImage(network, id);
      const owners = input.Owners ?? ["self"];
      const matches = matcherOf(input.Filters, IMAGE_FILTERS, () => tags.of(image.id));
      const shown = (owners.includes("self") || owners.includes(account)) && matches(image);
      return { Images: shown ? [describeImage()] : [] };
    },

    DescribeAvailabilityZones(input) {
      const names = subnets.map((subnet) => subnet.zone);
      const unknown = input.ZoneNames?.find((name) => !names.includes(name));
      if (unknown !== undefined) throw invalidParameterValue(`Invalid availability zone: [${unknown}]`);
      const matches = matcherOf(input.Filters, zoneFilters(region));
      const chosen = subnets.filter(
        (subnet) =>
          (input.ZoneNames === undefined || input.ZoneNames.includes(subnet.zone)) &&
          (input.ZoneIds === undefined || input.ZoneIds.includes(subnet.zoneId)) &&
          matches(subnet),
      );
      return { AvailabilityZones: chosen.map(describeZone) };
    },

    DescribeRegions(input) {
      const unknown = input.RegionNames?.find((name) => name !== region);
      if (unknown !== undefined) throw invalidParameterValue(`Invalid region: [${unknown}]`);
      const matches = matcherOf<string>(input.Filters, { "region-name": (name) => [name] });
      const described: ec2.Region = {
        RegionName: region,
        Endpoint: `ec2.${region}.amazonaws.com`,
        OptInStatus: "opt-in-not-required",
      };
      return { Regions: matches(region) ? [described] : [] };
    },
  };

  function describeSubnet(subnet: Subnet): ec2.Subnet {
    return {
      SubnetId: subnet.id,
      SubnetArn: `arn:aws:ec2:${region}:${account}:subnet/${subnet.id}`,
      VpcId: vpc.id,
      AvailabilityZone: subnet.zone,
      AvailabilityZoneId: subnet.zoneId,
      CidrBlock: subnet.cidr,
      AvailableIpAddressCount: subnet.addresses.available(),
      DefaultForAz: true,
      MapPublicIpOnLaunch: false,
      State: "available",
      OwnerId: account,
      Tags: tagList(tags.of(subnet.id)),
    };
  }

  /** The rules of a default group: everything from the group itself, everything out. */
  function describeSecurityGroup(): ec2.SecurityGroup {
    return {
      GroupId: securityGroup.id,
      GroupName: securityGroup.name,
      Description: "default VPC security group",
      VpcId: vpc.id,
      OwnerId: account,
      IpPermissions: [
        { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: securityGroup.id, UserId: account }], IpRanges: [] },
      ],
      IpPermissionsEgress: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
      Tags: tagList(tags.of(securityGroup.id)),
    };
  }

  function describeImage(): ec2.Image {
    return {
      ImageId: image.id,
      Name: image.name,
      OwnerId: account,
      ImageLocation: `${account}/${image.name}`,
      State: "available",
      Architecture: "x86_64",
      ImageType: "machine",
      PlatformDetails: "Linux/UNIX",
      VirtualizationType: "hvm",
      RootDeviceType: "ebs",
      RootDeviceName: ROOT_DEVICE,
      Public: false,
      CreationDate: new Date(image.createdAt).toISOString(),
      Tags: tagList(tags.of(image.id)),
    };
  }

  function describeZone(subnet: Subnet): ec2.AvailabilityZone {
    return {
      ZoneName: subnet.zone,
      ZoneId: subnet.zoneId,
      RegionName: region,
      GroupName: region,
      NetworkBorderGroup: region,
      ZoneType: "availability-zone",
      State: "available",
      OptInStatus: "opt-in-not-required",
    };
  }
}

export function requireKnownImage(network: Network, imageId: string): void {
  if (imageId !== network.image.id) {
    throw new AwsError("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
  }
}

export function requireKnownSecurityGroups(network: Network, groupIds: readonly string[] | undefined): void {
  requireKnown(groupIds, [network.securityGroup.id], (id) => [
    "InvalidGroup.NotFound",
    `The security group '${id}' does not exist`,
  ]);
}

function requireKnown(
  asked: readonly string[] | undefined,
  known: readonly string[],
  error: (id: string) => readonly [code: string, message: string],
): void {
  const missing = asked?.find((id) => !known.includes(id));
  if (missing !== undefined) throw new AwsError(...error(missing));
}

const VPC_FILTERS: Filterable<Network["vpc"]> = {
  "vpc-id": (vpc) => [vpc.id],
  "is-default": () => ["true"],
  isDefault: () => ["true"],
  cidr: (vpc) => [vpc.cidr],
  state: () => ["available"],
};

const subnetFilters = (vpcId: string): Filterable<Subnet> => ({
  "subnet-id": (subnet) => [subnet.id],
  "vpc-id": () => [vpcId],
  "availability-zone": (subnet) => [subnet.zone],
  availabilityZone: (subnet) => [subnet.zone],
  "default-for-az": () => ["true"],
  defaultForAz: () => ["true"],
  state: () => ["available"],
});

const securityGroupFilters = (vpcId: string): Filterable<Network["securityGroup"]> => ({
  "group-id": (group) => [group.id],
  "group-name": (group) => [group.name],
  "vpc-id": () => [vpcId],
});

const IMAGE_FILTERS: Filterable<Network["image"]> = {
  "image-id": (image) => [image.id],
  name: (image) => [image.name],
  state: () => ["available"],
  architecture: () => ["x86_64"],
};

const zoneFilters = (region: string): Filterable<Subnet> => ({
  "zone-name": (subnet) => [subnet.zone],
  "zone-id": (subnet) => [subnet.zoneId],
  "zone-type": () => ["availability-zone"],
  "region-name": () => [region],
  state: () => ["available"],
  "opt-in-status": () => ["opt-in-not-required"],
});
