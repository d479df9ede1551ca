/** What a person asks of an upgrade: to begin one, and to take one back. The loop carries it out. */
import { type Assigned, isOver, isUpgradeOver, type SiteName, type Upgrade, upgradeKey } from "@warden/fleet";
import type { Deps } from "./deps.ts";
import type { Asked } from "./orders.ts";
import type { StoredUpgrade } from "./ports.ts";
import type { Site } from "./site.ts";
import { upgradeEntry } from "./upgrades.ts";
import { wakeNow } from "./wake-up.ts";

export type OrderedUpgrade =
  | { readonly done: true; readonly upgrade: Upgrade }
  /** `needless`: it is so already. `why` tells a person. */
  | { readonly done: false; readonly needless: boolean; readonly why: string };

export interface UpgradePlan {
  /** By group name: all groups of the site. */
  readonly to: Readonly<Record<string, Assigned>>;
  readonly recoveryPoints: readonly string[];
  /** HOST[:PORT][/NAME] of a copy of the database: it is tried there, and nothing more. */
  readonly rehearseOn?: string | undefined;
}

export async function startUpgrade(site: Site, plan: UpgradePlan, asked: Asked, deps: Deps): Promise<OrderedUpgrade> {
  const { store } = deps.ports;
  const last = await store.upgrade(site.site);
  if (last !== undefined && !isUpgradeOver(last.upgrade)) return inTheWay(stillGoing(last));
  const from: Record<string, Assigned> = {};
  let differs = false;
  for (const group of site.groups) {
    const { assigned, rollout } = await store.groupState(site.site, group);
    const to = plan.to[group];
    if (assigned === undefined || to === undefined) return inTheWay(`the group ${group} was never given a release`);
    if (rollout !== undefined && !isOver(rollout.rollout))
      return inTheWay(`a rollout goes on in group ${group} (${rollout.rollout.phase}): ${rollout.why}`);
    from[group] = assigned;
    differs ||= assigned.release !== to.release;
  }
  const stuck = last?.upgrade.phase === "stuck" ? last.upgrade : undefined;
  if (stuck !== undefined && plan.rehearseOn !== undefined)
    return inTheWay("the last upgrade is stuck: a copy of its database is half-way, too");
  if (!differs) return { done: false, needless: true, why: "it is the release that the site has already" };
  const now = deps.now();
  const upgrade: Upgrade = {
    v: 1,
    id: deps.id(),
    site: site.site,
    // Nodes of an upgrade that is stuck still have the code from before it.
    from: stuck?.from ?? from,
    to: plan.to,
    by: asked.by,
    reason: asked.reason,
    startedAt: now,
    phase: "preflight",
    since: now,
    attempt: 0,
    moved: stuck?.moved ?? false,
    recoveryPoints: stuck?.recoveryPoints ?? plan.recoveryPoints,
    ...(plan.rehearseOn !== undefined && { rehearsal: { copy: plan.rehearseOn } }),
    ...(stuck && { closedAt: stuck.closedAt, upgrader: stuck.upgrader, held: stuck.held }),
  };
  return write(upgrade, last, `${asked.by} begins it: ${asked.reason}`, deps);
}

/** As long as the database has not begun to change, all goes back by itself. */
export async function withdrawUpgrade(site: SiteName, asked: Asked, deps: Deps): Promise<OrderedUpgrade> {
  const last = await deps.ports.store.upgrade(site);
  if (last === undefined || isUpgradeOver(last.upgrade)) return inTheWay("no upgrade goes on");
  const { upgrade } = last;
  if (upgrade.attempt > 0 || upgrade.moved) {
    const points = upgrade.recoveryPoints.join(" and ");
    const back = points === "" ? "there is none: none was known when it began" : `the recovery points ${points}`;
    return inTheWay(`the database has begun to change, so it only goes forwards; the way back is ${back}`);
  }
  if (upgrade.because !== undefined) return inTheWay(`it goes back already: ${upgrade.because}`);
  const withdrawn = { by: asked.by, reason: asked.reason };
  return write({ ...upgrade, withdrawn }, last, `${asked.by} takes it back: ${asked.reason}`, deps);
}

const inTheWay = (why: string): OrderedUpgrade => ({ done: false, needless: false, why });

const stillGoing = ({ upgrade, why }: StoredUpgrade): string =>
  `an upgrade that ${upgrade.by} began at ${new Date(upgrade.startedAt).toISOString()} goes on (${upgrade.phase}): ${why}`;

async function write(
  upgrade: Upgrade,
  last: StoredUpgrade | undefined,
  why: string,
  deps: Deps,
): Promise<OrderedUpgrade> {
  const outcome = await deps.ports.store.commitUpgrade({
    upgrade,
    version: last?.version ?? 0,
    dueAt: deps.now(),
    ledger: upgradeEntry(upgrade, last?.upgrade, why, deps),
    assign: {},
    begins: upgrade.withdrawn === undefined,
  });
  if (outcome === "done") {
    await wakeNow(upgradeKey(upgrade.site), deps);
    return { done: true, upgrade };
  }
  const now = await deps.ports.store.upgrade(upgrade.site);
  const other = now !== undefined && now.upgrade.id !== upgrade.id && !isUpgradeOver(now.upgrade);
  return inTheWay(other ? stillGoing(now) : "somebody else changed it at this moment: look again");
}
