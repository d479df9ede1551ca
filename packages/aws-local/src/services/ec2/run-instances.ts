/** RunInstances: from a launch template, from the request, or from both, where the request wins member by member. */
import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error.ts";
import type { LaunchRequest, Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { describeReservation } from "./describe-instances.ts";
import { invalidParameterValue } from "./errors.ts";
import type { InstanceRecord, Launch } from "./instance-record.ts";
import type { InstanceStore } from "./instances.ts";
import {
  isSpot,
  type LaunchData,
  launchDataOf,
  profileNameIn,
  requireImage,
  requireType,
  settingsOf,
  subnetIn,
} from "./launch-data.ts";
import type { LaunchTemplateStore } from "./launch-templates.ts";
import { templateTags } from "./neighbours.ts";
import type { Network, Subnet } from "./network.ts";
import { requireKnownImage, requireKnownSecurityGroups } from "./network-operations.ts";
import { tagsSpecified } from "./tags.ts";
import type { Volumes } from "./volumes.ts";

interface Parts {
  readonly surroundings: Surroundings;
  readonly store: InstanceStore;
  readonly templates: LaunchTemplateStore;
  readonly network: Network;
  readonly volumes: Volumes;
  readonly roleOfProfile: (profileName: string) => string | undefined;
}

type Input = Validated<ec2.RunInstancesCommandInput>;

/** What RunInstances has beyond the data of a launch. */
const OWN_MEMBERS = ["MinCount", "MaxCount", "SubnetId", "LaunchTemplate", "ClientToken", "DryRun"];
export function runInstancesOperation(parts: Parts): Pick<Operations<typeof ec2>, "RunInstances"> {
  const { surroundings, store, network, templates, roleOfProfile } = parts;
  const { random } = surroundings;
  /** A repeated token gives the same instances again (EC2 API Reference, "Ensuring idempotency"). */
  const byToken = new Map<string, { readonly input: string; readonly records: readonly InstanceRecord[] }>();

  return {
    RunInstances(input) {
      const repeated = input.ClientToken === undefined ? undefined : byToken.get(input.ClientToken);
      if (repeated !== undefined) {
        if (repeated.input !== JSON.stringify(input)) throw idempotentParameterMismatch();
        return describeReservation(parts, repeated.records);
      }
      const records = launchMany(input, launchOf(input));
      if (input.ClientToken !== undefined) {
        byToken.set(input.ClientToken, { input: JSON.stringify(input), records });
      }
      return describeReservation(parts, records);
    },
  };

  /** As many as there is room for, from `MinCount` to `MaxCount`, or none at all. */
  function launchMany(input: Input, launch: Omit<Launch, "reservation">): readonly InstanceRecord[] {
    const count = countOf(input, launch.request.subnetId);
    const id = `r-${random.hex(17)}`;
    return Array.from({ length: count }, (_, launchIndex) =>
      store.launch({ ...launch, reservation: { id, clientToken: input.ClientToken, launchIndex } }),
    );
  }

  function countOf({ MinCount: least, MaxCount: most }: Input, subnetId: string): number {
    if (least < 1) throw invalidParameterValue(`Value (${least}) for parameter minCount is invalid.`);
    if (most < least) {
      throw invalidParameterValue(
        `Value (${least}) for parameter minCount is invalid. minCount may not exceed maxCount.`,
      );
    }
    const { addresses } = network.subnet(subnetId);
    addresses.require(least);
    return Math.min(most, addresses.available());
  }

  function launchOf(input: Input): Omit<Launch, "reservation"> {
    const { template, data } = dataFor(input);
    const subnet = subnetFor(input, data);
    const imageId = requireImage(data);
    requireKnownImage(network, imageId);
    const settings = settingsOf(data);
    requireKnownSecurityGroups(network, settings.securityGroupIds);
    const profileName = profileNameIn(data);
    const request: LaunchRequest = {
      launchTemplate: template,
      imageId,
      instanceType: requireType(data),
      availabilityZone: subnet.zone,
      subnetId: subnet.id,
      tags: { ...tagsSpecified(data.TagSpecifications, "instance"), ...templateTags(template) },
      userData: data.UserData,
      roleName: profileName === undefined ? undefined : roleOfProfile(profileName),
      spot: isSpot(data),
    };
    return { request, settings };
  }

  function dataFor(input: Input): { template: LaunchRequest["launchTemplate"]; data: LaunchData } {
    const { LaunchTemplate } = input;
    const own = launchDataOf(input, "RunInstances", OWN_MEMBERS);
    if (LaunchTemplate === undefined) return { template: undefined, data: own };
    const template = templates.find(LaunchTemplate);
    const { number, data } = templates.version(template, LaunchTemplate.Version);
    return { template: { id: template.id, version: String(number) }, data: { ...data, ...own } };
  }

  /** The subnet named, else the one of the zone named, else the first zone's. */
  function subnetFor(input: Input, data: LaunchData): Subnet {
    const named = input.SubnetId ?? subnetIn(data);
    if (named !== undefined) return network.subnet(named);
    const zone = data.Placement?.AvailabilityZone ?? network.subnets[0]?.zone;
    const subnet = network.subnets.find((candidate) => candidate.zone === zone);
    if (subnet === undefined) throw invalidParameterValue(`Invalid availability zone: [${zone}]`);
    return subnet;
  }
}

const idempotentParameterMismatch = (): AwsError =>
  new AwsError("IdempotentParameterMismatch", "The client token is already used with a different set of parameters.");
