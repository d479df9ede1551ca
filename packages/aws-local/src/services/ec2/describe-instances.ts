/** DescribeInstances: which instances, in what order, and how each is shown. */
import type * as ec2 from "@aws-sdk/client-ec2";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalidParameterCombination } from "./errors.ts";
import { type Filterable, matcherOf } from "./filters.ts";
import { recordsOf } from "./instance-operations.ts";
import { type InstanceRecord, stateOf } from "./instance-record.ts";
import type { InstanceStore } from "./instances.ts";
import type { Network } from "./network.ts";
import { pageOf } from "./paging.ts";
import { tagList } from "./tags.ts";
import { ROOT_DEVICE, type Volumes } from "./volumes.ts";

interface Parts {
  readonly surroundings: Surroundings;
  readonly store: InstanceStore;
  readonly network: Network;
  readonly volumes: Volumes;
}

export function describeInstancesOperations(parts: Parts): Pick<Operations<typeof ec2>, "DescribeInstances"> {
  const { store, network } = parts;
  const filters = instanceFilters(network);

  return {
    DescribeInstances(input) {
      if (input.InstanceIds !== undefined && input.MaxResults !== undefined) {
        throw invalidParameterCombination("The parameter instancesSet cannot be used with the parameter maxResults");
      }
      const matches = matcherOf(input.Filters, filters, (record) => record.instance.tags);
      const asked = input.InstanceIds === undefined ? [...store.all()] : recordsOf(store, input.InstanceIds);
      const { items, ...rest } = pageOf(asked.filter(matches), (record) => record.order, input);
      return { Reservations: reservationsOf(parts, items), ...rest };
    },
  };
}

function reservationsOf(parts: Parts, records: readonly InstanceRecord[]): ec2.Reservation[] {
  const byReservation = Map.groupBy(records, (record) => record.reservation.id);
  return [...byReservation.values()].map((together) => describeReservation(parts, together));
}

/** `records` were launched by one call. */
export function describeReservation(parts: Parts, records: readonly InstanceRecord[]): ec2.Reservation {
  return {
    ReservationId: records[0]?.reservation.id,
    OwnerId: parts.surroundings.account,
    Groups: [],
    Instances: records.map((record) => describeInstance(parts, record)),
  };
}

function describeInstance(parts: Parts, record: InstanceRecord): ec2.Instance {
  const { instance, settings, reservation, transition } = record;
  const { surroundings } = parts;
  return {
    InstanceId: instance.instanceId,
    ImageId: instance.imageId,
    InstanceType: instanceType(instance.instanceType),
    State: stateOf(instance.state),
    StateTransitionReason: transition?.text ?? "",
    ...(transition === undefined ? {} : { StateReason: { Code: transition.code, Message: transition.message } }),
    LaunchTime: new Date(instance.launchedAt),
    AmiLaunchIndex: reservation.launchIndex,
    ...(reservation.clientToken === undefined ? {} : { ClientToken: reservation.clientToken }),
    Placement: { AvailabilityZone: instance.availabilityZone, GroupName: "", Tenancy: "default" },
    Monitoring: { State: settings.detailedMonitoring ? "enabled" : "disabled" },
    ...(settings.keyName === undefined ? {} : { KeyName: settings.keyName }),
    ...(instance.spot ? { InstanceLifecycle: "spot" } : {}),
    ...profileOf(surroundings, record),
    Architecture: "x86_64",
    VirtualizationType: "hvm",
    RootDeviceType: "ebs",
    RootDeviceName: ROOT_DEVICE,
    EbsOptimized: settings.ebsOptimized,
    PlatformDetails: "Linux/UNIX",
    Tags: tagList(instance.tags),
    ...(instance.state === "terminated" ? {} : presence(parts, record)),
  };
}

/** What an instance gives up when it ends: addresses, network, disk. */
function presence({ network, volumes, surroundings }: Parts, record: InstanceRecord): Partial<ec2.Instance> {
  const { instance, settings } = record;
  const volume = volumes.find(record.rootVolumeId);
  return {
    PrivateIpAddress: instance.privateIp,
    PrivateDnsName: privateDnsName(instance.privateIp, surroundings.region),
    PublicDnsName: "",
    SubnetId: instance.subnetId,
    VpcId: network.vpc.id,
    SecurityGroups: securityGroupsOf(network, record).map((GroupId) => ({
      GroupId,
      GroupName: network.securityGroup.name,
    })),
    MetadataOptions: {
      State: "applied",
      HttpTokens: settings.metadataOptions.HttpTokens ?? "optional",
      HttpPutResponseHopLimit: settings.metadataOptions.HttpPutResponseHopLimit ?? 1,
      HttpEndpoint: settings.metadataOptions.HttpEndpoint ?? "enabled",
      HttpProtocolIpv6: settings.metadataOptions.HttpProtocolIpv6 ?? "disabled",
      InstanceMetadataTags: settings.metadataOptions.InstanceMetadataTags ?? "disabled",
    },
    BlockDeviceMappings:
      volume === undefined
        ? []
        : [
            {
              DeviceName: ROOT_DEVICE,
              Ebs: {
                VolumeId: volume.id,
                Status: "attached",
                AttachTime: new Date(volume.createdAt),
                DeleteOnTermination: volume.deleteOnTermination,
              },
            },
          ],
  };
}

const securityGroupsOf = (network: Network, { settings }: InstanceRecord): readonly string[] =>
  settings.securityGroupIds ?? [network.securityGroup.id];

function profileOf({ account }: Surroundings, { settings, instance }: InstanceRecord): Partial<ec2.Instance> {
  const name = settings.profileName ?? instance.roleName;
  if (name === undefined) return {};
  return { IamInstanceProfile: { Arn: `arn:aws:iam::${account}:instance-profile/${name}`, Id: profileId(name) } };
}

/** Stands for the id that IAM gives a profile; the same for the same name. */
const profileId = (name: string): string =>
  `AIPA${Buffer.from(name).toString("hex").toUpperCase().padEnd(17, "0").slice(0, 17)}`;

/** The region of the first AWS region is left out of names there. */
const privateDnsName = (ip: string, region: string): string =>
  `ip-${ip.replaceAll(".", "-")}.${region === "us-east-1" ? "ec2" : `${region}.compute`}.internal`;

/** The SDK lists the types it knew when it was made; any other text is as good here. */
const instanceType = (text: string): ec2._InstanceType => text as ec2._InstanceType;

const instanceFilters = (network: Network): Filterable<InstanceRecord> => ({
  "instance-id": ({ instance }) => [instance.instanceId],
  "instance-state-name": ({ instance }) => [instance.state],
  "instance-state-code": ({ instance }) => [String(stateOf(instance.state).Code)],
  "instance-type": ({ instance }) => [instance.instanceType],
  "instance-lifecycle": ({ instance }) => [instance.spot ? "spot" : undefined],
  "image-id": ({ instance }) => [instance.imageId],
  "private-ip-address": ({ instance }) => [instance.state === "terminated" ? undefined : instance.privateIp],
  "availability-zone": ({ instance }) => [instance.availabilityZone],
  "subnet-id": ({ instance }) => [instance.state === "terminated" ? undefined : instance.subnetId],
  "vpc-id": ({ instance }) => [instance.state === "terminated" ? undefined : network.vpc.id],
  "instance.group-id": (record) => securityGroupsOf(network, record),
  "reservation-id": ({ reservation }) => [reservation.id],
  "client-token": ({ reservation }) => [reservation.clientToken],
});
