/** Why a node should leave that Auto Scaling would keep, and whether it may. */
import type { Decision } from "./decision.ts";
import { isApproved, mayDisrupt, modeOf, type Permission } from "./guards.ts";
import { beginLeave } from "./leaving.ts";
import type { Look } from "./look.ts";
import type { NodeRecord, Plan } from "./node-record.ts";
import { orderToLeave } from "./order.ts";
import { replacementFirst, shrinks } from "./replacement.ts";

export interface Wish extends Plan {
  /** AWS takes the node anyway: no guard can change that, only speed helps. */
  readonly involuntary: boolean;
  readonly shrink: boolean;
}

/** What AWS announced and what an operator ordered; a node's own health comes after these. */
export function wishToLeave(record: NodeRecord, look: Look): Wish | undefined {
  const { notice } = record;
  if (notice?.kind === "spot") {
    return { cause: "spot", reason: "EC2 reclaims the spot instance", involuntary: true, shrink: false };
  }
  const order = orderToLeave(record, look);
  if (order !== undefined) {
    return {
      cause: "operator",
      reason: `${order.by} ordered ${order.verb}: ${order.reason}`,
      involuntary: false,
      shrink: order.verb === "drain",
    };
  }
  if (notice === undefined) return undefined;
  const reason =
    notice.kind === "maintenance" ? "AWS announced maintenance of its host" : "AWS recommends to rebalance it";
  return { cause: notice.kind, reason, involuntary: false, shrink: false };
}

export type Refusal = Extract<Permission, { allowed: false }>;

/** The beginning of the leave, or of what must come before it; or the guard that refuses it. */
export function leaveIfAllowed(record: NodeRecord, wish: Wish, look: Look): Decision | Refusal {
  const begin = (from: NodeRecord): Decision =>
    beginLeave(
      { ...from, raisedTo: undefined },
      { ...wish, shrink: shrinks(record, wish.shrink, look), startedBy: "warden" },
      look,
    );
  if (wish.involuntary) return begin(record);
  const complaint = record.phase.name === "in-service" ? record.phase.complaint : undefined;
  const { cause, reason } = wish;
  const permission = mayDisrupt(look, { instance: record.instance, cause, reason, complaint });
  if (permission.allowed) {
    const ordered = cause === "operator" || isApproved(look.seen.order, wish);
    const orderDone = ordered ? look.seen.order?.id : record.orderDone;
    return { ...begin({ ...record, slot: true, orderDone, wanted: undefined }), claimsSlot: !record.slot };
  }
  const first = permission.guard === "floor" && !wish.shrink;
  return (first ? replacementFirst(record, wish.reason, look) : undefined) ?? permission;
}

/** A node that is bad now and then is asked about once in a while, not each time. */
const askAgain = 3_600_000;

/** The record with what a person is asked to approve, or without when nobody is asked any more. */
export function asking(
  record: NodeRecord,
  wish: Wish | undefined,
  refusal: Refusal | undefined,
  look: Look,
): NodeRecord {
  if (wish === undefined || refusal?.guard !== "mode" || modeOf(wish.cause, look.policy) !== "approve")
    return { ...record, wanted: undefined };
  const { cause, reason } = wish;
  const { wanted, askedAt } = record;
  const isAsked = wanted?.cause === cause && wanted.reason === reason;
  const asksNow = !isAsked && (askedAt === undefined || look.now - askedAt >= askAgain);
  return { ...record, wanted: { cause, reason }, askedAt: asksNow ? look.now : askedAt };
}
