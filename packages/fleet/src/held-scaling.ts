/**
 * Auto Scaling's own ways to take nodes away, held while a freeze is in force, and given back when it is over. What the group was
 * like before is kept as everybody else wants it, also when somebody changes it meanwhile.
 *
 * Each of the three holds something that the others do not (EC2 Auto Scaling guide, "instance scale-in protection", "suspend-resume
 * processes"): a raised minimum keeps policies from lowering what is desired, so the dead are replaced and the group still grows;
 * protection keeps a scheduled action that sets the minimum, a refresh and the maximum lifetime from ending a node before the next
 * look; and zones are balanced by a process of their own.
 */
import { budgetSize } from "./guards.ts";
import type { InstanceId } from "./ids.ts";
import { stationOf } from "./lifecycle-state.ts";

/** A group as Auto Scaling describes it, as far as a freeze cares. */
export interface ScalingFacts {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly protectsNew: boolean;
  readonly suspended: readonly string[];
  readonly instances: readonly {
    readonly instance: InstanceId;
    readonly lifecycleState: string;
    readonly isProtected: boolean;
  }[];
}

export interface HeldScaling {
  /** As everybody else wants it: what is given back. */
  readonly theirs: {
    readonly min: number;
    readonly desired: number;
    readonly protectsNew: boolean;
    readonly protected: readonly InstanceId[];
    readonly suspended: readonly string[];
  };
  /** As Warden has made it: what is otherwise somebody else has decided since. */
  readonly made: { readonly min: number; readonly desired: number };
}

export interface ScalingChange {
  readonly min: number | undefined;
  readonly protectsNew: boolean | undefined;
  readonly protect: readonly InstanceId[];
  readonly unprotect: readonly InstanceId[];
  readonly suspend: readonly string[];
  readonly resume: readonly string[];
  readonly desired: number | undefined;
}

export interface ScalingPlan {
  /** Undefined once all is given back. */
  readonly held: HeldScaling | undefined;
  readonly change: ScalingChange;
}

/** Processes by which Auto Scaling ends nodes for reasons other than size, health and age. */
const ending = ["AZRebalance"];

/**
 * @param wanted nodes that a peak wants at least
 * @param extra by how many Warden has raised the group for replacements that are to serve before somebody leaves
 */
export function hold(
  before: HeldScaling | undefined,
  facts: ScalingFacts,
  { wanted, extra }: { readonly wanted: number; readonly extra: number },
): { readonly held: HeldScaling; readonly change: ScalingChange } {
  const theirs = theirWish(before, facts, extra);
  // What has come into service during a freeze stays until its end.
  const min = Math.min(facts.max, Math.max(before?.made.min ?? 0, facts.desired - extra, wanted));
  const change: ScalingChange = {
    ...nothing,
    min: facts.min < min ? min : undefined,
    protectsNew: facts.protectsNew ? undefined : true,
    protect: facts.instances.filter((each) => isSettled(each) && !each.isProtected).map(({ instance }) => instance),
    suspend: ending.filter((each) => !facts.suspended.includes(each)),
  };
  const made = { min: Math.max(min, facts.min), desired: Math.max(min, facts.desired) };
  return { held: { theirs, made }, change };
}

function theirWish(before: HeldScaling | undefined, facts: ScalingFacts, extra: number): HeldScaling["theirs"] {
  const suspended = ending.filter((each) => facts.suspended.includes(each));
  if (before === undefined) {
    const isProtected = facts.instances.filter((each) => each.isProtected).map(({ instance }) => instance);
    const { min, desired, protectsNew } = facts;
    return { min, desired: desired - extra, protectsNew, protected: isProtected, suspended };
  }
  const { theirs, made } = before;
  return {
    ...theirs,
    min: facts.min === made.min ? theirs.min : facts.min,
    desired: facts.desired === made.desired ? theirs.desired : facts.desired - extra,
    // Whoever lets a process go on that they had suspended wants it to.
    suspended: theirs.suspended.filter((each) => suspended.includes(each)),
  };
}

/**
 * What is left to give back; nothing more once the facts are as everybody else wants them.
 *
 * @param share of the desired capacity that may leave at a time: nodes that came for a peak go as gently as they would otherwise
 */
export function giveBack(held: HeldScaling, facts: ScalingFacts, share: number): ScalingPlan {
  const { theirs, made } = held;
  const desired = lowered(held, facts, share);
  const change: ScalingChange = {
    ...nothing,
    min: facts.min === made.min && facts.min !== theirs.min ? theirs.min : undefined,
    protectsNew: facts.protectsNew && !theirs.protectsNew ? false : undefined,
    unprotect: theirs.protectsNew
      ? []
      : facts.instances
          .filter((each) => isSettled(each) && each.isProtected && !theirs.protected.includes(each.instance))
          .map(({ instance }) => instance),
    resume: ending.filter((each) => facts.suspended.includes(each) && !theirs.suspended.includes(each)),
    desired: desired.next,
  };
  // Whoever comes in now was launched with protection; it is taken off once they are in.
  const arriving = facts.instances.some(({ lifecycleState }) => lifecycleState.startsWith("Pending"));
  const done = isNothing(change) && !arriving && !desired.waits;
  return { held: done ? undefined : { theirs, made: { ...made, desired: desired.next ?? made.desired } }, change };
}

/** A step at a time, and none while anybody is away. Undefined when nobody but Warden wants it otherwise. */
function lowered(
  { theirs, made }: HeldScaling,
  facts: ScalingFacts,
  share: number,
): { readonly next: number | undefined; readonly waits: boolean } {
  const goal = Math.max(theirs.desired, theirs.min);
  if (facts.desired !== made.desired || facts.desired <= goal) return { next: undefined, waits: false };
  const away = facts.instances.filter(({ lifecycleState }) => lifecycleState !== "InService").length;
  if (away > 0 || facts.instances.length < facts.desired) return { next: undefined, waits: true };
  return { next: Math.max(goal, facts.desired - budgetSize(facts, share)), waits: true };
}

/** SetInstanceProtection takes those in service and in standby, and fails whole for one that is neither. */
const isSettled = ({ lifecycleState }: { readonly lifecycleState: string }): boolean =>
  stationOf(lifecycleState) === "in-service" || lifecycleState === "Standby";

const nothing: ScalingChange = {
  ...{ min: undefined, protectsNew: undefined, desired: undefined },
  ...{ protect: [], unprotect: [], suspend: [], resume: [] },
};

export const isNothing = ({ min, protectsNew, desired, ...lists }: ScalingChange): boolean =>
  min === undefined &&
  protectsNew === undefined &&
  desired === undefined &&
  Object.values(lists).every((list) => list.length === 0);
