/** The warm pool: instances prepared beforehand, resting stopped or running until the group needs them. */
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import { secondsText } from "./activities.ts";
import type { Capacity } from "./capacity.ts";
import type { Census } from "./census.ts";
import { type Group, isSuspended, type Member, type WarmPool } from "./groups.ts";
import { notModelled } from "./launching.ts";
import { isLeaving, isResting, type Lifecycle } from "./lifecycle.ts";
import type { Members } from "./members.ts";

export interface WarmPools {
  put(group: Group, wanted: WarmPoolRequest): void;
  remove(group: Group, force: boolean): void;
  /** Moves a resting instance into the group; false when none rests. */
  take(group: Group, cause: string): boolean;
  /** The pool's part of a pass. */
  step(group: Group, census: Census): void;
}

export interface WarmPoolRequest {
  readonly minSize: number | undefined;
  readonly maxGroupPreparedCapacity: number | undefined;
  readonly poolState: string | undefined;
  readonly reuseOnScaleIn: boolean | undefined;
}

export function createWarmPools(
  clock: Clock,
  members: () => Members,
  capacity: () => Pick<Capacity, "launchOne" | "request">,
): WarmPools {
  function put(group: Group, wanted: WarmPoolRequest): void {
    const before = group.warmPool;
    if (before?.deleting === true) throw new AwsError("ValidationError", "The warm pool is being deleted.");
    if (group.settings.launch.kind === "mixed") {
      throw new AwsError(
        "ValidationError",
        "You can’t add a warm pool to an Auto Scaling group that has a mixed instances policy or a launch template " +
          "or launch configuration that requests Spot Instances.",
      );
    }
    const maximum = wanted.maxGroupPreparedCapacity ?? before?.maxGroupPreparedCapacity;
    group.warmPool = {
      minSize: wanted.minSize ?? before?.minSize ?? 0,
      // -1 takes the value away.
      maxGroupPreparedCapacity: maximum === -1 ? undefined : maximum,
      poolState: knownPoolState(wanted.poolState ?? before?.poolState ?? "Stopped"),
      reuseOnScaleIn: wanted.reuseOnScaleIn ?? before?.reuseOnScaleIn ?? false,
      deleting: false,
    };
    capacity().request(group);
  }

  function knownPoolState(state: string): WarmPool["poolState"] {
    if (state === "Stopped" || state === "Running") return state;
    throw notModelled(`PoolState ${state}`);
  }

  function remove(group: Group, force: boolean): void {
    if (group.warmPool === undefined) {
      throw new AwsError("ValidationError", "No warm pool found for the Auto Scaling group.");
    }
    group.warmPool = { ...group.warmPool, deleting: true };
    if (force) {
      const cause = `At ${secondsText(clock.now())} a user request force deleted the warm pool.`;
      for (const member of pooled(group)) members().terminate(member, { cause, graceful: false });
    }
    capacity().request(group);
  }

  function take(group: Group, cause: string): boolean {
    if (group.warmPool === undefined) return false;
    const member = pooled(group).find(({ lifecycle, health }) => isResting(lifecycle) && health === "Healthy");
    if (member === undefined) return false;
    members().leavePool(member, cause);
    return true;
  }

  function step(group: Group, census: Census): void {
    const pool = group.warmPool;
    if (pool === undefined) return;
    const present = pooled(group);
    if (pool.deleting && present.length === 0) {
      group.warmPool = undefined;
      return;
    }
    const staying = present.filter(({ lifecycle }) => !isLeaving(lifecycle) || isReturning(lifecycle));
    const wanted = pool.deleting ? 0 : warmPoolSize(group);
    if (staying.length < wanted) fill(group, census, wanted - staying.length);
    else drain(group, staying, staying.length - wanted);
  }

  function fill(group: Group, census: Census, count: number): void {
    if (isSuspended(group, "Launch") || clock.now() < group.backOff.until) return;
    const cause = `At ${secondsText(clock.now())} an instance was started in response to a difference between desired and actual warm pool capacity.`;
    for (let launched = 0; launched < count; launched += 1) {
      if (!capacity().launchOne(group, census, { pool: true, cause })) return;
    }
  }

  function drain(group: Group, staying: readonly Member[], count: number): void {
    if (isSuspended(group, "Terminate")) return;
    const cause = `At ${secondsText(clock.now())} an instance was taken out of the warm pool in response to a difference between desired and actual warm pool capacity.`;
    const resting = staying.filter(({ lifecycle }) => isResting(lifecycle));
    for (const member of resting.slice(0, count)) members().terminate(member, { cause });
  }

  return { put, remove, take, step };
}

/** Members of the pool, those on their way back into it included. */
export function pooled(group: Group): Member[] {
  return [...group.members.values()].filter(({ lifecycle }) => lifecycle.pool || isReturning(lifecycle));
}

/** On its way from the group back into the pool. */
const isReturning = (lifecycle: Lifecycle): boolean =>
  "destination" in lifecycle && lifecycle.destination === "WarmPool";

/** Prepared capacity less what is in the group anyway, and never below the pool's own minimum. */
export function warmPoolSize(group: Group): number {
  const { warmPool, settings } = group;
  if (warmPool === undefined) return 0;
  const prepared = warmPool.maxGroupPreparedCapacity ?? settings.maxSize;
  return Math.max(warmPool.minSize, prepared - settings.desiredCapacity, 0);
}
