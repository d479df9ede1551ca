/**
 * Something that all nodes of a group share is not what it was: a secret was rotated, the database or a cache failed
 * over. Each node in service looks at itself at once, and so heals by the ways that it has anyway. After a failover of
 * the application cache, values from before it may have come back: they are purged, once that node has seen it work.
 * Every node is asked, and Moodle's own lock and mark see to it that one of them does it.
 */
import { standing } from "./command.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { intend, type Look } from "./look.ts";
import type { Command, InService, NodeRecord } from "./node-record.ts";
import type { Answer } from "./observation.ts";

export interface SharedChange {
  /** Letters, digits and dashes: the nodes know a purge by it. */
  readonly id: string;
  readonly at: number;
  /** What happened, for a person. */
  readonly why: string;
}

/** After this long every node was verified by the clock, and whoever could purge has done so. */
const forgottenAfter = 3_600_000;

/** Whether something changed since this node was last proven well, or asked to look. */
export function hasNotSeen({ verified, changeSeen }: NodeRecord, change: SharedChange, now: number): boolean {
  const proven = verified !== undefined && verified.at > change.at;
  return isFresh(change, now) && change.id !== changeSeen && !proven;
}

/** Undefined when nothing may be stale, or this node has to see first that the cache works, or to wait. */
export function purgeIfStale(record: NodeRecord, phase: InService, look: Look): Decision | undefined {
  const { stale } = look.seen.group;
  const { verified, purge } = record;
  if (stale === undefined || !isFresh(stale, look.now)) return undefined;
  if (verified === undefined || look.seen.stopped !== undefined) return undefined;
  const proven = verified.at > stale.at && phase.complaint === undefined;
  const tried = purge?.cause === stale.id ? purge : undefined;
  if (!proven || tried?.done === true) return undefined;
  if (tried !== undefined && look.now < tried.at + look.policy.holdRecheck) return undefined;

  const command = intend(look, "purge-cache", stale.id);
  const asked = { ...record, purge: { cause: stale.id, done: false, at: look.now } };
  return decision(inPhase(asked, { ...phase, command }, look.now), {
    why: `in service; purges what went stale: ${stale.why}`,
    actions: [sendCommand(command, { ...verified, deadline: look.now, cause: stale.id })],
    dueAt: look.now + look.policy.lookAgain,
  });
}

/** What is not done is tried again; who is asked twice for the same cause does it once. */
export function purged(record: NodeRecord, phase: InService, command: Command, look: Look): Decision {
  const stands = standing(command, look.seen.command, look.policy, look.now);
  if (stands.is === "waiting") {
    return decision(record, {
      why: "in service; what went stale is being purged",
      dueAt: stands.until,
      stillWaiting: true,
    });
  }
  const { done, message } =
    stands.is === "answered" ? outcome(stands.answer) : { done: false, message: "nobody knows whether it was purged" };
  const purge = record.purge && { ...record.purge, done, at: look.now };
  return decision(inPhase({ ...record, purge }, { ...phase, command: undefined }, look.now), {
    why: `in service; ${message}`,
    dueAt: done ? Math.max(look.now, phase.nextVerifyAt) : look.now + look.policy.holdRecheck,
  });
}

function outcome(said: Answer): { readonly done: boolean; readonly message: string } {
  if (said.step !== "purge-cache") return { done: false, message: `it answered as ${said.step}` };
  if (!said.ok) return { done: false, message: `what went stale is not purged: ${said.message}` };
  if (said.held) return { done: false, message: "another node is at it" };
  return {
    done: true,
    message: said.purged.length === 0 ? "nothing is left to purge" : `purged ${listed(said.purged)}`,
  };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

const isFresh = ({ at }: SharedChange, now: number): boolean => now - at < forgottenAfter;
