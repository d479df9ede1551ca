/**
 * A site's upgrade in the loop: look at its nodes, decide, record, and wake who has something to do. The nodes' own passes
 * do the work; each of them wakes the upgrade when it has come on.
 */
import {
  type Assigned,
  decideUpgrade,
  groupName,
  isSettled,
  isUpgradeOver,
  nodeKey,
  type SiteName,
  type Upgrade,
  type UpgradeDecision,
  type UpgradeLook,
  upgradeKey,
} from "@warden/fleet";
import type { Deps } from "./deps.ts";
import { haltOf } from "./halt.ts";
import { type LedgerEntry, readAlike } from "./ledger.ts";
import type { StoredUpgrade } from "./ports.ts";
import { publish } from "./publish.ts";
import type { Site } from "./site.ts";
import { wakeLed } from "./wake-up.ts";

/** @param hops how many wake-ups in a row led here */
export async function reconcileUpgrade(name: SiteName, hops: number, deps: Deps): Promise<void> {
  const site = (await deps.settings.sites()).find((each) => each.site === name);
  if (site === undefined) {
    deps.log.warn("cannot lead an upgrade on: there is no such site", { site: name });
    return;
  }
  for (let round = 1; round <= mostRounds; round++) {
    const stored = await deps.ports.store.upgrade(name);
    if (stored === undefined || isUpgradeOver(stored.upgrade)) return;
    const look = await lookAt(stored.upgrade, site, deps);
    const decision = decideUpgrade(stored.upgrade, look);
    // Before the end is written down: afterwards nobody would look again.
    if (decision.stale) await noteStale(decision, deps);
    if (isSettled(decision.upgrade.phase)) await letScale(decision.upgrade, deps);
    if ((await record(stored, decision, deps)) === "lost") continue;
    await publishLastGood(decision, deps);
    if (!isSettled(decision.upgrade.phase)) await holdScaling(decision.upgrade, look, deps);
    await wakeLed(upgradeKey(name), decision.wake.map(nodeKey), decision.dueAt, hops, deps);
    return;
  }
  throw new Error(`lost the race for the upgrade of ${name} ${mostRounds} times`);
}

const mostRounds = 3;

async function lookAt(upgrade: Upgrade, { site, groups, policy }: Site, { ports, now }: Deps): Promise<UpgradeLook> {
  const says = upgrade.phase === "switching";
  const [facts, nodes, halted, published] = await Promise.all([
    ports.autoScaling.describeGroups(groups),
    Promise.all(groups.map((group) => ports.store.nodesOf(site, group))),
    haltOf(site, ports, now()),
    Promise.all(groups.map(async (group) => [group, says ? await ports.lastGood.read({ site, group }) : undefined])),
  ]);
  return {
    nodes: nodes.flat().map(({ record: node }) => node),
    halted,
    suspended: Object.fromEntries([...facts.values()].map(({ name, suspended }) => [name, suspended])),
    published: Object.fromEntries(published),
    policy,
    now: now(),
  };
}

/** A decision equal to the last one is not written again. */
async function record(stored: StoredUpgrade, decision: UpgradeDecision, deps: Deps): Promise<"done" | "lost"> {
  const { upgrade, why, dueAt, assign } = decision;
  if (why === stored.why && readAlike(upgrade, stored.upgrade)) return "done";
  const ledger = upgradeEntry(upgrade, stored.upgrade, why, deps);
  const change = { upgrade, version: stored.version, dueAt, ledger, begins: false };
  const outcome = await deps.ports.store.commitUpgrade({ ...change, assign: assignment(upgrade, assign) });
  if (outcome === "done") await publish([ledger], deps);
  return outcome;
}

function assignment(upgrade: Upgrade, assign: UpgradeDecision["assign"]): Readonly<Record<string, Assigned>> {
  return assign === undefined ? {} : upgrade[assign];
}

export function upgradeEntry(upgrade: Upgrade, before: Upgrade | undefined, why: string, deps: Deps): LedgerEntry {
  return {
    v: 1,
    key: upgradeKey(upgrade.site),
    at: deps.now(),
    id: deps.id(),
    kind: "upgrade",
    phase: upgrade.phase,
    phaseBefore: before?.id === upgrade.id ? before.phase : undefined,
    why,
    actions: [],
    evidence: { upgrade },
  };
}

async function holdScaling({ held = {} }: Upgrade, { suspended }: UpgradeLook, { ports }: Deps): Promise<void> {
  for (const [group, processes] of Object.entries(held)) {
    const missing = processes.filter((each) => suspended[group]?.includes(each) !== true);
    if (missing.length > 0) await ports.autoScaling.suspendProcesses(groupName(group), missing);
  }
}

/** What somebody else had suspended before stays so. */
async function letScale({ held = {} }: Upgrade, { ports }: Deps): Promise<void> {
  for (const [group, processes] of Object.entries(held))
    if (processes.length > 0) await ports.autoScaling.resumeProcesses(groupName(group), processes);
}

/** Said again until it reads as it was said. */
async function publishLastGood({ upgrade, publish: said }: UpgradeDecision, deps: Deps): Promise<void> {
  for (const [group, assigned] of Object.entries(said ?? {}))
    await deps.ports.lastGood.publish({ site: upgrade.site, group: groupName(group) }, assigned);
}

/** Old code may have left values of its own in the application cache. */
async function noteStale({ upgrade, why }: UpgradeDecision, deps: Deps): Promise<void> {
  const change = { id: upgrade.id, at: deps.now(), why };
  for (const group of Object.keys(upgrade.to)) {
    const of = { site: upgrade.site, group: groupName(group) };
    await deps.ports.store.noteChange(of, "stale", change, upgrade.startedAt);
  }
}
