/**
 * A rollout: the way of a group's nodes to a new release or configuration. It alone says which nodes are to have the candidate;
 * each of them goes there by itself (`configuring.ts`), as it goes back when it is no longer asked to. First one node,
 * the canary, then waves within the group's budget. The first node that is bad with the candidate ends it.
 */
import { budgetSize, disrupted, looksShared } from "./guards.ts";
import type { GroupName, InstanceId, SiteName } from "./ids.ts";
import { stationOf } from "./lifecycle-state.ts";
import type { NodeRecord } from "./node-record.ts";
import { type Assigned, type GroupView, isSame } from "./observation.ts";
import type { Policy } from "./policy.ts";
import { named } from "./words.ts";

export interface Rollout {
  readonly v: 1;
  readonly id: string;
  readonly site: SiteName;
  readonly group: GroupName;
  readonly candidate: Assigned;
  /** What launching nodes get while it lasts, and what all return to when the candidate is bad. */
  readonly lastGood: Assigned;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since the epoch, as every time here. */
  readonly startedAt: number;
  readonly phase: RolloutPhase;
  /** Who is to have the candidate, in the order in which they were asked. */
  readonly members: readonly InstanceId[];
  /** How many of the members, counted from the last, are the newest wave. */
  readonly wave: number;
  /** Set by an operator: it is to end where it began. */
  readonly withdrawn?: { readonly by: string; readonly reason: string } | undefined;
  /** Why it turned back. */
  readonly because?: string | undefined;
}

/** `concluding`: the candidate is the last good now; what is read where Warden is not asked has to say so, too. */
export type RolloutPhase = "rolling" | "concluding" | "returning" | "done" | "returned";

export interface RolloutLook {
  readonly nodes: readonly NodeRecord[];
  readonly group: GroupView;
  /** Why nothing new may begin. */
  readonly halted: string | undefined;
  /** What a node makes of itself when nobody commands it; undefined when it was not read. */
  readonly published: Assigned | undefined;
  readonly policy: Policy;
  readonly now: number;
}

export interface RolloutDecision {
  readonly rollout: Rollout;
  /** Nodes that have something to do now. */
  readonly wake: readonly InstanceId[];
  /** The candidate becomes the group's last good, in the same transaction. */
  readonly conclude: boolean;
  /** To be said where nodes look that nobody commands. */
  readonly publish: Assigned | undefined;
  readonly why: string;
  readonly dueAt: number | undefined;
}

export const isOver = ({ phase }: Rollout): boolean => phase === "done" || phase === "returned";

/** What a node is to be while a rollout goes on; the group's own assignment for everybody who is not in it. */
export function assignedTo(instance: InstanceId, assigned: Assigned, rollout: Rollout | undefined): Assigned {
  return rollout?.phase === "rolling" && rollout.members.includes(instance) ? rollout.candidate : assigned;
}

/** Pure: the same arguments give the same decision. */
export function decideRollout(rollout: Rollout, look: RolloutLook): RolloutDecision {
  switch (rollout.phase) {
    case "rolling":
      return rolling(rollout, look);
    case "concluding":
      return concluding(rollout, look);
    case "returning":
      return returning(rollout, look);
    case "done":
    case "returned":
      return decided(rollout, { why: "over" });
  }
}

// ---- Forwards ---------------------------------------------------------------------------------------------------------

