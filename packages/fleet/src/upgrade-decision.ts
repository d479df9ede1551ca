/** What the upgrade of a site sees and decides, and the parts that its decisions are made of. */
import type { NodeName } from "./ids.ts";
import type { NodeRecord } from "./node-record.ts";
import type { Assigned } from "./observation.ts";
import type { Policy } from "./policy.ts";
import { serving as servingOf } from "./upgrade-nodes.ts";
import { errandId, type Upgrade, type UpgradePhase } from "./upgrade-record.ts";

export interface UpgradeLook {
  /** Of all groups of the site. */
  readonly nodes: readonly NodeRecord[];
  /** Why nothing new may begin. */
  readonly halted: string | undefined;
  /** Processes of Auto Scaling that are suspended, by group. */
  readonly suspended: Readonly<Record<string, readonly string[]>>;
  /** What nodes make of themselves when nobody commands them, by group; empty when it was not read. */
  readonly published: Readonly<Record<string, Assigned | undefined>>;
  readonly policy: Policy;
  readonly now: number;
}

export interface UpgradeDecision {
  readonly upgrade: Upgrade;
  /** Nodes that have something to do now. */
  readonly wake: readonly NodeName[];
  /** What the groups are assigned from now on, in the same transaction. */
  readonly assign: "from" | "to" | undefined;
  /** To be said where nodes look that nobody commands. */
  readonly publish: Readonly<Record<string, Assigned>> | undefined;
  /** Values from before may lie in the application cache. */
  readonly stale: boolean;
  readonly why: string;
  readonly dueAt: number | undefined;
}

export const serving = ({ nodes }: UpgradeLook): readonly NodeRecord[] => servingOf(nodes);

export const inPhase = (upgrade: Upgrade, phase: UpgradePhase, { now }: UpgradeLook): Upgrade => ({
  ...upgrade,
  phase,
  since: now,
});

export const withUpgrader = (upgrade: Upgrade, node: NodeRecord | undefined): Upgrade => ({
  ...upgrade,
  upgrader: node && { group: node.group, instance: node.instance },
});

/** It was asked, and has not been heard of since. */
export function isLost({ errand }: NodeRecord, upgrade: Upgrade, { policy, now }: UpgradeLook): boolean {
  return errand?.id === errandId(upgrade) && errand.is === "put-off" && now >= errand.at + 3 * policy.holdRecheck;
}

export const waits = (upgrade: Upgrade, why: string, look: UpgradeLook, whom: readonly NodeRecord[]): UpgradeDecision =>
  decided(upgrade, { why, wake: whom.filter(isIdle), dueAt: look.now + look.policy.lookAgain });

/** A wake-up may have been lost on the way to them. */
const isIdle = ({ phase }: NodeRecord): boolean => phase.name === "in-service" && phase.command === undefined;

export function decided(
  upgrade: Upgrade,
  parts: Pick<UpgradeDecision, "why"> & Partial<Omit<UpgradeDecision, "upgrade" | "why">>,
): UpgradeDecision {
  return { upgrade, wake: [], assign: undefined, publish: undefined, stale: false, dueAt: undefined, ...parts };
}
