/** One pass of the loop over some nodes: look, decide, record, act, and say when to look again. */
import { isDeepStrictEqual } from "node:util";
import {
  type Decision,
  decide,
  isOver,
  isUpgradeOver,
  type NodeKey,
  nodeKey,
  rolloutKey,
  upgradeKey,
} from "@warden/fleet";
import { act, type Recorded } from "./act.ts";
import { alarming } from "./alarming.ts";
import { changeOf } from "./change.ts";
import type { Deps } from "./deps.ts";
import { type Fault, isFault } from "./fault.ts";
import { inParallel } from "./in-parallel.ts";
import { complainsAnew, openSoon } from "./incidents.ts";
import { isNews, type LedgerEntry, ledgerEntry } from "./ledger.ts";
import type { Place } from "./locate.ts";
import { groupKey, observe, type Seen } from "./observe.ts";
import type { Change, StoredNode, Wake } from "./ports.ts";
import { publish } from "./publish.ts";
import { echo, longestChain, nextWake, wakeFor } from "./wake-up.ts";

export interface Outcome {
  /** Another pass changed the record meanwhile: look again. */
  readonly lost: ReadonlySet<NodeKey>;
  /** To be tried again later, with the reason. */
  readonly failed: ReadonlyMap<NodeKey, unknown>;
}

export async function pass(places: readonly Place[], deps: Deps): Promise<Outcome> {
  const now = deps.now();
  const seen = await observe(places, deps, now);
  const passId = deps.id();
  const plans = places.flatMap((place) => plan(place, seen, passId, now, deps) ?? []);

  const stay = plans.filter(({ decision }) => decision.refusedBy === "budget");
  if (stay.length > 0) deps.log.warn(alarming.budgetExhausted, { keys: stay.map(({ place }) => nodeKey(place.name)) });

  const { kept, lost, failed } = await record(plans, deps);
  for (const [key, error] of await act(kept.map(asRecorded), deps.ports)) {
    // Trying again at once will not bring a permission: the node is due again as any other.
    if (isFault(error, "denied")) await noteDenied(key, error, deps);
    else failed.set(key, error);
  }
  await wakeLater(kept, deps);
  await publish(
    kept.flatMap((each) => (each.change === undefined || each.change.quiet ? [] : [each.change.ledger])),
    deps,
  );
  await openIncidents(kept, deps);
  return { lost, failed };
}

/** Last: nobody waits longer for his node because something is wrong with what all share. */
async function openIncidents(plans: readonly Plan[], deps: Deps): Promise<void> {
  const complaining = Map.groupBy(
    plans.filter(({ complains }) => complains),
    ({ place }) => place.site,
  );
  for (const [site, of] of complaining) {
    const records = of.map(({ decision }) => decision.record);
    await openSoon(site, records, deps);
  }
}

/**
 * Where seconds count the urgent lane keeps its nodes; the others travel on in the normal one, whose larger batches
 * share each read among more nodes.
 */
async function wakeLater(plans: readonly Plan[], deps: Deps): Promise<void> {
  const urgent: Wake[] = [];
  const normal: Wake[] = [];
  for (const { wakes, decision } of plans) {
    (decision.record.notice?.kind === "spot" ? urgent : normal).push(...wakes);
  }
  normal.push(...leaderWakes(plans));
  if (urgent.length > 0) await deps.ports.lanes.wake("urgent", urgent);
  if (normal.length > 0) await deps.ports.lanes.wake("normal", normal);
}

/** A rollout or an upgrade waits for its nodes: one wake-up tells it of all that this pass has changed. */
function leaderWakes(plans: readonly Plan[]): Wake[] {
  const wakes = new Map<string, Wake>();
  for (const { place, tellsRollout, tellsUpgrade } of plans) {
    const hops = place.hops + 1;
    if (hops > longestChain) continue;
    const leaders = [
      ...(tellsRollout ? [rolloutKey(place.name)] : []),
      ...(tellsUpgrade ? [upgradeKey(place.name.site)] : []),
    ];
    for (const key of leaders) wakes.set(key, wakeFor(key, hops));
  }
  return [...wakes.values()];
}

interface Plan {
  readonly place: Place;
  readonly decision: Decision;
  /** Undefined when nothing is new. */
  readonly change: Change | undefined;
  readonly wakes: readonly Wake[];
  readonly targetGroupArns: readonly string[];
  /** Its group has a rollout that this may lead on. */
  readonly tellsRollout: boolean;
  readonly tellsUpgrade: boolean;
  /** Of something that all share, and that it did not complain of before. */
  readonly complains: boolean;
}

