/** From a decision to what is written for it: the record, its ledger entry, its heartbeat, its part in the group. */

import type { Policy } from "@warden/fleet";
import {
  budgetSize,
  type Decision,
  floorOf,
  globalLimit,
  isOpen,
  type NodeKey,
  type NodeRecord,
  type Sighting,
} from "@warden/fleet";
import type { LedgerEntry } from "./ledger.ts";
import type { Beat, Change, StoredNode } from "./ports.ts";

export function changeOf(
  key: NodeKey,
  stored: StoredNode | undefined,
  decided: Decision,
  seen: Sighting,
  policy: Policy,
  ledger: LedgerEntry,
  quiet = false,
): Change {
  const before = stored?.record;
  const { record } = decided;
  return {
    key,
    record,
    version: stored?.version ?? 0,
    dueAt: decided.dueAt,
    ledger,
    quiet,
    beat: beatOf(key, before, record),
    slot: slotOf(before, decided, seen, policy),
    launchOutcome: outcomeOf(decided, seen),
    keptEnds: seen.group.kept === record.instance && record.phase.name !== "on-hold",
    health: healthOf(before, record),
  };
}

/** A success only matters to the breaker after failures; otherwise a thousand launches would all write to one item. */
function outcomeOf(decided: Decision, seen: Sighting): Change["launchOutcome"] {
  return decided.launchOutcome === "succeeded" && seen.group.failedLaunches === 0 ? undefined : decided.launchOutcome;
}

/**
 * A slot is won only while the budget, less what is missing for other reasons, has one left; and who leaves at once
 * wins it only while the floor does, whoever else decides at this moment.
 */
function slotOf(before: NodeRecord | undefined, decided: Decision, seen: Sighting, policy: Policy): Change["slot"] {
  if (decided.claimsSlot) {
    const { group } = seen;
    const slotsAway = group.slots.length - group.slotsInService;
    const missing = Math.max(0, group.desired - group.inService - slotsAway);
    const budget = budgetSize(group, policy.disruptionBudget) - missing;
    const aboveFloor = group.inService - group.slotsInService - floorOf(group, policy);
    const leaves = decided.record.phase.name === "leaving";
    return { claim: true, limit: leaves ? Math.min(budget, group.slots.length + aboveFloor) : budget };
  }
  return before?.slot === true && !decided.record.slot ? { claim: false } : undefined;
}

/**
 * The heartbeat beats for every open action whose answer is not decided. First beat after half the time-out, so that
 * several fit into one.
 */
function beatOf(key: NodeKey, before: NodeRecord | undefined, record: NodeRecord): Beat | "none" | undefined {
  const { episode } = record;
  const beats = isOpen(episode) && episode.result === undefined;
  const did = isOpen(before?.episode) && before.episode.result === undefined;
  if (!beats) return did ? "none" : undefined;
  if (did && before.episode.ordinal === episode.ordinal && before.episode.token === episode.token) return undefined;
  return {
    key,
    action: { group: record.group, hook: episode.hook, instance: record.instance, token: episode.token },
    hookTimeout: episode.hookTimeout,
    nextAt: episode.startedAt + episode.hookTimeout / 2,
    until: episode.startedAt + globalLimit(episode.hookTimeout),
  };
}

function healthOf(before: NodeRecord | undefined, record: NodeRecord): Change["health"] {
  const was = isUnhealthy(before);
  const is = isUnhealthy(record);
  if (was === is) return undefined;
  return is ? "unhealthy" : "healthy";
}

const isUnhealthy = (record: NodeRecord | undefined): boolean =>
  record?.phase.name === "in-service" && record.phase.failures > 0;
