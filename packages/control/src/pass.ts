/** One pass of the loop over some nodes: look, decide, record, act, and say when to look again. */
import { type Decision, decide, type NodeKey, nodeKey } from "@warden/fleet";
import { act, chunks, type Recorded } from "./act.ts";
import { changeOf } from "./change.ts";
import type { Deps } from "./deps.ts";
import { isFault } from "./fault.ts";
import { inParallel } from "./in-parallel.ts";
import { isNews, type LedgerEntry, ledgerEntry } from "./ledger.ts";
import type { Located, Place } from "./locate.ts";
import { observe, type Seen } from "./observe.ts";
import type { Change, Lane, Wake } from "./ports.ts";
import { nextWake } from "./wake-up.ts";

export interface Outcome {
  /** Another pass changed the record meanwhile: look again. */
  readonly lost: ReadonlySet<NodeKey>;
  /** To be tried again later, with the reason. */
  readonly failed: ReadonlyMap<NodeKey, unknown>;
}

export async function pass(located: Located, lane: Lane, deps: Deps): Promise<Outcome> {
  const now = deps.now();
  const seen = await observe(located, deps, now);
  const passId = deps.id();
  const plans = located.places.flatMap((place) => plan(place, seen, passId, now, deps) ?? []);

  const { kept, lost, failed } = await record(plans, deps);
  for (const [key, error] of await act(kept.map(asRecorded), deps.ports)) {
    failed.set(key, error);
    await noteDenied(key, error, deps);
  }
  const wakes = kept.flatMap((each) => each.wake ?? []);
  if (wakes.length > 0) await deps.ports.lanes.wake(lane, wakes);
  await publish(
    kept.flatMap((each) => (each.change === undefined ? [] : [each.change.ledger])),
    deps,
  );
  return { lost, failed };
}

interface Plan {
  readonly place: Place;
  readonly decision: Decision;
  /** Undefined when nothing is new. */
  readonly change: Change | undefined;
  readonly wake: Wake | undefined;
  readonly targetGroupArns: readonly string[];
}

function plan(place: Place, seen: Seen, passId: string, now: number, deps: Deps): Plan | undefined {
  const key = nodeKey(place.name);
  const observation = seen.observations.get(key);
  const stored = seen.snapshot.nodes.get(key);
  if (observation === undefined || seen.snapshot.newer.has(key)) return undefined;
  // Nothing is known of it and nothing is seen of it: nothing to remember.
  if (stored === undefined && observation.lifecycleState === "absent" && place.hints.length === 0) return undefined;

  const { policy } = place.site;
  const decision = decide(place.name, stored?.record, { seen: observation, policy, now, pass: passId });
  const changed = isNews(stored, decision);
  const entry = ledgerEntry(key, stored?.record, decision, observation, { now, id: deps.id() });
  const version = (stored?.version ?? 0) + (changed ? 1 : 0);
  return {
    place,
    decision,
    change: changed ? changeOf(key, stored, decision, observation, policy, entry) : undefined,
    wake: nextWake(key, place, decision.dueAt, changed, version, now),
    targetGroupArns: seen.targetGroupArns.get(place.name.group) ?? [],
  };
}

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
async function noteDenied(key: NodeKey, error: unknown, deps: Deps): Promise<void> {
  if (!isFault(error, "denied")) return;
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

/** Publishing is a courtesy to listeners: what fails here stays in the outbox for the sweep. */
export async function publish(entries: readonly LedgerEntry[], deps: Deps): Promise<void> {
  try {
    for (const part of chunks(entries, 10)) await deps.ports.bus.publish(part);
    await deps.ports.store.published(entries);
  } catch (error) {
    deps.log.warn("could not publish; the sweep will", { error });
  }
}
