/** Lifecycle rules: once a day, at midnight UTC, what is old enough goes (User Guide, "Expiring objects"). */
import type { LifecycleRule, Tag } from "@aws-sdk/client-s3";
import type { Clock } from "../../clock.ts";
import { type Bucket, type Buckets, notModelled, type StoredObject } from "./buckets.ts";

const DAY = 24 * 60 * 60_000;

export function expireObjects(buckets: Buckets, clock: Clock): void {
  const sweep = (): void => {
    for (const bucket of buckets.all.values()) expireIn(bucket, clock.now());
    clock.after(nextMidnight(clock.now()) - clock.now(), sweep);
  };
  clock.after(nextMidnight(clock.now()) - clock.now(), sweep);
}

/** Only expiry is modelled; what concerns versions or uploads in parts has nothing to act on here. */
export function assertModelled(rule: LifecycleRule): void {
  if (rule.Transitions !== undefined) throw notModelled("a transition to another storage class");
}

function expireIn(bucket: Bucket, now: number): void {
  const rules = (bucket.lifecycleRules ?? []).filter(({ Status }) => Status === "Enabled");
  for (const object of bucket.objects.values()) {
    if (rules.some((rule) => appliesTo(rule, object) && isOver(rule, object, now))) bucket.objects.delete(object.key);
  }
}

/** Days are counted from creation and rounded up to the next midnight UTC, which is when this is asked. */
function isOver({ Expiration }: LifecycleRule, object: StoredObject, now: number): boolean {
  if (Expiration?.Days !== undefined) return object.lastModified + Expiration.Days * DAY < now;
  return Expiration?.Date !== undefined && Expiration.Date.getTime() <= now;
}

const nextMidnight = (time: number): number => (Math.floor(time / DAY) + 1) * DAY;

function appliesTo({ Prefix, Filter }: LifecycleRule, { key, body, tags }: StoredObject): boolean {
  const { Prefix: prefix, ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = { ...Filter, ...Filter?.And };
  const wanted: readonly Tag[] = [...(Filter?.Tag === undefined ? [] : [Filter.Tag]), ...(Filter?.And?.Tags ?? [])];
  return (
    key.startsWith(prefix ?? Prefix ?? "") &&
    (above === undefined || body.length > above) &&
    (below === undefined || body.length < below) &&
    wanted.every(({ Key, Value }) => Key !== undefined && tags.get(Key) === Value)
  );
}