function rolling(rollout: Rollout, look: RolloutLook): RolloutDecision {
  const { candidate, withdrawn } = rollout;
  if (withdrawn !== undefined) return turnBack(rollout, look, `${withdrawn.by} takes it back: ${withdrawn.reason}`);
  const members = membersIn(rollout, look);
  const refused = members.find((node) => standingOf(node, rollout, look) === "refused");
  if (refused !== undefined)
    return turnBack(rollout, look, `${refused.instance} is bad with it: ${refused.push?.message ?? ""}`);

  const busy = members.filter((node) => standingOf(node, rollout, look) === "on-its-way");
  if (busy.length > 0) {
    return decided(rollout, {
      why: `${waveOf(rollout)}: waits for ${named(busy)}${leftOutText(rollout, look)}`,
      wake: idle(busy),
      dueAt: look.now + look.policy.holdRecheck,
    });
  }
  const all = look.nodes.filter(isInService);
  const left = all.filter((node) => standingOf(node, rollout, look) === "untouched");
  if (left.length > 0) return nextWave(rollout, left, look);
  const good = proven(rollout, look).length;
  // All may be silent for the same reason: then one that is proven stands for itself alone.
  if (good === 0 || good * 2 < all.length)
    return waits(rollout, `${good} of ${all.length} nodes could be given it yet${leftOutText(rollout, look)}`, look);
  return decided(
    { ...rollout, phase: "concluding" },
    {
      why: `${good} of ${all.length} nodes are proven with it: it is the last good now${leftOutText(rollout, look)}`,
      conclude: true,
      publish: candidate,
      dueAt: look.now,
    },
  );
}

function nextWave(rollout: Rollout, left: readonly NodeRecord[], look: RolloutLook): RolloutDecision {
  const { group, policy, halted } = look;
  const budget = budgetSize(group, policy.disruptionBudget);
  if (halted !== undefined) return waits(rollout, halted, look);
  if (looksShared(group))
    return waits(rollout, `${group.unhealthy} of ${group.inService} nodes fail at once: that is not for now`, look);
  const free = budget - disrupted(group);
  if (free <= 0) return waits(rollout, `${disrupted(group)} of ${budget} disruptions of the group are in use`, look);

  // Until one node is proven with it, nobody knows whether it is good.
  const size = proven(rollout, look).length === 0 ? 1 : Math.min(rollout.wave * 2, free);
  const wave = left
    .map((node) => node.instance)
    .sort()
    .slice(0, size);
  // Who could not be told, or is out of service, has lost its turn: told when it is back, it would be one too many.
  const silent = leftOut(rollout, look);
  const stay = new Set(membersIn(rollout, look).flatMap((node) => (silent.includes(node) ? [] : [node.instance])));
  const asked = rollout.members.filter((instance) => stay.has(instance));
  const next = { ...rollout, members: [...asked, ...wave], wave: wave.length };
  return decided(next, {
    why: `${waveOf(next)}: ${wave.join(", ")}${leftOutText(rollout, look)}`,
    wake: wave,
    dueAt: look.now + policy.holdRecheck,
  });
}

/** Level-triggered: it is said until it reads as it was said. */
function concluding(rollout: Rollout, look: RolloutLook): RolloutDecision {
  const { candidate } = rollout;
  if (!isSame(look.published, candidate))
    return decided(rollout, { why: "says what is the last good", publish: candidate, dueAt: look.now + 1000 });
  const inService = look.nodes.filter(isInService);
  const others = inService.filter((node) => !isProven(node, candidate));
  return decided(
    { ...rollout, phase: "done" },
    {
      why: whoHasIt(inService, others),
      wake: others.map((node) => node.instance),
    },
  );
}

function whoHasIt(inService: readonly NodeRecord[], others: readonly NodeRecord[]): string {
  if (others.length > 0) return `done, but for ${named(others)}`;
  return inService.length > 0 ? `all ${inService.length} nodes have it` : "the nodes to come will have it";
}

// ---- Back -------------------------------------------------------------------------------------------------------------

const turnBack = (rollout: Rollout, look: RolloutLook, because: string): RolloutDecision =>
  returning({ ...rollout, phase: "returning", because }, look);

