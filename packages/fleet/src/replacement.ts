/** Capacity that is raised so that a replacement serves before its node leaves, and given back when nobody needs it. */
import { type Action, type Decision, decision } from "./decision.ts";
import { floorOf } from "./guards.ts";
import type { FirstLook, Look } from "./look.ts";
import type { NodeRecord } from "./node-record.ts";

/**
 * At the floor nothing may leave before its replacement serves, so the group grows by one first. The slot is taken
 * now: it keeps others from doing the same. What is missing is computed anew at each look, so a call that was lost is
 * made again. Undefined when the group may not grow so far.
 */
export function replacementFirst(record: NodeRecord, reason: string, look: Look): Decision | undefined {
  const { group } = look.seen;
  const owns = group.slots.includes(record.instance);
  const needed = floorOf(group, look.policy) + group.slotsInService + (owns ? 0 : 1);
  if (needed > group.max) return undefined;
  const short = group.desired < needed;
  const waiting: NodeRecord = { ...record, slot: true, raisedTo: short ? needed : record.raisedTo };
  const decided = decision(waiting, {
    why: `${reason}; the group is at its floor, so a replacement comes first`,
    actions: short ? [{ type: "set-desired-capacity", desired: needed }] : [],
    dueAt: look.now + look.policy.retryDelay,
  });
  return { ...decided, claimsSlot: !record.slot };
}

/** A node whose replacement came first takes the extra capacity with it. */
export function shrinks(record: NodeRecord, asked: boolean, look: Look): boolean {
  const { group } = look.seen;
  if (record.raisedTo !== undefined) return group.desired > Math.max(group.min, floorOf(group, look.policy));
  return asked && group.desired > group.min;
}

/**
 * The record once its replacement is not needed any more, and the call that lowers the group again, as long as it still
 * stands where it was raised to: anything else somebody else has decided since.
 */
export function lowered(
  record: NodeRecord,
  look: FirstLook,
): { readonly record: NodeRecord; readonly actions: readonly Action[] } {
  const { raisedTo } = record;
  const { group, stopped } = look.seen;
  if (raisedTo === undefined || group.desired !== raisedTo || raisedTo <= group.min)
    return { record: { ...record, slot: false, raisedTo: undefined }, actions: [] };
  if (stopped !== undefined) return { record, actions: [] };
  return { record, actions: [{ type: "set-desired-capacity", desired: raisedTo - 1 }] };
}
