/**
 * Freezes and peaks of a site: Auto Scaling's own ways to take nodes away are held while one is in force, and given back after it.
 * The sweep does that, from what it finds: whoever was down when a freeze began or ended does it at the next look. What is decided
 * is in `@warden/fleet`; this reads, writes down what it is going to do, and does it.
 */
import {
  freezeAt,
  frozenText,
  giveBack,
  type HeldScaling,
  hold,
  isNothing,
  nodesWanted,
  type ScalingChange,
  type ScalingPlan,
} from "@warden/fleet";
import type { Calendar, StoredCalendar } from "./calendar.ts";
import type { Deps } from "./deps.ts";
import { type LedgerEntry, readAlike, siteKey } from "./ledger.ts";
import type { AutoScalingPort, GroupFacts, StoredNode } from "./ports.ts";
import { publish } from "./publish.ts";
import type { Site } from "./site.ts";
import type { ScalingPort } from "./sweep-ports.ts";

interface Plan extends ScalingPlan {
  readonly facts: GroupFacts;
}

/** @param nodes all of the site's, as they are remembered */
export async function keepFreezes(
  site: Site,
  { calendar, version }: StoredCalendar,
  groups: readonly GroupFacts[],
  nodes: readonly StoredNode[],
  scaling: ScalingPort,
  deps: Deps,
): Promise<void> {
  const isStopped = async (): Promise<boolean> => (await deps.ports.store.stopped(site.site)) !== undefined;
  const frozen = freezeAt(calendar.freezes, deps.now());
  const isOver = frozen === undefined && Object.keys(calendar.held).length > 0;
  // To give back lets Auto Scaling take nodes away: nothing for a site that a person has stopped.
  if (isOver && (await isStopped())) return;
  const plans = groups.flatMap((facts) => planFor(facts, site, calendar, nodes, deps.now()) ?? []);
  const next: Calendar = {
    freezes: calendar.freezes.filter(({ to }) => deps.now() < to),
    held: Object.fromEntries(plans.flatMap(({ facts, held }) => (held === undefined ? [] : [[facts.name, held]]))),
  };
  // Written down before it is done: whoever comes after a crash knows what is to be given back.
  if (!readAlike(next, calendar)) {
    const ledger = newsOf(site, calendar, next, deps);
    const outcome = await deps.ports.store.commitCalendar({ site: site.site, calendar: next, version, ledger });
    if (outcome === "lost") return;
    await publish(ledger, deps);
  }
  for (const { facts, change } of plans) await carryOut(facts, change, scaling, deps.ports.autoScaling);
}

function planFor(
  facts: GroupFacts,
  { policy }: Site,
  { freezes, held }: Calendar,
  nodes: readonly StoredNode[],
  now: number,
): Plan | undefined {
  const before = held[facts.name];
  if (freezeAt(freezes, now) !== undefined) {
    const raising = nodes.filter(({ record }) => record.group === facts.name && record.raisedTo !== undefined);
    return { facts, ...hold(before, facts, { wanted: nodesWanted(freezes, facts.name, now), extra: raising.length }) };
  }
  return before && { facts, ...giveBack(before, facts, policy.disruptionBudget) };
}

async function carryOut(
  { name }: GroupFacts,
  change: ScalingChange,
  scaling: ScalingPort,
  autoScaling: AutoScalingPort,
): Promise<void> {
  if (isNothing(change)) return;
  const { min, protectsNew, protect, unprotect, suspend, resume, desired } = change;
  // Protection first: a minimum that is lowered, or a process that goes on, finds everybody as they are to be.
  if (protect.length > 0) await scaling.protect(name, protect, true);
  if (unprotect.length > 0) await scaling.protect(name, unprotect, false);
  if (min !== undefined || protectsNew !== undefined)
    await scaling.update(name, {
      ...(min !== undefined && { min }),
      ...(protectsNew !== undefined && { protectsNew }),
    });
  if (suspend.length > 0) await autoScaling.suspendProcesses(name, suspend);
  if (resume.length > 0) await autoScaling.resumeProcesses(name, resume);
  if (desired !== undefined) await autoScaling.setDesiredCapacity(name, desired);
}

/** A row when something begins to be held in a group, and one when all of it is given back. */
function newsOf(site: Site, before: Calendar, after: Calendar, deps: Deps): LedgerEntry[] {
  const frozen = freezeAt(after.freezes, deps.now());
  const why = frozen === undefined ? "the freeze is over" : frozenText(frozen);
  return site.groups.flatMap((group) => {
    const [held, released] = [after.held[group], before.held[group]];
    if (held !== undefined && released === undefined)
      return [freezeEntry(site, "held", `${group} only grows: ${why}; ${heldText(held)}`, { group, held }, deps)];
    if (held === undefined && released !== undefined)
      return [freezeEntry(site, "given-back", `${group} scales by itself again: ${why}`, { group, released }, deps)];
    return [];
  });
}

const heldText = ({ theirs, made }: HeldScaling): string =>
  theirs.min === made.min ? `at least ${made.min} nodes` : `at least ${made.min} nodes instead of ${theirs.min}`;

/** What came of a freeze: a person planned or withdrew it, scaling is held or given back. */
export type FreezePhase = "planned" | "withdrawn" | "held" | "given-back";

export const freezeEntry = (
  { site }: Pick<Site, "site">,
  phase: FreezePhase,
  why: string,
  evidence: LedgerEntry["evidence"],
  deps: Deps,
): LedgerEntry => ({
  ...{ v: 1, key: siteKey(site), at: deps.now(), id: deps.id(), kind: "freeze", phase, phaseBefore: undefined },
  ...{ why, actions: [], evidence },
});
