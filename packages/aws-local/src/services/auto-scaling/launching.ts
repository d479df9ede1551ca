/**
 * What a group launches: its launch template in one version, the instance types of a mixed instances policy, and the
 * tags that instances get.
 */
import type { MixedInstancesPolicy } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { LaunchRequest, LaunchTemplates, ResolvedLaunchTemplate } from "../../region.ts";
import type { Group, LaunchSource, Placement, TemplateSpecification } from "./groups.ts";

export interface Launching {
  /** Checks that the template exists, and fills in its id or name. */
  source(given: LaunchGiven): LaunchSource;
  resolve(template: TemplateSpecification): ResolvedLaunchTemplate;
  /** Undefined where the template or the version was deleted. */
  find(template: TemplateSpecification): ResolvedLaunchTemplate | undefined;
  /** One request for each instance type, in the order to try them. */
  requests(
    group: Group,
    template: ResolvedLaunchTemplate,
    launch: LaunchSource,
    where: { readonly placement: Placement; readonly spot: boolean },
  ): LaunchRequest[];
}

/** As CreateAutoScalingGroup, UpdateAutoScalingGroup and StartInstanceRefresh have it. */
export interface LaunchGiven {
  readonly LaunchTemplate?: SpecificationGiven | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
}

interface SpecificationGiven {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
  readonly Version?: string | undefined;
}

export function createLaunching(launchTemplates: LaunchTemplates): Launching {
  function source(given: LaunchGiven): LaunchSource {
    if (given.MixedInstancesPolicy !== undefined) return mixed(given.MixedInstancesPolicy);
    if (given.LaunchTemplate !== undefined) return { kind: "template", template: specification(given.LaunchTemplate) };
    throw new AwsError(
      "ValidationError",
      "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
    );
  }

  function specification(given: SpecificationGiven): TemplateSpecification {
    if ((given.LaunchTemplateId === undefined) === (given.LaunchTemplateName === undefined)) {
      throw new AwsError(
        "ValidationError",
        "Valid requests must contain either launchTemplateId or LaunchTemplateName",
      );
    }
    const { id, name } = existing({
      id: given.LaunchTemplateId ?? "",
      name: given.LaunchTemplateName ?? "",
      version: given.Version,
    });
    return { id, name, version: given.Version };
  }

  /** EC2's refusal, as Auto Scaling passes it on. */
  function existing(template: TemplateSpecification): ResolvedLaunchTemplate {
    try {
      return resolve(template);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError("ValidationError", `You must use a valid fully-formed launch template. ${error.message}`);
    }
  }

  function resolve({ id, name, version }: TemplateSpecification): ResolvedLaunchTemplate {
    return launchTemplates.resolve({
      id: id === "" ? undefined : id,
      name: id === "" ? name : undefined,
      version,
    });
  }

  function find(template: TemplateSpecification): ResolvedLaunchTemplate | undefined {
    try {
      return resolve(template);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return undefined;
    }
  }

  function mixed(policy: MixedInstancesPolicy): LaunchSource {
    const template = policy.LaunchTemplate?.LaunchTemplateSpecification;
    if (template === undefined) {
      throw new AwsError("ValidationError", "MixedInstancesPolicy must contain a launch template specification.");
    }
    const overrides = policy.LaunchTemplate?.Overrides ?? [];
    for (const override of overrides) {
      const { InstanceType: _modelled, ...others } = override;
      const other = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
      if (other !== undefined) throw notModelled(`${other} in the overrides of a mixed instances policy`);
    }
    const distribution = policy.InstancesDistribution ?? {};
    if (distribution.DistributionSegments !== undefined) throw notModelled("DistributionSegments");
    return {
      kind: "mixed",
      template: specification(template),
      instanceTypes: overrides.flatMap(({ InstanceType }) => (InstanceType === undefined ? [] : [InstanceType])),
      onDemandBase: distribution.OnDemandBaseCapacity ?? 0,
      onDemandPercentage: distribution.OnDemandPercentageAboveBaseCapacity ?? 100,
      policy,
    };
  }

  function requests(
    group: Group,
    template: ResolvedLaunchTemplate,
    launch: LaunchSource,
    where: { readonly placement: Placement; readonly spot: boolean },
  ): LaunchRequest[] {
    const types = launch.kind === "mixed" && launch.instanceTypes.length > 0 ? launch.instanceTypes : undefined;
    return (types ?? [template.instanceType]).map((instanceType) => ({
      launchTemplate: { id: template.id, version: template.version },
      imageId: template.imageId,
      instanceType,
      availabilityZone: where.placement.availabilityZone,
      subnetId: where.placement.subnetId,
      tags: instanceTags(group, template),
      userData: template.userData,
      roleName: template.roleName,
      spot: where.spot,
    }));
  }

  return { source, resolve, find, requests };
}

/** Tags of the template, then of the group, then the ones that AWS sets itself. */
function instanceTags(group: Group, template: ResolvedLaunchTemplate): Record<string, string> {
  const tags: Record<string, string> = { ...template.tags };
  for (const tag of group.tags.values()) if (tag.propagateAtLaunch) tags[tag.key] = tag.value;
  tags["aws:autoscaling:groupName"] = group.name;
  tags["aws:ec2launchtemplate:id"] = template.id;
  tags["aws:ec2launchtemplate:version"] = template.version;
  return tags;
}

export function notModelled(what: string): AwsError {
  return new AwsError("NotImplemented", `${what} is not modelled here`, 501);
}
