/**
 * Scaling policies: simple and step scaling, cooldowns and warm-ups. Target tracking and predictive scaling need
 * alarms and forecasts that are not modelled here, so they are refused.
 */
import type { StepAdjustment } from "@aws-sdk/client-auto-scaling";
import { ScalingActivityInProgressFault } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { AlarmActions, Surroundings } from "../../region.ts";
import { secondsText } from "./activities.ts";
import { type Group, type Groups, isSuspended } from "./groups.ts";
import { notModelled } from "./launching.ts";
import { countsAsCapacity } from "./lifecycle.ts";

export const ADJUSTMENT_TYPES = ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"] as const;
export type AdjustmentType = (typeof ADJUSTMENT_TYPES)[number];

interface PolicyBase {
  readonly name: string;
  readonly arn: string;
  readonly adjustmentType: AdjustmentType;
  readonly minAdjustmentMagnitude: number | undefined;
  readonly enabled: boolean;
}

export type ScalingPolicy = PolicyBase &
  (
    | { readonly type: "SimpleScaling"; readonly adjustment: number; readonly cooldown: number | undefined }
    | {
        readonly type: "StepScaling";
        readonly steps: readonly StepAdjustment[];
        readonly metricAggregationType: string;
        readonly estimatedInstanceWarmup: number | undefined;
      }
  );

export interface PolicyRequest {
  readonly PolicyName: string;
  readonly PolicyType?: string | undefined;
  readonly AdjustmentType?: string | undefined;
  readonly MinAdjustmentMagnitude?: number | undefined;
  readonly ScalingAdjustment?: number | undefined;
  readonly Cooldown?: number | undefined;
  readonly StepAdjustments?: readonly StepAdjustment[] | undefined;
  readonly MetricAggregationType?: string | undefined;
  readonly EstimatedInstanceWarmup?: number | undefined;
  readonly Enabled?: boolean | undefined;
}

export interface Policies extends AlarmActions {
  put(group: Group, request: PolicyRequest): ScalingPolicy;
  /** ExecutePolicy, by name or ARN. */
  execute(group: Group | undefined, name: string, how: ExecuteHow): void;
  find(group: Group | undefined, name: string): { group: Group; policy: ScalingPolicy };
}

export interface ExecuteHow {
  readonly honorCooldown: boolean;
  readonly metricValue: number | undefined;
  readonly breachThreshold: number | undefined;
}

export function createPolicies(
  surroundings: Surroundings,
  groups: Groups,
  setDesiredCapacity: (group: Group, desiredCapacity: number, cause: string) => void,
): Policies {
  const { clock, random, region, account } = surroundings;

  function put(group: Group, request: PolicyRequest): ScalingPolicy {
    const before = group.policies.get(request.PolicyName);
    const type = request.PolicyType ?? "SimpleScaling";
    if (type !== "SimpleScaling" && type !== "StepScaling") throw notModelled(`PolicyType ${type}`);
    const base: PolicyBase = {
      name: request.PolicyName,
      arn:
        before?.arn ??
        `arn:aws:autoscaling:${region}:${account}:scalingPolicy:${random.uuid()}:autoScalingGroupName/${group.name}:policyName/${request.PolicyName}`,
      adjustmentType: knownAdjustment(request.AdjustmentType),
      minAdjustmentMagnitude: request.MinAdjustmentMagnitude,
      enabled: request.Enabled ?? true,
    };
    const policy = type === "StepScaling" ? step(base, request) : simple(base, request);
    group.policies.set(policy.name, policy);
    return policy;
  }

  function simple(base: PolicyBase, request: PolicyRequest): ScalingPolicy {
    if (request.ScalingAdjustment === undefined)
      throw invalid("ScalingAdjustment is required for SimpleScaling policies");
    return { ...base, type: "SimpleScaling", adjustment: request.ScalingAdjustment, cooldown: request.Cooldown };
  }

  function step(base: PolicyBase, request: PolicyRequest): ScalingPolicy {
    const steps = request.StepAdjustments ?? [];
    if (steps.length === 0) throw invalid("At least one StepAdjustment must be specified for StepScaling policies");
    return {
      ...base,
      type: "StepScaling",
      steps,
      metricAggregationType: request.MetricAggregationType ?? "Average",
      estimatedInstanceWarmup: request.EstimatedInstanceWarmup,
    };
  }

  function knownAdjustment(type: string | undefined): AdjustmentType {
    const known = ADJUSTMENT_TYPES.find((candidate) => candidate === type);
    if (known === undefined) throw invalid(`AdjustmentType must be one of ${ADJUSTMENT_TYPES.join(", ")}`);
    return known;
  }

  function execute(group: Group | undefined, name: string, how: ExecuteHow): void {
    const found = find(group, name);
    if (found.policy.type === "SimpleScaling") {
      if (how.honorCooldown) requireNoCooldown(found.group, clock.now(), found.policy.cooldown);
      apply(found.group, found.policy, found.policy.adjustment, "a user request executed policy");
      return;
    }
    if (how.metricValue === undefined || how.breachThreshold === undefined) {
      throw invalid("MetricValue and BreachThreshold are required for StepScaling policies");
    }
    const adjustment = stepAdjustment(found.policy.steps, how.metricValue - how.breachThreshold);
    if (adjustment === undefined) throw invalid("MetricValue does not correspond to a step adjustment of the policy");
    apply(found.group, found.policy, adjustment, "a user request executed policy");
  }

  /** An alarm in ALARM state: what cannot be done now is left, the alarm comes again each minute. */
  function executePolicy(policyArn: string, metricValue: number, threshold: number): void {
    const { group, policy } = find(undefined, policyArn);
    if (!policy.enabled || isSuspended(group, "AlarmNotification")) return;
    const why = "a monitor alarm in state ALARM triggered policy";
    if (policy.type === "SimpleScaling") {
      if (cooldownEnd(group, clock.now(), policy.cooldown) === undefined) apply(group, policy, policy.adjustment, why);
      return;
    }
    const adjustment = stepAdjustment(policy.steps, metricValue - threshold);
    if (adjustment !== undefined) apply(group, policy, adjustment, why);
  }

  function apply(group: Group, policy: ScalingPolicy, adjustment: number, why: string): void {
    const { desiredCapacity, minSize, maxSize } = group.settings;
    const warming = policy.type === "StepScaling" ? warmingUp(group, policy) : 0;
    // Step scaling counts from what is warm: what still warms up is part of the answer, not of the question.
    const target = adjusted(policy, desiredCapacity - warming, adjustment);
    if (warming > 0 && target <= desiredCapacity) return;
    const wanted = Math.max(minSize, Math.min(maxSize, target));
    if (wanted === desiredCapacity) return;
    const cause =
      `At ${secondsText(clock.now())} ${why} ${policy.name} changing the desired capacity ` +
      `from ${desiredCapacity} to ${wanted}.`;
    setDesiredCapacity(group, wanted, cause);
  }

  /** Instances that do not yet contribute to the metrics. */
  function warmingUp(group: Group, policy: Extract<ScalingPolicy, { type: "StepScaling" }>): number {
    const { defaultInstanceWarmup, defaultCooldown } = group.settings;
    const warmup = (policy.estimatedInstanceWarmup ?? defaultInstanceWarmup ?? defaultCooldown) * 1000;
    let warming = 0;
    for (const { lifecycle } of group.members.values()) {
      if (!countsAsCapacity(lifecycle)) continue;
      if (lifecycle.state !== "InService" || clock.now() - lifecycle.since < warmup) warming += 1;
    }
    return Math.min(warming, group.settings.desiredCapacity);
  }

  function find(group: Group | undefined, name: string): { group: Group; policy: ScalingPolicy } {
    for (const candidate of group === undefined ? groups.all.values() : [group]) {
      for (const policy of candidate.policies.values()) {
        if (policy.arn === name || (group !== undefined && policy.name === name)) return { group: candidate, policy };
      }
    }
    throw invalid(`Scaling policy not found: ${name}`);
  }

  return { put, execute, executePolicy, find };
}

