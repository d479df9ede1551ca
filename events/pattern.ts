/**
 * EventBridge patterns as data: only `source`, `detail-type` and `detail`, which every tool that creates rules accepts,
 * and of the matchers only those that are needed here.
 */
import { isGroupName } from "./shapes/names.ts";

export interface EventPattern {
  readonly source: readonly string[];
  readonly "detail-type": readonly string[];
  readonly detail?: DetailPattern;
}

export interface DetailPattern {
  readonly [field: string]: readonly Matcher[] | DetailPattern;
}

export type Matcher =
  | string
  | { readonly prefix: string }
  | { readonly "anything-but": readonly string[] }
  | { readonly exists: boolean };

/** Quota of EventBridge: "Maximum length of an event pattern, in characters". */
const longestPattern = 2_048;

/**
 * The pattern of an event, for these Auto Scaling groups only. Events of EC2, Systems Manager and AWS Health do not
 * name the group, so theirs stay as they are.
 */
export function patternFor(
  event: { readonly pattern: EventPattern },
  { groups }: { readonly groups?: readonly string[] },
): EventPattern {
  const { pattern } = event;
  if (groups === undefined || !pattern.source.includes("aws.autoscaling")) return pattern;
  if (groups.length === 0) throw new RangeError("a pattern for no group at all matches nothing: name a group");
  const wrong = groups.find((group) => !isGroupName(group));
  if (wrong !== undefined) throw new RangeError(`not the name of an Auto Scaling group: ${JSON.stringify(wrong)}`);
  return fitting({ ...pattern, detail: { ...pattern.detail, AutoScalingGroupName: groups } });
}

function fitting(pattern: EventPattern): EventPattern {
  const { length } = JSON.stringify(pattern);
  if (length <= longestPattern) return pattern;
  throw new RangeError(
    `the pattern for ${pattern["detail-type"].join(", ")} has ${length} characters and EventBridge allows ` +
      `${longestPattern}: make one rule for some of the groups and another for the rest, or do not narrow it by group`,
  );
}
