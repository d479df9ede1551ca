/** How many calls the region takes: token buckets on the region's clock. */
import type { Clock } from "../clock.ts";
import { accountBuckets, type BucketRule, instanceBuckets, requestBuckets } from "./buckets.ts";

export interface Limits {
  /** Spends what the call costs; false when a bucket has not enough, and then nothing is spent. */
  admit(call: LimitedCall): boolean;
}

export interface LimitedCall {
  /** The IAM prefix: `autoscaling`. */
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
}

/** `aws`: the buckets of `buckets.ts`; `none`: every call is taken. */
export type LimitsProfile = "aws" | "none";

export function createLimits(profile: LimitsProfile, clock: Clock, region: string): Limits {
  return profile === "none" ? unlimited : tokenBuckets(clock, region);
}

export const unlimited: Limits = { admit: () => true };

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** What a call takes from one bucket. */
interface Charge {
  readonly rule: BucketRule;
  readonly bucket: Bucket;
  readonly tokens: number;
}

function tokenBuckets(clock: Clock, region: string): Limits {
  const buckets = new Map<BucketRule, Map<string, Bucket>>();

  function admit(call: LimitedCall): boolean {
    const charges = chargesOf(call);
    for (const { bucket, rule } of charges) fill(bucket, rule);
    if (charges.some(({ bucket, tokens }) => bucket.tokens < tokens)) return false;
    for (const { bucket, tokens } of charges) bucket.tokens -= tokens;
    return true;
  }

  function chargesOf(call: LimitedCall): Charge[] {
    const one = (rule: BucketRule): Charge => charge(rule, call, 1);
    return [
      ...requestBuckets
        .filter((rule) => applies(rule, call))
        .slice(0, 1)
        .map(one),
      ...accountBuckets.filter((rule) => applies(rule, call)).map(one),
      ...instanceBuckets
        .filter((rule) => applies(rule, call))
        .map((rule) => charge(rule, call, instancesIn(call.input))),
    ];
  }

  function applies(rule: BucketRule, { service, operation, input }: LimitedCall): boolean {
    return (
      rule.service === service &&
      rule.actions.some((action) => named(action, operation)) &&
      (rule.regions?.includes(region) ?? true) &&
      (rule.unfiltered === undefined || isUnfiltered(input))
    );
  }

  function charge(rule: BucketRule, { operation }: LimitedCall, tokens: number): Charge {
    const ofRule = buckets.get(rule) ?? new Map<string, Bucket>();
    buckets.set(rule, ofRule);
    const key = rule.scope === "shared" ? "" : operation;
    const bucket = ofRule.get(key) ?? { tokens: rule.capacity, filledAt: clock.now() };
    ofRule.set(key, bucket);
    return { rule, bucket, tokens };
  }

  function fill(bucket: Bucket, { capacity, refill }: BucketRule): void {
    const seconds = (clock.now() - bucket.filledAt) / 1000;
    bucket.tokens = Math.min(capacity, bucket.tokens + seconds * refill);
    bucket.filledAt = clock.now();
  }

  return { admit };
}

const named = (action: string, operation: string): boolean =>
  action.endsWith("*") ? operation.startsWith(action.slice(0, -1)) : operation === action;

/** "Unfiltered" takes both: no filter or id, and no page size. */
function isUnfiltered(input: unknown): boolean {
  return Object.entries(Object(input)).every(
    ([name, value]) =>
      value === undefined ||
      name === "DryRun" ||
      name === "IncludeAllInstances" ||
      (Array.isArray(value) && value.length === 0),
  );
}

/** RunInstances says how many at most; the others name them. */
function instancesIn(input: unknown): number {
  const { MaxCount, InstanceIds }: { MaxCount?: unknown; InstanceIds?: unknown } = Object(input);
  if (Array.isArray(InstanceIds)) return InstanceIds.length;
  return typeof MaxCount === "number" ? MaxCount : 1;
}
