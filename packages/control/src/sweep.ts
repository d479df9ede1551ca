/**
 * Once a minute: find what no event told about. Compares what groups have with what is remembered, wakes what is due,
 * gives back the slots of the gone, and publishes what is left in the outbox. It only wakes; the loop decides.
 */
import { type GroupName, type NodeKey, nodeKey, type SiteName, stationOf } from "@warden/fleet";
import { chunks } from "./act.ts";
import type { Deps } from "./deps.ts";
import { publish } from "./pass.ts";
import type { GroupFacts, StoredNode, Wake } from "./ports.ts";
import type { Site } from "./site.ts";

/** The next sweep comes in a minute: what is due before then is woken now, with its delay. */
const period = 60_000;

/** Due for so long although it was woken: it may be what crashes the function, so it is woken to be tried alone. */
const overdue = 120_000;

export interface Swept {
  readonly nodes: number;
  readonly woken: number;
  readonly slotsReturned: number;
}

export async function sweep(deps: Deps): Promise<Swept> {
  const now = deps.now();
  const sites = await deps.settings.sites();
  const groups = await deps.ports.autoScaling.describeGroups(sites.flatMap((site) => site.groups));
  const total = { nodes: 0, woken: 0, slotsReturned: 0 };
  for (const site of sites) {
    for (const name of site.groups) {
      const facts = groups.get(name);
      if (facts === undefined) {
        deps.log.warn("a site names a group that does not exist", { site: site.site, group: name });
        continue;
      }
      const swept = await sweepGroup(site, facts, now, deps);
      total.nodes += swept.nodes;
      total.woken += swept.woken;
      total.slotsReturned += swept.slotsReturned;
    }
  }
  await publishLeftovers(deps);
  await deps.ports.store.putSweep(now);
  return total;
}

async function sweepGroup(site: Site, facts: GroupFacts, now: number, deps: Deps): Promise<Swept> {
  const stored = await deps.ports.store.nodesOf(site.site, facts.name);
  const wakes = wakesFor(site.site, facts, stored, now);
  for (const part of chunks(wakes, 500)) await deps.ports.lanes.wake("normal", part);
  const slotsReturned = await returnSlots(site.site, facts.name, stored, deps);
  return { nodes: facts.instances.length, woken: wakes.length, slotsReturned };
}

/** Pure: which nodes of a group need a look, given what the group has and what is remembered. */
export function wakesFor(
  site: SiteName,
  facts: Pick<GroupFacts, "name" | "instances">,
  stored: readonly StoredNode[],
  now: number,
): Wake[] {
  const remembered = new Map(stored.map((node) => [node.record.instance, node]));
  const wakes: Wake[] = [];
  const wake = (key: NodeKey, node: StoredNode | undefined): void => {
    const dueAt = node?.dueAt ?? now;
    const delay = Math.min(Math.max(0, dueAt - now), period);
    wakes.push({ key, hops: 0, version: node?.version ?? 0, delay, alone: now - dueAt >= overdue });
  };
  for (const { instance, lifecycleState } of facts.instances) {
    const node = remembered.get(instance);
    remembered.delete(instance);
    if (needsLook(node, lifecycleState, now)) wake(nodeKey({ site, group: facts.name, instance }), node);
  }
  for (const node of remembered.values()) {
    if (node.record.phase.name !== "gone") wake(nodeKey(node.record), node);
  }
  return wakes;
}

function needsLook(node: StoredNode | undefined, lifecycleState: string, now: number): boolean {
  if (node === undefined) return stationOf(lifecycleState) !== "ended";
  if (node.record.lifecycleState !== lifecycleState) return true;
  return node.dueAt !== undefined && node.dueAt < now + period;
}

/** A slot whose node is gone, or is not known at all, serves nobody. */
async function returnSlots(
  site: SiteName,
  group: GroupName,
  stored: readonly StoredNode[],
  deps: Deps,
): Promise<number> {
  const { slots } = await deps.ports.store.groupState(site, group);
  const owners = new Set(stored.filter((node) => node.record.slot).map((node) => node.record.instance));
  const orphans = slots.filter((instance) => !owners.has(instance));
  for (const instance of orphans) await deps.ports.store.returnSlot(site, group, instance);
  return orphans.length;
}

async function publishLeftovers(deps: Deps): Promise<void> {
  const entries = await deps.ports.store.unpublished(200);
  // The pass that wrote an entry publishes it itself; only what it left behind is ours.
  const left = entries.filter((entry) => entry.at < deps.now() - 30_000);
  if (left.length > 0) await publish(left, deps);
}
