/**
 * What a launch asks for. RunInstances and launch templates share these members; what the embedded EC2 does not give
 * effect to is refused, so that nobody believes it was done.
 */
import type * as ec2 from "@aws-sdk/client-ec2";
import { invalidParameterValue, missingParameter, notModelled } from "./errors.ts";

const MODELLED = [
  "ImageId",
  "InstanceType",
  "KeyName",
  "UserData",
  "IamInstanceProfile",
  "SecurityGroupIds",
  "NetworkInterfaces",
  "Placement",
  "TagSpecifications",
  "InstanceMarketOptions",
  "MetadataOptions",
  "Monitoring",
  "EbsOptimized",
  "BlockDeviceMappings",
  "CreditSpecification",
  "DisableApiTermination",
  "InstanceInitiatedShutdownBehavior",
] as const satisfies readonly (keyof ec2.RequestLaunchTemplateData)[];

export type LaunchData = Pick<ec2.RequestLaunchTemplateData, (typeof MODELLED)[number]>;

/** What an instance has beyond what the neighbours of EC2 know of it. */
export interface LaunchSettings {
  readonly keyName: string | undefined;
  readonly profileName: string | undefined;
  readonly securityGroupIds: readonly string[] | undefined;
  readonly metadataOptions: NonNullable<ec2.RequestLaunchTemplateData["MetadataOptions"]>;
  readonly detailedMonitoring: boolean;
  readonly ebsOptimized: boolean;
  readonly disableApiTermination: boolean;
  readonly rootVolume: NonNullable<ec2.LaunchTemplateBlockDeviceMappingRequest["Ebs"]>;
  readonly volumeTags: readonly ec2.LaunchTemplateTagSpecificationRequest[];
}

/** Picks the modelled members; throws for any other that is set. `also` names members the caller itself deals with. */
export function launchDataOf(
  input: ec2.RequestLaunchTemplateData,
  where: string,
  also: readonly string[] = [],
): LaunchData {
  const known: readonly string[] = [...MODELLED, ...also];
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && !known.includes(name)) throw notModelled(`${where}'s ${name}`);
  }
  // A copy: callers in the same process keep their input and may go on changing it.
  const data: LaunchData = structuredClone(
    Object.fromEntries(Object.entries(input).filter(([name, value]) => value !== undefined && !also.includes(name))),
  );
  refuseUnmodelledDetails(data);
  return data;
}

function refuseUnmodelledDetails(data: LaunchData): void {
  if (data.ImageId?.startsWith("resolve:ssm:")) throw notModelled("An image named by a Systems Manager parameter");
  if ((data.NetworkInterfaces ?? []).length > 1) throw notModelled("More than one network interface");
  if (data.NetworkInterfaces?.[0]?.AssociatePublicIpAddress === true) throw notModelled("A public IP address");
  if (data.Placement?.Tenancy !== undefined && data.Placement.Tenancy !== "default") {
    throw notModelled("Dedicated tenancy");
  }
  if (data.InstanceMarketOptions?.SpotOptions?.SpotInstanceType === "persistent") {
    throw notModelled("A persistent Spot request");
  }
  if ((data.BlockDeviceMappings ?? []).length > 1) throw notModelled("More than the root volume");
}

export function requireImage(data: LaunchData): string {
  if (data.ImageId === undefined) throw missingParameter("ImageId");
  return data.ImageId;
}

/** EC2 launches an m1.small when nobody names a type; nobody means that today, so say what is missing. */
export function requireType(data: LaunchData): string {
  if (data.InstanceType === undefined) throw missingParameter("InstanceType");
  return data.InstanceType;
}

export const isSpot = (data: LaunchData): boolean => data.InstanceMarketOptions?.MarketType === "spot";

/** The subnet that the data itself names, in the interface or nowhere. */
export const subnetIn = (data: LaunchData): string | undefined => data.NetworkInterfaces?.[0]?.SubnetId;

export function profileNameIn(data: LaunchData): string | undefined {
  const profile = data.IamInstanceProfile;
  if (profile?.Arn === undefined) return profile?.Name;
  const name = /^arn:[^:]*:iam::\d*:instance-profile\/(?:.*\/)?([^/]+)$/.exec(profile.Arn)?.[1];
  if (name === undefined) {
    throw invalidParameterValue(`Value (${profile.Arn}) for parameter iamInstanceProfile.arn is invalid.`);
  }
  return name;
}

export function settingsOf(data: LaunchData): LaunchSettings {
  return {
    keyName: data.KeyName,
    profileName: profileNameIn(data),
    securityGroupIds: data.SecurityGroupIds ?? data.NetworkInterfaces?.[0]?.Groups,
    metadataOptions: data.MetadataOptions ?? {},
    detailedMonitoring: data.Monitoring?.Enabled ?? false,
    ebsOptimized: data.EbsOptimized ?? false,
    disableApiTermination: data.DisableApiTermination ?? false,
    rootVolume: data.BlockDeviceMappings?.[0]?.Ebs ?? {},
    volumeTags: data.TagSpecifications ?? [],
  };
}
