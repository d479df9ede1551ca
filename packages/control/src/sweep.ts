/**
 * Once a minute: find what no event told about. Compares what groups have with what is remembered, wakes what is due,
 * gives back the slots of the gone, and publishes what is left in the outbox. It only wakes; the loop decides.
 */
import {
  type GroupName,
  type GroupOfSite,
  hasNotSeen,
  type InstanceId,
  isOver,
  isUpgradeOver,
  type NodeKey,
  nodeKey,
  rolloutKey,
  type SharedChange,
  type SiteName,
  stationOf,
  upgradeKey,
} from "@warden/fleet";
import { sweptGroup } from "./alarming.ts";
import { alarmsOf, alarmsThatAreOn } from "./alarms.ts";
import type { StoredCalendar } from "./calendar.ts";
import { findFailovers } from "./dependencies.ts";
import type { Deps } from "./deps.ts";
import { keepFreezes } from "./freezes.ts";
import { gaugesOf } from "./gauges.ts";
import { followSite } from "./incidents.ts";
import type {
  GroupFacts,
  GroupState,
  InstanceOfGroup,
  StoredNode,
  StoredRollout,
  StoredUpgrade,
  Wake,
} from "./ports.ts";
import { publish } from "./publish.ts";
import type { Site } from "./site.ts";
import type { Alarm, ScalingPort, SweepPorts } from "./sweep-ports.ts";
import { notedTroubles, type Troubles } from "./troubles.ts";
import { sweepPeriod, wakeFor } from "./wake-up.ts";

/** Due for so long although it was woken: it may be what crashes the function, so it is woken to be tried alone. */
const overdue = 120_000;

/** So far back are failovers of caches looked for: several sweeps may have been missed. */
const remembered = 600_000;

export interface Swept {
  readonly nodes: number;
  readonly woken: number;
  readonly slotsReturned: number;
}

export async function sweep(deps: Deps, { caches, alarms, scaling }: SweepPorts): Promise<Swept> {
  const now = deps.now();
  const sites = await deps.settings.sites();
  const groups = await deps.ports.autoScaling.describeGroups(sites.flatMap((site) => site.groups));
  const troubles = notedTroubles(deps);
  const on = await troubles.of("could not ask CloudWatch which alarms are on", {}, () =>
    alarmsThatAreOn(alarms, sites),
  );
  const calendars = await deps.ports.store.calendars();
  const swept: SweptGroup[] = [];
  for (const site of sites) {
    const here = {
      found: site.groups.flatMap((name) => groups.get(name) ?? []),
      calendar: calendars.get(site.site),
      on,
    };
    swept.push(...(await sweepSite(site, here, scaling, troubles, deps)));
  }
  await troubles.of("could not ask ElastiCache what happened to its caches", {}, () =>
    findFailovers(caches, sites, now - remembered, deps),
  );
  const fair = inTurn(swept.map(({ wakes }) => wakes));
  await deps.ports.lanes.wake("normal", fair);
  await publishLeftovers(deps);
  troubles.tell();
  await deps.ports.store.putSweep(now);
  const sum = (count: (group: SweptGroup) => number): number => swept.reduce((total, each) => total + count(each), 0);
  return { nodes: sum(({ nodes }) => nodes), woken: fair.length, slotsReturned: sum((each) => each.slotsReturned) };
}

interface FoundOfSite {
  /** Those of its groups that there are. */
  readonly found: readonly GroupFacts[];
  /** Undefined when it never had one. */
  readonly calendar: StoredCalendar | undefined;
  /** Alarms of the account; undefined when nobody could be asked. */
  readonly on: readonly Alarm[] | undefined;
}

async function sweepSite(
  site: Site,
  { found, calendar, on }: FoundOfSite,
  scaling: ScalingPort,
  troubles: Troubles,
  deps: Deps,
): Promise<SweptGroup[]> {
  for (const group of site.groups.filter((name) => !found.some((each) => each.name === name)))
    deps.log.warn("a site names a group that does not exist", { site: site.site, group });
  const swept: SweptGroup[] = [];
  for (const facts of found) {
    const where = { site: site.site, group: facts.name };
    const each = await troubles.of("could not sweep a group", where, () => sweepGroup(site, facts, deps));
    if (each !== undefined) swept.push(each);
  }
  const stored = swept.flatMap((each) => each.stored);
  if (calendar !== undefined)
    await troubles.of("could not keep the freezes of a site", { site: site.site }, () =>
      keepFreezes(site, calendar, found, stored, scaling, deps),
    );
  // What is said by some of the nodes is no reason to close an incident.
  if (swept.length < found.length) return swept;
  const alarms = { raised: alarmsOf(site, on ?? []), asked: on !== undefined };
  await troubles.of("could not follow the incidents of a site", { site: site.site }, () =>
    followSite(site, stored, alarms, deps),
  );
  return swept;
}

/** One of each group, then the next of each: a site of three nodes does not wait behind one of a thousand. */
function inTurn(lists: readonly (readonly Wake[])[]): Wake[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list[turn] ?? [])).flat();
}

interface SweptGroup {
  readonly nodes: number;
  readonly stored: readonly StoredNode[];
  readonly wakes: readonly Wake[];
  readonly slotsReturned: number;
}

