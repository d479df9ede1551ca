/**
 * Instance refresh: replaces the instances of a group a few at a time, within the healthy percentages, with
 * checkpoints, bake time, cancelling and rolling back. One step a pass.
 */
import {
  ActiveInstanceRefreshNotFoundFault,
  InstanceRefreshInProgressFault,
  type InstanceRefreshStatus,
  IrreversibleInstanceRefreshFault,
} from "@aws-sdk/client-auto-scaling";
import type { Surroundings } from "../../region.ts";
import { secondsText } from "./activities.ts";
import { type Group, isSuspended, type LaunchSource } from "./groups.ts";
import type { Launching } from "./launching.ts";
import type { Members } from "./members.ts";
import type { Notifications } from "./notifications.ts";
import type { RefreshPreferences } from "./refresh-preferences.ts";
import { activeRefresh, type InstanceRefresh, type RefreshView, viewRefresh } from "./refresh-state.ts";

export interface Refreshes {
  start(group: Group, preferences: RefreshPreferences, desired: LaunchSource | undefined): InstanceRefresh;
  cancel(group: Group, waitForTransitioning: boolean): InstanceRefresh;
  rollBack(group: Group): InstanceRefresh;
  /** The refresh's part of a pass. */
  step(group: Group): void;
}

/** Protected, standby or unhealthy instances may hold it up this long. */
const STUCK_AFTER = 3_600_000;
const LONGEST = 14 * 86_400_000;

