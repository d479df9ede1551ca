/** A site's upgrade as it is remembered, and what a node is to know of it. */
import type { GroupName, InstanceId, SiteName } from "./ids.ts";
import type { NodeRecord } from "./node-record.ts";
import type { Assigned, Errand, UpgradeView } from "./observation.ts";

export interface Upgrade {
  readonly v: 1;
  readonly id: string;
  readonly site: SiteName;
  /** What the nodes of each group had, by its name. */
  readonly from: Readonly<Record<string, Assigned>>;
  readonly to: Readonly<Record<string, Assigned>>;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since the epoch, as every time here. */
  readonly startedAt: number;
  /** On the way back the site is opened as well: then there is a `because`. */
  readonly phase: UpgradePhase;
  /** When the phase began. */
  readonly since: number;
  /** Moodle asks for a closed site; known after the preflight. */
  readonly closes?: boolean | undefined;
  readonly closedAt?: number | undefined;
  readonly openedAt?: number | undefined;
  /** The one that changes the database, or its copy. */
  readonly upgrader?: { readonly group: GroupName; readonly instance: InstanceId } | undefined;
  /** How often the database was to be changed; recorded before a node is asked to. */
  readonly attempt: number;
  /** The database may have changed: there is no way back but the recovery points. */
  readonly moved: boolean;
  /** Why it went back, or is stuck. */
  readonly because?: string | undefined;
  readonly withdrawn?: { readonly by: string; readonly reason: string } | undefined;
  /** Processes of each group, by its name, that were not suspended before and are while it lasts. */
  readonly held?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Of the database and of the files, from before. */
  readonly recoveryPoints: readonly string[];
  /** It is rehearsed, and nothing more. */
  readonly rehearsal?: Rehearsal | undefined;
}

export interface Rehearsal {
  /** A copy of the site's database, as the node's program takes it: HOST[:PORT][/NAME]. */
  readonly copy: string;
  /** Milliseconds that Moodle took for it. */
  readonly took?: number | undefined;
}

/** `stuck`: the database has changed and its upgrade fails. A mended release goes on from there, or a person goes back. */
export type UpgradePhase =
  | "preflight"
  | "rehearsing"
  | "rehearsed"
  | "closing"
  | "upgrading"
  | "switching"
  | "opening"
  | "done"
  | "returning"
  | "returned"
  | "stuck";

export const isUpgradeOver = ({ phase }: Upgrade): boolean => isSettled(phase) || phase === "stuck";

/** Nothing is left to do. One that is stuck goes on some day: a new release, from where it stands. */
export const isSettled = (phase: UpgradePhase): boolean =>
  phase === "done" || phase === "returned" || phase === "rehearsed";

/**
 * Of Auto Scaling: a closed site seems to need no nodes, and to be without them when it opens is too late. Launches go on,
 * for what is lost is replaced, and so do schedules, which are somebody's plan.
 */
export const heldProcesses: readonly string[] = ["AlarmNotification", "AZRebalance"];

/** The phase and the attempt name what is asked for: it is asked anew in each. */
export const errandId = ({ id, phase, attempt }: Upgrade): string => `${id}-${phase}-${attempt}`;

/**
 * What a node is to be while an upgrade goes on, or is stuck. Who serves with the old code keeps it until all take the new
 * one; who launches gets what its group is assigned.
 */
export function assignedInUpgrade(
  node: Pick<NodeRecord, "group" | "instance" | "phase">,
  assigned: Assigned,
  upgrade: Upgrade | undefined,
): Assigned {
  if (upgrade === undefined || node.phase.name !== "in-service") return assigned;
  switch (upgrade.phase) {
    case "preflight":
    case "rehearsing":
    case "closing":
      return upgrade.from[node.group] ?? assigned;
    case "upgrading":
    case "stuck":
      return node.instance === upgrade.upgrader?.instance ? assigned : (upgrade.from[node.group] ?? assigned);
    default:
      return assigned;
  }
}

/** Undefined when there is nothing that the node has to know. */
export function upgradeView(
  node: Pick<NodeRecord, "group" | "instance">,
  upgrade: Upgrade | undefined,
): UpgradeView | undefined {
  if (upgrade === undefined || isSettled(upgrade.phase)) return undefined;
  const { phase, closes = false, upgrader } = upgrade;
  const isUpgrader = node.instance === upgrader?.instance;
  return {
    closed: closes && (phase === "upgrading" || phase === "switching" || phase === "stuck"),
    pending: isUpgrader && (phase === "upgrading" || phase === "stuck"),
    insists: phase === "switching",
    errand: errandOf(node.group, isUpgrader, upgrade),
  };
}

function errandOf(group: GroupName, isUpgrader: boolean, upgrade: Upgrade): Errand | undefined {
  const { phase, attempt, closedAt, closes = false, since, rehearsal } = upgrade;
  const id = errandId(upgrade);
  const target = upgrade.to[group];
  switch (phase) {
    case "preflight":
      return target && { step: "preflight", id, target };
    case "rehearsing":
      return isUpgrader && rehearsal && target ? { step: "rehearse", id, target, copy: rehearsal.copy } : undefined;
    case "closing":
      return { step: "maintenance", id, closed: true, since: closedAt ?? since };
    case "upgrading":
      return isUpgrader && attempt > 0 && target ? { step: "upgrade", id, target, closed: closes } : undefined;
    case "opening":
      return { step: "maintenance", id, closed: false, since };
    case "returning":
    case "switching":
    case "done":
    case "returned":
    case "rehearsed":
    case "stuck":
      return undefined;
  }
}
