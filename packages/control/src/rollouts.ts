/**
 * Rollouts in the loop: look at the group, decide, record, and wake the nodes that have something to do. The nodes'
 * own passes do the work; each of them wakes its rollout when it has come on.
 */
import {
  decideRollout,
  type GroupOfSite,
  isOver,
  nodeKey,
  type Rollout,
  type RolloutDecision,
  type RolloutLook,
  rolloutKey,
} from "@warden/fleet";
import type { Deps } from "./deps.ts";
import { haltOf } from "./halt.ts";
import { type LedgerEntry, readAlike } from "./ledger.ts";
import { groupView } from "./observe.ts";
import type { GroupState, StoredRollout } from "./ports.ts";
import { publish } from "./publish.ts";
import { wakeLed } from "./wake-up.ts";

/** @param hops how many wake-ups in a row led here */
export async function reconcileRollout(of: GroupOfSite, hops: number, deps: Deps): Promise<void> {
  for (let round = 1; round <= mostRounds; round++) {
    const state = await deps.ports.store.groupState(of.site, of.group);
    const stored = state.rollout;
    if (stored === undefined || isOver(stored.rollout)) return;
    const look = await lookAt(stored.rollout, state, deps);
    if (look === undefined) return;
    const decision = decideRollout(stored.rollout, look);
    if ((await record(stored, decision, deps)) === "lost") continue;
    if (decision.publish !== undefined) await deps.ports.lastGood.publish(of, decision.publish);
    const nodes = decision.wake.map((instance) => nodeKey({ ...of, instance }));
    await wakeLed(rolloutKey(of), nodes, decision.dueAt, hops, deps);
    return;
  }
  throw new Error(`lost the race for the rollout of ${of.group} ${mostRounds} times`);
}

const mostRounds = 3;

async function lookAt(rollout: Rollout, state: GroupState, deps: Deps): Promise<RolloutLook | undefined> {
  const { ports, settings } = deps;
  const { site, group } = rollout;
  const policy = (await settings.sites()).find((each) => each.site === site)?.policy;
  const facts = (await ports.autoScaling.describeGroups([group])).get(group);
  if (policy === undefined || facts === undefined) {
    deps.log.warn("cannot lead a rollout on: its group does not exist, or belongs to no site", { site, group });
    return undefined;
  }
  const [nodes, halted, published] = await Promise.all([
    ports.store.nodesOf(site, group),
    haltOf(site, ports, deps.now()),
    rollout.phase === "concluding" ? ports.lastGood.read(rollout) : undefined,
  ]);
  return {
    nodes: nodes.map((node) => node.record),
    group: groupView(facts, state, undefined, [], 0),
    ...{ halted, published, policy },
    now: deps.now(),
  };
}

/** A decision equal to the last one is not written again. */
async function record(stored: StoredRollout, decision: RolloutDecision, deps: Deps): Promise<"done" | "lost"> {
  const { rollout, why, dueAt, conclude } = decision;
  if (why === stored.why && readAlike(rollout, stored.rollout)) return "done";
  const ledger = rolloutEntry(rollout, stored.rollout, why, deps);
  const outcome = await deps.ports.store.commitRollout({
    rollout,
    version: stored.version,
    dueAt,
    ledger,
    conclude,
    begins: false,
  });
  if (outcome === "done") await publish([ledger], deps);
  return outcome;
}

export function rolloutEntry(rollout: Rollout, before: Rollout | undefined, why: string, deps: Deps): LedgerEntry {
  return {
    v: 1,
    key: rolloutKey(rollout),
    at: deps.now(),
    id: deps.id(),
    kind: "rollout",
    phase: rollout.phase,
    phaseBefore: before?.id === rollout.id ? before.phase : undefined,
    why,
    actions: [],
    evidence: { rollout },
  };
}