export function createRefreshes(
  surroundings: Surroundings,
  launching: Launching,
  members: () => Members,
  notifications: Notifications,
): Refreshes {
  const { clock, random } = surroundings;

  function start(group: Group, preferences: RefreshPreferences, desired: LaunchSource | undefined): InstanceRefresh {
    if (activeRefresh(group) !== undefined) {
      throw new InstanceRefreshInProgressFault({
        message: "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        $metadata: {},
      });
    }
    const refresh: InstanceRefresh = {
      id: random.uuid(),
      preferences,
      desired,
      previous: group.settings.launch,
      requestedAt: clock.now(),
      status: "Pending",
      statusReason: undefined,
      startedAt: undefined,
      endedAt: undefined,
      total: 0,
      remaining: 0,
      percentage: 0,
      checkpoint: 0,
      heldUntil: 0,
      bakingUntil: 0,
      movedAt: clock.now(),
      seen: "",
      rollback: undefined,
    };
    if (preferences.autoRollback) requireReversible(refresh);
    group.refreshes.push(refresh);
    return refresh;
  }

  function cancel(group: Group, waitForTransitioning: boolean): InstanceRefresh {
    const refresh = requireActive(group);
    refresh.status = "Cancelling";
    refresh.statusReason = "Cancelled due to user request.";
    unmark(group);
    if (!waitForTransitioning) end(group, refresh, "Cancelled");
    return refresh;
  }

  function rollBack(group: Group): InstanceRefresh {
    const refresh = requireActive(group);
    requireReversible(refresh);
    beginRollback(group, refresh, "Rolled back due to user request.");
    return refresh;
  }

  function step(group: Group): void {
    const refresh = activeRefresh(group);
    if (refresh === undefined || isSuspended(group, "InstanceRefresh")) return;
    if (refresh.status === "Pending") begin(group, refresh);
    const view = viewRefresh(group, refresh, launching, clock.now());
    noteProgress(group, refresh, view);
    if (refresh.status === "InProgress" || refresh.status === "RollbackInProgress") replacePooled(view);
    if (refresh.status === "Cancelling") {
      if (view.settling === 0 && !view.leaving) end(group, refresh, "Cancelled");
    } else if (clock.now() - refresh.requestedAt > LONGEST)
      fail(group, refresh, "The instance refresh took longer than 14 days.");
    else if (refresh.status === "Baking") {
      if (clock.now() >= refresh.bakingUntil) succeed(group, refresh);
    } else if (view.outdated.length === 0 && view.settling === 0) finish(group, refresh);
    else if (isStuck(refresh)) fail(group, refresh, stuckReason(view));
    else if (clock.now() >= refresh.heldUntil) replaceSome(group, refresh, view);
  }

  function begin(group: Group, refresh: InstanceRefresh): void {
    refresh.status = "InProgress";
    refresh.startedAt = clock.now();
    refresh.total = viewRefresh(group, refresh, launching, clock.now()).outdated.length;
    refresh.remaining = refresh.total;
    refresh.movedAt = clock.now();
    notifications.instanceRefresh(group, refresh.id, "Started");
  }

  // ---- Replacing -----------------------------------------------------------------------------------------------------

  /** Those in the warm pool serve nobody, so they go at once and the pool fills again. */
  function replacePooled(view: RefreshView): void {
    const cause = `At ${secondsText(clock.now())} an instance was taken out of the warm pool in response to an instance refresh.`;
    for (const member of view.pooled) members().terminate(member, { cause });
  }

  /** As many as the healthy percentages and the next checkpoint allow; one at least when nothing else is under way. */
  function replaceSome(group: Group, refresh: InstanceRefresh, view: RefreshView): void {
    if (isSuspended(group, "Terminate") || isSuspended(group, "Launch")) return;
    const { minHealthyPercentage, maxHealthyPercentage } = refresh.preferences;
    const { desiredCapacity } = group.settings;
    const needed = Math.ceil((desiredCapacity * minHealthyPercentage) / 100);
    const marked = view.outdated.filter(({ replacement }) => replacement !== undefined).length;
    const untilCheckpoint = toNextCheckpoint(refresh, view) - marked;
    const candidates = view.replaceable.filter(({ replacement }) => replacement === undefined);
    const cause = `At ${secondsText(clock.now())} an instance was taken out of service in response to an instance refresh.`;
    const standby = candidates.filter(({ lifecycle }) => lifecycle.state === "Standby");
    for (const member of standby) members().terminate(member, { cause });
    const inService = candidates.filter(({ lifecycle }) => lifecycle.state === "InService");
    const launchFirst = maxHealthyPercentage !== undefined && (maxHealthyPercentage > 100 || view.ready - 1 < needed);
    if (launchFirst) {
      const most = Math.max(1, Math.floor((desiredCapacity * (maxHealthyPercentage - 100)) / 100));
      for (const member of inService.slice(0, Math.max(0, Math.min(most - marked, untilCheckpoint))))
        member.replacement = { cause };
      return;
    }
    const idle = view.settling === 0;
    const most = Math.max(view.ready - needed, idle ? 1 : 0);
    for (const member of inService.slice(0, Math.max(0, Math.min(most, untilCheckpoint))))
      members().terminate(member, { cause });
  }

  function toNextCheckpoint(refresh: InstanceRefresh, view: RefreshView): number {
    const percentage = refresh.preferences.checkpointPercentages[refresh.checkpoint] ?? 100;
    if (refresh.status === "RollbackInProgress") return view.outdated.length;
    return Math.ceil((refresh.total * percentage) / 100) - (refresh.total - view.outdated.length);
  }

  // ---- Progress --------------------------------------------------------------------------------------------------------

  function noteProgress(group: Group, refresh: InstanceRefresh, view: RefreshView): void {
    const seen = `${view.outdated.length} ${view.ready} ${view.settling}`;
    if (seen !== refresh.seen || view.leaving) refresh.movedAt = clock.now();
    refresh.seen = seen;
    refresh.remaining = view.outdated.length;
    const done = Math.max(0, refresh.total - view.outdated.length - Math.min(view.settling, refresh.total));
    const share = refresh.total === 0 ? 100 : Math.floor((done * 100) / refresh.total);
    const before = refresh.rollback?.percentage ?? 0;
    // On the way back it goes gradually down to zero.
    refresh.percentage =
      refresh.status === "RollbackInProgress"
        ? Math.floor((before * (100 - share)) / 100)
        : Math.max(refresh.percentage, share);
    if (refresh.status === "InProgress") passCheckpoints(group, refresh);
  }

  function passCheckpoints(group: Group, refresh: InstanceRefresh): void {
    const { checkpointPercentages, checkpointDelay } = refresh.preferences;
    const next = checkpointPercentages[refresh.checkpoint];
    if (next === undefined || refresh.percentage < next) return;
    refresh.checkpoint += 1;
    refresh.heldUntil = clock.now() + checkpointDelay * 1000;
    refresh.movedAt = refresh.heldUntil;
    // Numbers are strings in this event.
    notifications.instanceRefresh(group, refresh.id, "Checkpoint Reached", {
      CheckpointPercentage: String(next),
      CheckpointDelay: String(checkpointDelay),
    });
  }

  const isStuck = (refresh: InstanceRefresh): boolean => clock.now() - refresh.movedAt >= STUCK_AFTER;

  function stuckReason(view: RefreshView): string {
    const held = view.outdated.length - view.replaceable.length;
    return held > 0
      ? `${held} instances are protected from scale in or in Standby, and the instance refresh could not replace them for one hour.`
      : "Instances did not become healthy for one hour.";
  }

  // ---- Ends --------------------------------------------------------------------------------------------------------------

  function finish(group: Group, refresh: InstanceRefresh): void {
    if (refresh.status === "RollbackInProgress") {
      refresh.percentage = 0;
      end(group, refresh, "RollbackSuccessful");
    } else if (refresh.preferences.bakeTime === 0) {
      succeed(group, refresh);
    } else {
      refresh.percentage = 100;
      refresh.status = "Baking";
      refresh.bakingUntil = clock.now() + refresh.preferences.bakeTime * 1000;
    }
  }

  function succeed(group: Group, refresh: InstanceRefresh): void {
    refresh.percentage = 100;
    if (refresh.desired !== undefined) group.settings = { ...group.settings, launch: refresh.desired };
    end(group, refresh, "Successful");
  }

  function fail(group: Group, refresh: InstanceRefresh, reason: string): void {
    unmark(group);
    if (refresh.status === "RollbackInProgress") end(group, refresh, "RollbackFailed", reason);
    else if (refresh.preferences.autoRollback) beginRollback(group, refresh, reason);
    else end(group, refresh, "Failed", reason);
  }

  function beginRollback(group: Group, refresh: InstanceRefresh, reason: string): void {
    unmark(group);
    const { percentage, remaining } = refresh;
    refresh.rollback = { reason, startedAt: clock.now(), percentage, remaining };
    refresh.status = "RollbackInProgress";
    refresh.statusReason = reason;
    refresh.heldUntil = 0;
    refresh.movedAt = clock.now();
    refresh.total = viewRefresh(group, refresh, launching, clock.now()).outdated.length;
    notifications.instanceRefresh(group, refresh.id, "Rollback Started");
  }

  function end(group: Group, refresh: InstanceRefresh, status: InstanceRefreshStatus, reason?: string): void {
    refresh.status = status;
    refresh.statusReason = reason ?? refresh.statusReason;
    refresh.endedAt = clock.now();
    notifications.instanceRefresh(group, refresh.id, EVENTS[status] ?? status);
  }

  function unmark(group: Group): void {
    for (const member of group.members.values()) member.replacement = undefined;
  }

  // ---- Requirements ------------------------------------------------------------------------------------------------------

  function requireActive(group: Group): InstanceRefresh {
    const refresh = activeRefresh(group);
    if (refresh !== undefined && refresh.status !== "Cancelling") return refresh;
    throw new ActiveInstanceRefreshNotFoundFault({
      message: `No in progress or pending Instance Refresh found for Auto Scaling group ${group.name}`,
      $metadata: {},
    });
  }

  function requireReversible(refresh: InstanceRefresh): void {
    const floats = ["$Latest", "$Default"].includes(refresh.previous.template.version ?? "$Default");
    if (refresh.desired !== undefined && !floats && refresh.rollback === undefined) return;
    throw new IrreversibleInstanceRefreshFault({
      message:
        "The instance refresh cannot be rolled back: it has no desired configuration, or the group uses $Latest or $Default.",
      $metadata: {},
    });
  }

  return { start, cancel, rollBack, step };
}

/** The last words of the event's detail type. */
const EVENTS: Partial<Record<InstanceRefreshStatus, string>> = {
  Successful: "Succeeded",
  Failed: "Failed",
  Cancelled: "Cancelled",
  RollbackSuccessful: "Rollback Succeeded",
  RollbackFailed: "Rollback Failed",
};
