/** What a person asks of a rollout: to begin one, and to take one back. The loop carries it out. */
import {
  type Assigned,
  type GroupOfSite,
  type InstanceId,
  isOver,
  isSame,
  type Rollout,
  rolloutKey,
  type Upgrade,
} from "@warden/fleet";
import type { Deps } from "./deps.ts";
import type { Asked } from "./orders.ts";
import type { StoredRollout } from "./ports.ts";
import { rolloutEntry } from "./rollouts.ts";
import { wakeNow } from "./wake-up.ts";

export type Ordered =
  | { readonly done: true; readonly rollout: Rollout }
  /** `needless`: it is so already. `why` tells a person. */
  | { readonly done: false; readonly needless: boolean; readonly why: string };

const inTheWay = (why: string): Ordered => ({ done: false, needless: false, why });

/** Nodes in service of a group that was never given a release are not Warden's: the last good is for those to come. */
export async function startRollout(of: GroupOfSite, candidate: Assigned, asked: Asked, deps: Deps): Promise<Ordered> {
  const { assigned, rollout: last, upgrade } = await deps.ports.store.groupState(of.site, of.group);
  if (last !== undefined && !isOver(last.rollout)) return inTheWay(stillGoing(last));
  if (upgrade !== undefined && !isSettled(upgrade.upgrade))
    return inTheWay(`the site is being upgraded (${upgrade.upgrade.phase}): ${upgrade.why}`);
  if (isSame(assigned, candidate))
    return { done: false, needless: true, why: `it is what the nodes of ${of.group} have already` };
  const unseen = assigned === undefined ? await notYetFound(of, deps) : [];
  if (unseen.length > 0)
    return inTheWay(
      `${unseen.join(", ")} served before Warden came, and it has not looked at them: a sweep does, each minute`,
    );
  const rollout: Rollout = {
    v: 1,
    id: deps.id(),
    site: of.site,
    group: of.group,
    candidate,
    lastGood: assigned ?? candidate,
    by: asked.by,
    reason: asked.reason,
    startedAt: deps.now(),
    phase: assigned === undefined ? "concluding" : "rolling",
    members: [],
    wave: 0,
  };
  return write(rollout, last, `${asked.by} begins it: ${asked.reason}`, deps);
}

/** Whoever is first seen when there is a release already is taken for one that somebody attached, and bootstrapped. */
async function notYetFound({ site, group }: GroupOfSite, { ports }: Deps): Promise<readonly InstanceId[]> {
  const [facts, stored] = await Promise.all([
    ports.autoScaling.describeGroups([group]),
    ports.store.nodesOf(site, group),
  ]);
  const seen = new Set(
    stored.filter(({ record }) => record.lifecycleState === "InService").map(({ record }) => record.instance),
  );
  const instances = facts.get(group)?.instances ?? [];
  return instances
    .filter(({ instance, lifecycleState }) => lifecycleState === "InService" && !seen.has(instance))
    .map(({ instance }) => instance);
}

/** One that goes on is taken back; after one that is done, what was the last good before it is rolled out. */
export async function returnRollout(of: GroupOfSite, asked: Asked, deps: Deps): Promise<Ordered> {
  const { rollout: last, assigned } = await deps.ports.store.groupState(of.site, of.group);
  if (last === undefined) return inTheWay(`${of.group} never had a rollout to take back`);
  const { rollout } = last;
  switch (rollout.phase) {
    case "rolling": {
      const withdrawn = { by: asked.by, reason: asked.reason };
      return write({ ...rollout, withdrawn }, last, `${asked.by} takes it back: ${asked.reason}`, deps);
    }
    case "done":
      if (!isSame(assigned, rollout.candidate))
        return inTheWay("the site was upgraded since, and what it had before does not fit its database any more");
      return startRollout(of, rollout.lastGood, asked, deps);
    case "returned":
      return inTheWay("the last rollout has returned already");
    case "concluding":
    case "returning":
      return inTheWay(stillGoing(last));
  }
}

/** One that is stuck left two releases behind: no time for anything else. */
const isSettled = ({ phase }: Upgrade): boolean => phase === "done" || phase === "returned";

const stillGoing = ({ rollout, why }: StoredRollout): string =>
  `a rollout to ${rollout.candidate.digest.slice(0, 12)} goes on (${rollout.phase}): ${why}`;

async function write(rollout: Rollout, last: StoredRollout | undefined, why: string, deps: Deps): Promise<Ordered> {
  const outcome = await deps.ports.store.commitRollout({
    rollout,
    version: last?.version ?? 0,
    dueAt: deps.now(),
    ledger: rolloutEntry(rollout, last?.rollout, why, deps),
    conclude: rollout.phase === "concluding",
    begins: rollout.withdrawn === undefined,
  });
  if (outcome === "lost") return inTheWay("somebody else changed it at this moment: look again");
  await wakeNow(rolloutKey(rollout), deps);
  return { done: true, rollout };
}
