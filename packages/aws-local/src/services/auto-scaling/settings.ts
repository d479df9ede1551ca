/** From the input of CreateAutoScalingGroup and UpdateAutoScalingGroup to a group's settings, with AWS's checks. */
import type {
  CreateAutoScalingGroupCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { Subnets, Surroundings } from "../../region.ts";
import type { Validated } from "../../service.ts";
import type { GroupSettings, Placement } from "./groups.ts";
import { type Launching, notModelled } from "./launching.ts";
import { checkHealthyPercentages } from "./refresh-preferences.ts";
import { TERMINATION_POLICIES } from "./termination-policy.ts";

type CreateInput = Validated<CreateAutoScalingGroupCommandInput>;
type UpdateInput = Validated<UpdateAutoScalingGroupCommandInput>;

export interface SettingsReader {
  create(input: CreateInput): GroupSettings;
  update(before: GroupSettings, input: UpdateInput): GroupSettings;
}

type Sizes = Pick<GroupSettings, "minSize" | "maxSize" | "desiredCapacity">;

const ONE_DAY = 86_400;

export function createSettingsReader(
  surroundings: Surroundings,
  launching: Launching,
  subnets: Subnets,
): SettingsReader {
  function create(input: CreateInput): GroupSettings {
    refuseUnmodelled(input);
    if (input.InstanceId !== undefined) throw notModelled("InstanceId");
    if ((input.LoadBalancerNames ?? []).length > 0) throw notModelled("LoadBalancerNames (Classic Load Balancers)");
    const sizes = {
      minSize: input.MinSize,
      maxSize: input.MaxSize,
      desiredCapacity: input.DesiredCapacity ?? input.MinSize,
    };
    const settings: GroupSettings = {
      ...sizes,
      defaultCooldown: 300,
      launch: launching.source(input),
      placements: placements(input.VPCZoneIdentifier, input.AvailabilityZones),
      vpcZoneIdentifier: input.VPCZoneIdentifier,
      healthCheckType: "EC2",
      healthCheckGracePeriod: 0,
      terminationPolicies: ["Default"],
      newInstancesProtectedFromScaleIn: false,
      capacityRebalance: false,
      maxInstanceLifetime: undefined,
      defaultInstanceWarmup: undefined,
      maintenance: undefined,
      retainOnTerminateHookAbandon: undefined,
      deletionProtection: "none",
      context: undefined,
      serviceLinkedRoleArn: `arn:aws:iam::${surroundings.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    };
    return checked({ ...settings, ...common(settings, input) });
  }

  function update(before: GroupSettings, input: UpdateInput): GroupSettings {
    refuseUnmodelled(input);
    const relaunch = input.LaunchTemplate !== undefined || input.MixedInstancesPolicy !== undefined;
    const moved = input.VPCZoneIdentifier !== undefined || input.AvailabilityZones !== undefined;
    return checked({
      ...before,
      ...updatedSizes(before, input),
      launch: relaunch ? launching.source(input) : before.launch,
      placements: moved ? placements(input.VPCZoneIdentifier, input.AvailabilityZones) : before.placements,
      vpcZoneIdentifier: moved ? input.VPCZoneIdentifier : before.vpcZoneIdentifier,
      ...common(before, input),
    });
  }

  /** The subnets, or the default subnet of each zone. */
  function placements(identifiers: string | undefined, zones: readonly string[] | undefined): Placement[] {
    const subnetIds = (identifiers ?? "").split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()]));
    if (subnetIds.length > 0) {
      const found = subnetIds.map((subnetId) => {
        const availabilityZone = subnets.availabilityZone(subnetId);
        if (availabilityZone !== undefined) return { subnetId, availabilityZone };
        throw invalid(`The subnet ID '${subnetId}' does not exist`);
      });
      const stray = (zones ?? []).find((zone) => !found.some(({ availabilityZone }) => availabilityZone === zone));
      if (stray === undefined) return found;
      throw invalid("The availability zones of the specified subnets and the AutoScalingGroup do not match");
    }
    const defaults = (zones ?? []).map((availabilityZone) => {
      const subnetId = subnets.defaultSubnet(availabilityZone);
      if (subnetId !== undefined) return { subnetId, availabilityZone };
      throw invalid(`No default subnet for availability zone: '${availabilityZone}'.`);
    });
    if (defaults.length > 0) return defaults;
    throw invalid("At least one Availability Zone or VPC Subnet is required.");
  }

  return { create, update };
}

/** What both operations set alike; a member that is left out keeps its value, -1 takes it away. */
function common(before: GroupSettings, input: CreateInput | UpdateInput): Partial<GroupSettings> {
  const warmup = input.DefaultInstanceWarmup ?? before.defaultInstanceWarmup;
  return {
    defaultCooldown: input.DefaultCooldown ?? before.defaultCooldown,
    healthCheckType: healthCheckType(input.HealthCheckType) ?? before.healthCheckType,
    healthCheckGracePeriod: input.HealthCheckGracePeriod ?? before.healthCheckGracePeriod,
    terminationPolicies: terminationPolicies(input.TerminationPolicies) ?? before.terminationPolicies,
    newInstancesProtectedFromScaleIn: input.NewInstancesProtectedFromScaleIn ?? before.newInstancesProtectedFromScaleIn,
    capacityRebalance: input.CapacityRebalance ?? before.capacityRebalance,
    maxInstanceLifetime: input.MaxInstanceLifetime ?? before.maxInstanceLifetime,
    defaultInstanceWarmup: warmup === -1 ? undefined : warmup,
    maintenance: maintenance(before, input),
    retainOnTerminateHookAbandon: retains(input) ?? before.retainOnTerminateHookAbandon,
    deletionProtection: input.DeletionProtection ?? before.deletionProtection,
    context: input.Context ?? before.context,
    serviceLinkedRoleArn: input.ServiceLinkedRoleARN ?? before.serviceLinkedRoleArn,
  };
}

/** A new minimum above the desired capacity raises it, a new maximum below it lowers it. */
export function updatedSizes(
  before: GroupSettings,
  input: { MinSize?: number | undefined; MaxSize?: number | undefined; DesiredCapacity?: number | undefined },
): Sizes {
  const minSize = input.MinSize ?? before.minSize;
  const maxSize = input.MaxSize ?? before.maxSize;
  const kept = Math.min(maxSize, Math.max(minSize, before.desiredCapacity));
  return { minSize, maxSize, desiredCapacity: input.DesiredCapacity ?? kept };
}

function healthCheckType(given: string | undefined): string | undefined {
  for (const type of (given ?? "EC2").split(",")) {
    if (type === "EBS" || type === "VPC_LATTICE") throw notModelled(`HealthCheckType ${type}`);
    if (type !== "EC2" && type !== "ELB") throw invalid(`Invalid health check type: ${type}`);
  }
  return given;
}

function terminationPolicies(given: readonly string[] | undefined): readonly string[] | undefined {
  for (const policy of given ?? []) {
    if (policy.startsWith("arn:")) throw notModelled("A custom termination policy (Lambda function)");
    if (!TERMINATION_POLICIES.some((known) => known === policy)) throw invalid(`Invalid termination policy: ${policy}`);
  }
  return given;
}

function maintenance(before: GroupSettings, input: CreateInput | UpdateInput): GroupSettings["maintenance"] {
  const { MinHealthyPercentage: min, MaxHealthyPercentage: max } = input.InstanceMaintenancePolicy ?? {};
  if (min === undefined && max === undefined) return before.maintenance;
  if (min === undefined || max === undefined) {
    throw invalid("Both MinHealthyPercentage and MaxHealthyPercentage must be specified.");
  }
  if (min === -1 && max === -1) return undefined;
  checkHealthyPercentages(min, max);
  return { min, max };
}

function retains(input: CreateInput | UpdateInput): boolean | undefined {
  const action = input.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon;
  return action === undefined ? undefined : action === "retain";
}

function checked(settings: GroupSettings): GroupSettings {
  const { maxInstanceLifetime } = settings;
  checkSizes(settings);
  if (maxInstanceLifetime !== undefined && maxInstanceLifetime !== 0 && maxInstanceLifetime < ONE_DAY) {
    throw invalid("MaxInstanceLifetime must be 0 or at least 86400 seconds");
  }
  return settings;
}

export function checkSizes({ minSize, maxSize, desiredCapacity }: Sizes): void {
  if (minSize < 0 || maxSize < 0) throw invalid("Group sizes must not be negative");
  if (minSize > maxSize) throw invalid(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  if (desiredCapacity < minSize || desiredCapacity > maxSize) {
    throw invalid(
      `Desired capacity:${desiredCapacity} must be between the specified min size:${minSize} and max size:${maxSize}`,
    );
  }
}

/** Members that would change what the group does. */
function refuseUnmodelled(input: CreateInput | UpdateInput): void {
  if (input.LaunchConfigurationName !== undefined) throw notModelled("LaunchConfigurationName");
  if ((input.AvailabilityZoneIds ?? []).length > 0) throw notModelled("AvailabilityZoneIds");
  if (input.PlacementGroup !== undefined) throw notModelled("PlacementGroup");
  if ((input.DesiredCapacityType ?? "units") !== "units") throw notModelled("DesiredCapacityType");
  if (input.AvailabilityZoneImpairmentPolicy?.ZonalShiftEnabled === true) throw notModelled("Zonal shift");
  const strategy = input.AvailabilityZoneDistribution?.CapacityDistributionStrategy ?? "balanced-best-effort";
  if (strategy !== "balanced-best-effort") throw notModelled(`CapacityDistributionStrategy ${strategy}`);
  const preference = input.CapacityReservationSpecification?.CapacityReservationPreference ?? "default";
  if (preference !== "default") throw notModelled(`CapacityReservationPreference ${preference}`);
}

const invalid = (message: string): AwsError => new AwsError("ValidationError", message);
