/** The end of a node's chances: evidence first, then ABANDON, unless ending nodes would only burn the next ones. */
import { standing } from "./command.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { answer, endsForGoodAt, isOpen } from "./episode.ts";
import { intend, type Look } from "./look.ts";
import type { Launch, NodeRecord, Phase } from "./node-record.ts";

/**
 * Out of chances. While launches fail one after the other the template or the release is at fault, not the node:
 * ending nodes would only burn the next ones, so they are kept and tried again, and one stays as it is for a person.
 */
export function giveUp(record: NodeRecord, launch: Launch, look: Look, because: string): Decision {
  const { failedLaunches, kept } = look.seen.group;
  if (failedLaunches + 1 < look.policy.breakerThreshold) return abandon(record, look, because, "failed");
  const reason = `${failedLaunches} launches in a row failed before it (${because}); nodes are no longer burned`;
  const recheckAt = look.now + restOf(look);
  const rested: Launch = { ...launch, attempt: 1, deadline: look.now + look.policy.launchBudget };
  const postMortem = kept === undefined || kept === record.instance;
  return decision(inPhase(record, { name: "on-hold", launch: rested, reason, recheckAt }, look.now), {
    why: postMortem ? `kept for the post-mortem: ${reason}` : `kept and tried again later: ${reason}`,
    dueAt: recheckAt,
    launchOutcome: postMortem ? "kept" : undefined,
  });
}

/** How long a node that is kept rests between two tries. */
export const restOf = (look: Look): number => look.policy.launchBudget / 5;

/** Time to record and send a last word before the global time-out. */
const endMargin = 120_000;

/** When the last word must be said, because no heartbeat can extend the action beyond its global time-out. */
export const lastWordAt = (record: NodeRecord): number =>
  isOpen(record.episode) ? endsForGoodAt(record.episode) - endMargin : Number.POSITIVE_INFINITY;

/**
 * Saves evidence if the agent still answers, then ABANDON.
 * @param outcome `failed` when the node is to blame: only that counts for the circuit breaker
 */
export function abandon(record: NodeRecord, look: Look, reason: string, outcome?: "failed"): Decision {
  const command = look.seen.agent === "online" ? intend(look, "evidence", "") : undefined;
  const next = inPhase(record, { name: "refused", reason, command }, look.now);
  if (command === undefined) return { ...giveBack(next, look, reason), launchOutcome: outcome };
  return decision(next, {
    why: `given up: ${reason}; its evidence is saved first`,
    actions: [sendCommand(command, { ...look.seen.assigned, deadline: look.now })],
    dueAt: look.now + look.policy.lookAgain,
    launchOutcome: outcome,
  });
}

export function refused(record: NodeRecord, phase: Extract<Phase, { name: "refused" }>, look: Look): Decision {
  if (phase.command === undefined || look.now >= record.since + evidencePatience)
    return giveBack(record, look, phase.reason);
  const stands = standing(phase.command, look.seen.command, look.policy, look.now);
  if (stands.is === "waiting")
    return decision(record, { why: `saves evidence before ABANDON: ${phase.reason}`, dueAt: stands.until });
  return giveBack(record, look, phase.reason);
}

/** Evidence is a courtesy: it never keeps a hook waiting for long. */
export const evidencePatience = 60_000;

function giveBack(record: NodeRecord, look: Look, reason: string): Decision {
  const answered = answer(inPhase(record, { name: "released" }, look.now), "ABANDON");
  return decision(answered.record, {
    why: `ABANDON: ${reason}`,
    actions: answered.actions,
    dueAt: look.now + look.policy.retryDelay,
  });
}