/** The bounds are relative to the threshold: the lower one belongs to its interval above it, the upper one below it. */
function stepAdjustment(steps: readonly StepAdjustment[], difference: number): number | undefined {
  return steps.find(({ MetricIntervalLowerBound: lower, MetricIntervalUpperBound: upper }) => {
    const low = lower ?? Number.NEGATIVE_INFINITY;
    const high = upper ?? Number.POSITIVE_INFINITY;
    return difference >= 0 ? low <= difference && difference < high : low < difference && difference <= high;
  })?.ScalingAdjustment;
}

function adjusted(policy: PolicyBase, capacity: number, adjustment: number): number {
  if (policy.adjustmentType === "ExactCapacity") return adjustment;
  if (policy.adjustmentType === "ChangeInCapacity") return capacity + adjustment;
  return capacity + percentChange(capacity, adjustment, policy.minAdjustmentMagnitude ?? 0);
}

/** Between 0 and 1 it becomes 1; otherwise it is rounded toward zero; never less than the minimum magnitude. */
function percentChange(capacity: number, percentage: number, minimumMagnitude: number): number {
  const exact = (capacity * percentage) / 100;
  const rounded = exact !== 0 && Math.abs(exact) < 1 ? Math.sign(exact) : Math.trunc(exact);
  if (exact === 0) return 0;
  return Math.abs(rounded) < minimumMagnitude ? Math.sign(exact) * minimumMagnitude : rounded;
}

/** Simple scaling and `HonorCooldown` wait for the activities under way, hooks included, and then for the cooldown. */
function cooldownEnd(group: Group, now: number, policyCooldown: number | undefined): number | undefined {
  if (group.activities.open > 0) return Number.POSITIVE_INFINITY;
  const { lastEndedAt } = group.activities;
  if (lastEndedAt === undefined) return undefined;
  const end = lastEndedAt + (policyCooldown ?? group.settings.defaultCooldown) * 1000;
  return end > now ? end : undefined;
}

export function requireNoCooldown(group: Group, now: number, policyCooldown?: number): void {
  if (cooldownEnd(group, now, policyCooldown) === undefined) return;
  const activity = group.activities.all.at(-1);
  throw new ScalingActivityInProgressFault({
    message: `Scaling activity ${activity?.activityId ?? ""} is in progress and blocks this action`,
    $metadata: {},
  });
}

const invalid = (message: string): AwsError => new AwsError("ValidationError", message);
