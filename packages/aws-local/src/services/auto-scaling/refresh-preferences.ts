/** The preferences of an instance refresh, with AWS's defaults and checks. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import type { Group } from "./groups.ts";
import { notModelled } from "./launching.ts";

export interface RefreshPreferences {
  readonly minHealthyPercentage: number;
  /** Undefined when nobody set it, which is not the same as 100: then an old instance goes while the new one starts. */
  readonly maxHealthyPercentage: number | undefined;
  readonly instanceWarmup: number | undefined;
  readonly checkpointPercentages: readonly number[];
  readonly checkpointDelay: number;
  readonly skipMatching: boolean;
  readonly autoRollback: boolean;
  readonly protectedInstances: "Refresh" | "Ignore" | "Wait";
  readonly standbyInstances: "Terminate" | "Ignore" | "Wait";
  readonly bakeTime: number;
}

const DEFAULT_MINIMUM = 90;
const DEFAULT_CHECKPOINT_DELAY = 3600;

export function refreshPreferences(group: Group, given: sdk.RefreshPreferences = {}): RefreshPreferences {
  if (given.AlarmSpecification !== undefined) throw notModelled("AlarmSpecification of an instance refresh");
  const maintenance = group.settings.maintenance;
  const maximum = given.MaxHealthyPercentage ?? maintenance?.max;
  const preferences: RefreshPreferences = {
    minHealthyPercentage: given.MinHealthyPercentage ?? maintenance?.min ?? DEFAULT_MINIMUM,
    maxHealthyPercentage: maximum,
    instanceWarmup: given.InstanceWarmup,
    checkpointPercentages: given.CheckpointPercentages ?? [],
    checkpointDelay: given.CheckpointDelay ?? DEFAULT_CHECKPOINT_DELAY,
    skipMatching: given.SkipMatching ?? false,
    autoRollback: given.AutoRollback ?? false,
    protectedInstances: given.ScaleInProtectedInstances ?? "Wait",
    standbyInstances: given.StandbyInstances ?? "Wait",
    bakeTime: given.BakeTime ?? 0,
  };
  check(given, preferences);
  return preferences;
}

function check(given: sdk.RefreshPreferences, preferences: RefreshPreferences): void {
  const { MinHealthyPercentage: minimum, MaxHealthyPercentage: maximum } = given;
  if (maximum !== undefined && minimum === undefined) {
    throw invalid("If you specify MaxHealthyPercentage, you must also specify MinHealthyPercentage.");
  }
  checkHealthyPercentages(preferences.minHealthyPercentage, preferences.maxHealthyPercentage ?? 100);
  const { checkpointPercentages } = preferences;
  if (checkpointPercentages.some((percentage, index) => percentage <= (checkpointPercentages[index - 1] ?? 0))) {
    throw invalid("CheckpointPercentages must be unique and in ascending order.");
  }
  if (given.CheckpointDelay !== undefined && checkpointPercentages.length === 0) {
    throw invalid("If you specify CheckpointDelay, you must also specify CheckpointPercentages.");
  }
}

/** 0–100, 100–200, and at most 100 apart. */
export function checkHealthyPercentages(minimum: number, maximum: number): void {
  if (minimum < 0 || minimum > 100) throw invalid("MinHealthyPercentage must be between 0 and 100.");
  if (maximum < 100 || maximum > 200) throw invalid("MaxHealthyPercentage must be between 100 and 200.");
  if (maximum - minimum > 100) {
    throw invalid("The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.");
  }
}

const invalid = (message: string): AwsError => new AwsError("ValidationError", message);
