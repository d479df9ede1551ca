/** Changes of a group's sizes, each with its reason for the activities that follow. */
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import type { Capacity } from "./capacity.ts";
import type { Group, GroupSettings } from "./groups.ts";
import { checkSizes, updatedSizes } from "./settings.ts";

export interface SizesWanted {
  readonly MinSize?: number | undefined;
  readonly MaxSize?: number | undefined;
  readonly DesiredCapacity?: number | undefined;
}

export interface Sizes {
  /** Replaces the settings and has the group looked at. */
  apply(group: Group, settings: GroupSettings, cause?: (from: number, to: number) => string): void;
  /** Other sizes, as a scheduled action brings them; throws where they do not fit together. */
  resize(group: Group, wanted: SizesWanted, cause: (from: number, to: number) => string): void;
  /** Desired capacity alone; the caller has checked the limits. */
  setDesiredCapacity(group: Group, desiredCapacity: number, cause?: string): void;
  /** SetDesiredCapacity: within the group's own limits. */
  requireWithinLimits(group: Group, desiredCapacity: number): void;
}

export function createSizes(clock: Clock, capacity: () => Pick<Capacity, "request">): Sizes {
  function apply(group: Group, settings: GroupSettings, cause?: (from: number, to: number) => string): void {
    const from = group.settings.desiredCapacity;
    group.previousSettings = { settings: group.settings, changedAt: clock.now() };
    group.settings = settings;
    if (cause !== undefined && from !== settings.desiredCapacity) {
      group.capacityCauses.push(cause(from, settings.desiredCapacity));
    }
    capacity().request(group);
  }

  function resize(group: Group, wanted: SizesWanted, cause: (from: number, to: number) => string): void {
    const settings = { ...group.settings, ...updatedSizes(group.settings, wanted) };
    checkSizes(settings);
    apply(group, settings, cause);
  }

  function setDesiredCapacity(group: Group, desiredCapacity: number, cause?: string): void {
    apply(group, { ...group.settings, desiredCapacity }, cause === undefined ? undefined : () => cause);
  }

  function requireWithinLimits(group: Group, desiredCapacity: number): void {
    const { minSize, maxSize } = group.settings;
    if (desiredCapacity > maxSize) {
      throw new AwsError(
        "ValidationError",
        `New SetDesiredCapacity value ${desiredCapacity} is above max value ${maxSize} for the AutoScalingGroup.`,
      );
    }
    if (desiredCapacity < minSize) {
      throw new AwsError(
        "ValidationError",
        `New SetDesiredCapacity value ${desiredCapacity} is below min value ${minSize} for the AutoScalingGroup.`,
      );
    }
  }

  return { apply, resize, setDesiredCapacity, requireWithinLimits };
}