function returning(rollout: Rollout, look: RolloutLook): RolloutDecision {
  const { lastGood, because } = rollout;
  const members = membersIn(rollout, look);
  const away = members.filter((node) => !isBack(node, lastGood));
  const lost = away.filter((node) => isStuck(node, lastGood));
  if (away.length > lost.length) {
    return decided(rollout, {
      why: `${because}; ${named(away)} on the way back`,
      wake: idle(away),
      dueAt: look.now + look.policy.lookAgain,
    });
  }
  return decided(
    { ...rollout, phase: "returned" },
    {
      why: `${because}; ${lost.length === 0 ? "every node has what it had before" : `all are back but ${named(lost)}`}`,
      wake: idle(members),
    },
  );
}

const isBack = (node: NodeRecord, lastGood: Assigned): boolean => isSame(node.verified, lastGood) && !hasCommand(node);

/** It can do no more about it by itself: verification and the guards of a node in service have the next word. */
const isStuck = ({ push }: NodeRecord, lastGood: Assigned): boolean =>
  push !== undefined && isSame(push, lastGood) && (push.is === "refused" || push.is === "left-out");

// ---- Nodes ------------------------------------------------------------------------------------------------------------

/** `left-out`: nobody could tell it. A member is told again after a while; who is none gets another turn much later. */
type Standing = "untouched" | "on-its-way" | "proven" | "refused" | "left-out";

function standingOf(node: NodeRecord, { candidate, members }: Rollout, { policy, now }: RolloutLook): Standing {
  const isMember = members.includes(node.instance);
  const tried = isSame(node.push, candidate) ? node.push : undefined;
  if (tried?.is === "left-out") {
    // Half of the time that it rests: whoever loses its turn must not be told in the same moment.
    const rests = now < tried.at + (isMember ? policy.holdRecheck / 2 : policy.verifyEvery);
    if (rests) return "left-out";
  }
  if (!isMember) return "untouched";
  if (tried?.is === "refused") return "refused";
  return isProven(node, candidate) ? "proven" : "on-its-way";
}

const isProven = ({ verified, push }: NodeRecord, candidate: Assigned): boolean =>
  isSame(verified, candidate) && !isSame(push, candidate);

/** Members that are still in service: who left meanwhile needs nothing any more. */
const membersIn = (rollout: Rollout, look: RolloutLook): readonly NodeRecord[] =>
  look.nodes.filter((node) => isInService(node) && rollout.members.includes(node.instance));

const isInService = (node: NodeRecord): boolean =>
  node.phase.name === "in-service" && stationOf(node.lifecycleState) === "in-service";

const hasCommand = ({ phase }: NodeRecord): boolean => phase.name === "in-service" && phase.command !== undefined;

/** A wake-up may have been lost on the way to them. */
const idle = (nodes: readonly NodeRecord[]): InstanceId[] =>
  nodes.filter((node) => !hasCommand(node) && node.push?.is !== "proving").map((node) => node.instance);

const proven = (rollout: Rollout, look: RolloutLook): readonly NodeRecord[] =>
  membersIn(rollout, look).filter((node) => isProven(node, rollout.candidate));

/** Members or not. */
const leftOut = ({ candidate }: Rollout, { nodes }: RolloutLook): readonly NodeRecord[] =>
  nodes.filter((node) => isInService(node) && node.push?.is === "left-out" && isSame(node.push, candidate));

// ---- Words ------------------------------------------------------------------------------------------------------------

const waveOf = ({ members, wave }: Rollout): string =>
  members.length === wave ? "canary" : `${members.length} nodes, ${wave} of them new`;

const leftOutText = (rollout: Rollout, look: RolloutLook): string =>
  leftOut(rollout, look)
    .map((node) => `; without ${node.instance}, ${node.push?.message ?? ""}`)
    .join("");

const waits = (rollout: Rollout, because: string, look: RolloutLook): RolloutDecision =>
  decided(rollout, { why: `waits: ${because}`, dueAt: look.now + look.policy.holdRecheck });

function decided(
  rollout: Rollout,
  parts: Pick<RolloutDecision, "why"> & Partial<Omit<RolloutDecision, "rollout" | "why">>,
): RolloutDecision {
  return { rollout, wake: [], conclude: false, publish: undefined, dueAt: undefined, ...parts };
}