function plan(place: Place, seen: Seen, passId: string, now: number, deps: Deps): Plan | undefined {
  const key = nodeKey(place.name);
  const observation = seen.observations.get(key);
  const stored = seen.snapshot.nodes.get(key);
  if (seen.snapshot.newer.has(key)) {
    deps.log.error(alarming.recordLeftAlone, { key });
    return undefined;
  }
  if (observation === undefined) return undefined;
  // Nothing is known of it and nothing is seen of it: nothing to remember.
  if (stored === undefined && observation.lifecycleState === "absent" && place.hints.length === 0) return undefined;

  const { policy } = place.site;
  const decision = decide(place.name, stored?.record, { seen: observation, policy, now, pass: passId });
  const news = isNews(stored, decision);
  const changed = news || isPutOff(stored, decision, now);
  const entry = (): LedgerEntry => ledgerEntry(key, stored?.record, decision, observation, { now, id: deps.id() });
  const version = (stored?.version ?? 0) + (changed ? 1 : 0);
  return {
    place,
    decision,
    change: changed ? changeOf(key, stored, decision, observation, policy, entry(), !news) : undefined,
    wakes: [
      nextWake(key, place, decision.dueAt, changed, version, now),
      place.told && waitsForCommand(decision) ? echo(key, version) : undefined,
    ].filter((wake) => wake !== undefined),
    targetGroupArns: seen.targetGroupArns.get(place.name.group) ?? [],
    tellsRollout: changed && inRollout(place, seen) && !isDeepStrictEqual(stored?.record.push, decision.record.push),
    tellsUpgrade: news && inUpgrade(place, seen),
    complains: complainsAnew(stored?.record, decision.record),
  };
}

function inRollout({ name }: Place, { snapshot }: Seen): boolean {
  const stored = snapshot.groups.get(groupKey(name))?.rollout;
  return stored !== undefined && !isOver(stored.rollout);
}

function inUpgrade({ name }: Place, { snapshot }: Seen): boolean {
  const stored = snapshot.groups.get(groupKey(name))?.upgrade;
  return stored !== undefined && !isUpgradeOver(stored.upgrade);
}

const waitsForCommand = ({ stillWaiting, record: { phase } }: Decision): boolean =>
  stillWaiting && "command" in phase && phase.command !== undefined;

/** Nothing is new, but the time that was written down has passed: left so, the sweep would take the node for stuck. */
function isPutOff(stored: StoredNode | undefined, decision: Decision, now: number): boolean {
  if (stored?.dueAt === undefined || decision.dueAt === stored.dueAt) return false;
  return now - stored.dueAt >= putOffAfter;
}

/** Well before the sweep calls a node overdue, and seldom enough to cost nothing. */
const putOffAfter = 60_000;

async function record(
  plans: readonly Plan[],
  deps: Deps,
): Promise<{ kept: Plan[]; lost: Set<NodeKey>; failed: Map<NodeKey, unknown> }> {
  const kept: Plan[] = [];
  const lost = new Set<NodeKey>();
  const failed = new Map<NodeKey, unknown>();
  await inParallel(plans, commitsAtOnce, async (each) => {
    const key = nodeKey(each.place.name);
    try {
      const outcome = each.change === undefined ? "done" : await deps.ports.store.commit(each.change);
      if (outcome === "done") kept.push(each);
      else lost.add(key);
    } catch (error) {
      failed.set(key, error);
    }
  });
  return { kept, lost, failed };
}

/** As many sockets as the SDK keeps open to one host by default; more would only queue there. */
const commitsAtOnce = 25;

function asRecorded({ place, decision, targetGroupArns }: Plan): Recorded {
  return { name: place.name, decision, policy: place.site.policy, targetGroupArns };
}

/** A permission that is missing must be findable where people look first: `warden explain` and `warden doctor`. */
async function noteDenied(key: NodeKey, error: Fault, deps: Deps): Promise<void> {
  deps.log.error("a permission is missing", { key, error });
  const entry: LedgerEntry = {
    v: 1,
    key,
    at: deps.now(),
    id: deps.id(),
    kind: "denied",
    phase: undefined,
    phaseBefore: undefined,
    why: error.message,
    actions: [error.action],
    evidence: {},
  };
  await deps.ports.store.note(entry);
}
