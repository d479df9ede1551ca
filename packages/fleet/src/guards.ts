/**
 * May Warden start to take a node away that AWS would leave alone? Every guard is asked, the first refusal is the
 * answer, and it names its guard, because "nothing happened" must always have a reason.
 */
import { frozenText } from "./freeze.ts";
import type { InstanceId } from "./ids.ts";
import type { Look } from "./look.ts";
import type { Complaint, LeaveCause, Plan } from "./node-record.ts";
import type { GroupView, Order } from "./observation.ts";
import type { Mode, Policy } from "./policy.ts";

export type Permission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly guard: Guard; readonly why: string };

export type Guard = "stop" | "freeze" | "hold" | "shared-cause" | "mode" | "floor" | "budget";

export interface Disruption extends Plan {
  readonly instance: InstanceId;
  /** What the node's last verification blamed instead of the node. */
  readonly complaint?: Complaint | undefined;
}

export function mayDisrupt(look: Look, disruption: Disruption): Permission {
  const { seen, policy } = look;
  const group = seen.group;
  if (seen.stopped !== undefined) return refused("stop", `${seen.stopped.by} stopped Warden: ${seen.stopped.reason}`);
  if (seen.freeze !== undefined && !servesNobody(look, disruption)) return refused("freeze", frozenText(seen.freeze));
  if (seen.order?.verb === "hold") return refused("hold", `${seen.order.by} holds this node: ${seen.order.reason}`);
  if (disruption.cause === "unhealthy" && looksShared(group)) {
    return refused(
      "shared-cause",
      `${group.unhealthy} of ${group.inService} nodes fail at once: that is no single node's fault`,
    );
  }
  if (disruption.cause !== "operator" && disruption.complaint !== undefined) {
    return refused("shared-cause", `a shared part is down: ${disruption.complaint.message}`);
  }
  const mode = modeOf(disruption.cause, policy);
  if (mode === "observe") return refused("mode", "the site only observes such nodes: it is for a person to do");
  if (mode === "approve" && !isApproved(seen.order, disruption))
    return refused("mode", "it waits for a person's approval: `warden approve` shows what, and how");
  const owns = group.slots.includes(disruption.instance);
  const size = budgetSize(group, policy.disruptionBudget);
  const used = disrupted(group);
  if (!owns && used >= size)
    return refused("budget", `${used} of ${size} disruptions of the group's budget are in use`);

  const floor = floorOf(group, policy);
  const remaining = group.inService - group.slotsInService - (owns ? 0 : 1);
  if (remaining < floor) return refused("floor", `${remaining} nodes would stay in service, the floor is ${floor}`);
  return { allowed: true };
}

/** What AWS takes anyway, and what an operator orders, asks nobody. */
export function modeOf(cause: LeaveCause, policy: Policy): Mode {
  switch (cause) {
    case "unhealthy":
      return policy.unhealthyMode;
    case "rebalance":
      return policy.rebalanceMode;
    case "maintenance":
      return policy.maintenanceMode;
    case "auto-scaling":
    case "spot":
    case "operator":
      return "enforce";
  }
}

/** Just this: whoever approved the end of a node for one reason has not approved it for another. */
export const isApproved = (order: Order | undefined, { cause, reason }: Plan): boolean =>
  order?.verb === "approve" && order.plan.cause === cause && order.plan.reason === reason;

/** The dead are replaced in a freeze, too: a bad node to which no visitor is sent. */
const servesNobody = ({ seen }: Look, { cause }: Disruption): boolean =>
  cause === "unhealthy" && seen.target !== "healthy";

/** Nodes that must stay in service. What a freeze raised the minimum to is no floor: nobody could be replaced. */
export const floorOf = (group: GroupView, policy: Policy): number =>
  policy.capacityFloor ?? group.minApartFromFreeze ?? group.min;

/** How many nodes may be out of service at a time: never none, or a group of four could never be cared for. */
export function budgetSize(group: Pick<GroupView, "desired">, share: number): number {
  return Math.max(1, Math.ceil(group.desired * share));
}

/** Slots in use, and what is missing for other reasons: an involuntary loss counts against the budget, too. */
export function disrupted(group: GroupView): number {
  const slotsAway = group.slots.length - group.slotsInService;
  return group.slots.length + Math.max(0, group.desired - group.inService - slotsAway);
}

/** One bad node is a bad node; a second one, when that is more than a fifth, points at something they share. */
export function looksShared(group: GroupView): boolean {
  return group.unhealthy >= 2 && group.unhealthy > group.inService / 5;
}

function refused(guard: Guard, why: string): Permission {
  return { allowed: false, guard, why };
}