async function sweepGroup(site: Site, facts: GroupFacts, deps: Deps): Promise<SweptGroup> {
  const now = deps.now();
  // The slots are read before their owners: whoever takes one in between is then seen to own it.
  const state = await deps.ports.store.groupState(site.site, facts.name);
  const { slots, rollout, upgrade, changed } = state;
  await sayLastGood({ site: site.site, group: facts.name }, state, deps);
  const stored = await deps.ports.store.nodesOf(site.site, facts.name);
  const isFirst = site.groups[0] === facts.name;
  if (!state.installed && stored.some(({ record }) => record.verified !== undefined || record.phase.name === "found"))
    await deps.ports.store.noteInstalled({ site: site.site, group: facts.name });
  const wakes = [
    ...leaderWakes(rollout, isFirst ? upgrade : undefined, now),
    ...wakesFor(site.site, facts, stored, now, changed),
  ];
  const orphans = orphansOf(slots, facts, stored);
  deps.log.info(sweptGroup, { site: site.site, group: facts.name, ...gaugesOf(stored, state, now) });
  for (const instance of orphans) await deps.ports.store.returnSlot(site.site, facts.name, instance);
  return { nodes: facts.instances.length, stored, wakes, slotsReturned: orphans.length };
}

/** What nodes make of themselves without Warden: whoever changed it there, it is put right. Rollouts and upgrades say it by themselves. */
async function sayLastGood(of: GroupOfSite, state: GroupState, deps: Deps): Promise<void> {
  const { assigned, rollout, upgrade } = state;
  if (assigned === undefined || (rollout !== undefined && !isOver(rollout.rollout))) return;
  if (upgrade !== undefined && !isUpgradeOver(upgrade.upgrade)) return;
  const said = await deps.ports.lastGood.read(of);
  if (said?.release === assigned.release && said.digest === assigned.digest) return;
  deps.log.warn("what nodes make of themselves without Warden was not the last good: put right", { ...of, said });
  await deps.ports.lastGood.publish(of, assigned);
}

/** While a rollout or an upgrade goes on nodes come and go, and whoever should have woken it may have died. */
function leaderWakes(rollout: StoredRollout | undefined, upgrade: StoredUpgrade | undefined, now: number): Wake[] {
  const leaderWake = (key: Wake["key"], { dueAt }: StoredRollout | StoredUpgrade): Wake => ({
    ...wakeFor(key, 0),
    alone: isOverdue(dueAt, now),
  });
  return [
    ...(rollout === undefined || isOver(rollout.rollout) ? [] : [leaderWake(rolloutKey(rollout.rollout), rollout)]),
    ...(upgrade === undefined || isUpgradeOver(upgrade.upgrade)
      ? []
      : [leaderWake(upgradeKey(upgrade.upgrade.site), upgrade)]),
  ];
}

const isOverdue = (dueAt: number | undefined, now: number): boolean => now - (dueAt ?? now) >= overdue;

/** A group as far as it matters who is in it. */
interface Members {
  readonly name: GroupName;
  readonly instances: readonly Pick<InstanceOfGroup, "instance" | "lifecycleState">[];
}

/** Pure: which nodes of a group need a look, given what the group has and what is remembered. */
export function wakesFor(
  site: SiteName,
  facts: Members,
  stored: readonly StoredNode[],
  now: number,
  changed?: SharedChange,
): Wake[] {
  const remembered = new Map(stored.map((node) => [node.record.instance, node]));
  const wakes: Wake[] = [];
  const wake = (key: NodeKey, node: StoredNode | undefined, delay: number): void => {
    wakes.push({ key, hops: 0, version: node?.version ?? 0, delay, alone: isOverdue(node?.dueAt, now) });
  };
  for (const { instance, lifecycleState } of facts.instances) {
    const node = remembered.get(instance);
    remembered.delete(instance);
    const delay = lookIn(node, lifecycleState, now, changed);
    if (delay !== undefined) wake(nodeKey({ site, group: facts.name, instance }), node, delay);
  }
  for (const node of remembered.values()) {
    if (node.record.phase.name !== "gone") wake(nodeKey(node.record), node, 0);
  }
  return wakes;
}

/** @returns how long from now; at once where reality is not as remembered; undefined when a later sweep will do */
function lookIn(
  node: StoredNode | undefined,
  lifecycleState: string,
  now: number,
  changed: SharedChange | undefined,
): number | undefined {
  if (node === undefined) return stationOf(lifecycleState) === "ended" ? undefined : 0;
  const serves = node.record.phase.name === "in-service";
  if (serves && changed !== undefined && hasNotSeen(node.record, changed, now)) return 0;
  if (node.record.lifecycleState !== lifecycleState) return 0;
  return node.dueAt !== undefined && node.dueAt < now + sweepPeriod ? Math.max(0, node.dueAt - now) : undefined;
}

/**
 * A slot whose node is gone, or does not hold it, serves nobody. A node in the group whose record cannot be read may
 * have been written by a newer Warden: it keeps its slot.
 */
function orphansOf(
  slots: readonly InstanceId[],
  facts: Pick<Members, "instances">,
  stored: readonly StoredNode[],
): InstanceId[] {
  const remembered = new Map(stored.map((node) => [node.record.instance, node.record.slot]));
  const present = new Set(facts.instances.map((each) => each.instance));
  return slots.filter((instance) => !(remembered.get(instance) ?? present.has(instance)));
}

async function publishLeftovers(deps: Deps): Promise<void> {
  const entries = await deps.ports.store.unpublished(200);
  // The pass that wrote an entry publishes it itself; only what it left behind is ours.
  const left = entries.filter((entry) => entry.at < deps.now() - 30_000);
  if (left.length > 0) await publish(left, deps);
}
