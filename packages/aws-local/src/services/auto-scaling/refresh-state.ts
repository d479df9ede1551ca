/** What there is to know of an instance refresh: its record, what new instances come from, and who is still outdated. */
import type { InstanceRefreshStatus } from "@aws-sdk/client-auto-scaling";
import type { Group, LaunchSource, Member } from "./groups.ts";
import type { Launching } from "./launching.ts";
import { isLaunching, isResting } from "./lifecycle.ts";
import type { RefreshPreferences } from "./refresh-preferences.ts";

export interface InstanceRefresh {
  readonly id: string;
  readonly preferences: RefreshPreferences;
  /** What the refresh brings; undefined replaces with what the group has. */
  readonly desired: LaunchSource | undefined;
  /** What to return to. */
  readonly previous: LaunchSource;
  readonly requestedAt: number;
  status: InstanceRefreshStatus;
  statusReason: string | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** How many were to be replaced when it (or its rollback) began. */
  total: number;
  /** Not yet replaced. */
  remaining: number;
  percentage: number;
  /** Next checkpoint, and until when the last one holds. */
  checkpoint: number;
  heldUntil: number;
  bakingUntil: number;
  /** When something last moved, and what was seen then. */
  movedAt: number;
  seen: string;
  rollback:
    | { readonly reason: string; readonly startedAt: number; readonly percentage: number; readonly remaining: number }
    | undefined;
}

const ACTIVE: readonly InstanceRefreshStatus[] = [
  "Pending",
  "InProgress",
  "Cancelling",
  "RollbackInProgress",
  "Baking",
];

/** The refresh under way, if there is one. */
export function activeRefresh(group: Group): InstanceRefresh | undefined {
  const last = group.refreshes.at(-1);
  return last !== undefined && ACTIVE.includes(last.status) ? last : undefined;
}

/** What new instances are launched from while it runs. */
export function refreshedLaunchSource(group: Group): LaunchSource {
  const refresh = activeRefresh(group);
  if (refresh === undefined) return group.settings.launch;
  if (refresh.status === "RollbackInProgress") return refresh.previous;
  return refresh.desired ?? group.settings.launch;
}

/** Milliseconds in service before a new instance counts. */
export function instanceWarmup(group: Group): number {
  const refresh = activeRefresh(group);
  const { defaultInstanceWarmup, healthCheckGracePeriod } = group.settings;
  if (refresh === undefined) return (defaultInstanceWarmup ?? 0) * 1000;
  return (refresh.preferences.instanceWarmup ?? defaultInstanceWarmup ?? healthCheckGracePeriod) * 1000;
}

/** What a pass sees of a refresh. */
export interface RefreshView {
  /** To be replaced, replaceable or not. */
  readonly outdated: readonly Member[];
  readonly replaceable: readonly Member[];
  /** In service, healthy and warm. */
  readonly ready: number;
  /** On the way or still warming. */
  readonly settling: number;
  readonly leaving: boolean;
  /** Outdated instances that rest in the warm pool. */
  readonly pooled: readonly Member[];
}

export function viewRefresh(group: Group, refresh: InstanceRefresh, launching: Launching, now: number): RefreshView {
  const warmup = instanceWarmup(group);
  const { protectedInstances, standbyInstances } = refresh.preferences;
  const isOutdated = outdatedBy(group, refresh, launching);
  const outdated: Member[] = [];
  const replaceable: Member[] = [];
  let ready = 0;
  let settling = 0;
  let leaving = false;
  const pooled: Member[] = [];
  for (const member of group.members.values()) {
    const { lifecycle } = member;
    if (lifecycle.pool) {
      if (isResting(lifecycle) && isOutdated(member)) pooled.push(member);
      continue;
    }
    if (lifecycle.state.startsWith("Terminating") && lifecycle.state !== "Terminating:Retained") leaving = true;
    if (isLaunching(lifecycle)) settling += 1;
    else if (lifecycle.state === "InService") {
      const old = isOutdated(member);
      const warm = old || now - lifecycle.since >= warmup;
      if (!warm) settling += 1;
      else if (member.health === "Healthy") ready += 1;
      if (!old || (member.protectedFromScaleIn && protectedInstances === "Ignore")) continue;
      outdated.push(member);
      if (!member.protectedFromScaleIn || protectedInstances === "Refresh") replaceable.push(member);
    } else if (lifecycle.state === "Standby" && standbyInstances !== "Ignore" && isOutdated(member)) {
      outdated.push(member);
      if (standbyInstances === "Terminate") replaceable.push(member);
    }
  }
  return { outdated, replaceable, ready, settling, leaving, pooled };
}

/** Older than the refresh; with skip matching, and on the way back, only what is not launched from the right source. */
function outdatedBy(group: Group, refresh: InstanceRefresh, launching: Launching): (member: Member) => boolean {
  const startedAt = refresh.startedAt ?? Number.POSITIVE_INFINITY;
  const isOlder = (member: Member): boolean => member.joinedAt < startedAt;
  if (refresh.status === "RollbackInProgress") {
    const matches = launchedFrom(refresh.previous, launching);
    return (member) => !matches(member);
  }
  if (!refresh.preferences.skipMatching) return isOlder;
  const matches = launchedFrom(refresh.desired ?? group.settings.launch, launching);
  return (member) => isOlder(member) && !matches(member);
}

function launchedFrom(launch: LaunchSource, launching: Launching): (member: Member) => boolean {
  const template = launching.find(launch.template);
  if (template === undefined) return () => false;
  const types =
    launch.kind === "mixed" && launch.instanceTypes.length > 0 ? launch.instanceTypes : [template.instanceType];
  return ({ launchTemplate, instanceType }) =>
    launchTemplate?.id === template.id && launchTemplate.version === template.version && types.includes(instanceType);
}
