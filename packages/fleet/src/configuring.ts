/**
 * A node in service whose configuration is not what it must be: it is given the right one while it serves, and proves
 * itself with it twice, at once and after a while. What it must be is said elsewhere (`rollout.ts`); it only goes there,
 * forwards or back. The node's own program returns to the bundle before when a new one is bad.
 */
import { standing } from "./command.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { intend, type Look } from "./look.ts";
import type { Command, InService, NodeRecord, Push } from "./node-record.ts";
import type { Answer, Assigned } from "./observation.ts";

/** Undefined when the node has what it must have, or nothing can be done about it now. */
export function pushIfWanted(record: NodeRecord, phase: InService, look: Look): Decision | undefined {
  const wanted = wantedOf(record, phase, look);
  if (wanted === undefined) return isSettled(record, look) ? settled(record, phase, look) : undefined;
  const { stopped, order } = look.seen;
  if (stopped !== undefined) return undefined;
  if (order?.verb === "hold") return leftOut(record, phase, `${order.by} holds it: ${order.reason}`, look);

  const command = intend(look, "push-config", `${wanted.release} ${wanted.digest}`);
  const told = { ...record, push: pushOf(wanted.digest, "under-way", "", look) };
  return decision(inPhase(told, { ...phase, command }, look.now), {
    why: `in service: gets configuration ${short(wanted.digest)}${phase.drifted ? " again, for its files or secrets changed" : ""}`,
    actions: [sendCommand(command, { ...wanted, deadline: look.now })],
    dueAt: look.now + look.policy.lookAgain,
  });
}

/** What the node must be and is not; undefined also for what was tried and is not to be tried again yet. */
function wantedOf({ verified, push }: NodeRecord, phase: InService, look: Look): Assigned | undefined {
  const { assigned } = look.seen;
  // Another release is not a matter of configuration.
  if (verified === undefined || verified.release !== assigned.release) return undefined;
  if (verified.digest === assigned.digest && phase.drifted !== true) return undefined;
  const tried = push?.digest === assigned.digest ? push : undefined;
  return tried !== undefined && look.now < tried.at + restAfter(tried, look) ? undefined : assigned;
}

function restAfter({ is }: Push, { policy }: Look): number {
  switch (is) {
    case "refused":
      return policy.verifyEvery;
    case "waiting":
    case "left-out":
      return policy.holdRecheck;
    case "under-way":
    case "proving":
      return 0;
  }
}

/**
 * It has what it must have, and something else was tried before. That it could not be told is kept for a while: a rollout
 * that goes on asks others first.
 */
function isSettled({ verified, push }: NodeRecord, { seen: { assigned }, policy, now }: Look): boolean {
  if (push === undefined || push.digest === assigned.digest || verified?.digest !== assigned.digest) return false;
  return push.is !== "left-out" || now >= push.at + policy.verifyEvery;
}

const settled = (record: NodeRecord, phase: InService, look: Look): Decision =>
  decision(
    { ...record, push: undefined },
    { why: "in service, with the configuration it had", dueAt: nextOf(phase, look) },
  );

// ---- The answer -----------------------------------------------------------------------------------------------------

export function pushed(record: NodeRecord, phase: InService, command: Command, look: Look): Decision {
  const stands = standing(command, look.seen.command, look.policy, look.now);
  const digest = record.push?.digest ?? look.seen.assigned.digest;
  switch (stands.is) {
    case "waiting":
      return decision(record, { why: "in service; gets its configuration", dueAt: stands.until, stillWaiting: true });
    case "unsent":
      // What was never sent need not be: it has to be something else by now.
      if (digest !== look.seen.assigned.digest)
        return decision(inPhase({ ...record, push: undefined }, { ...phase, command: undefined }, look.now), {
          why: `in service; it was never told to take configuration ${short(digest)}, and need not`,
          dueAt: look.now,
        });
      return decision(record, {
        why: `in service; no command of batch ${command.batch} is to be found: sent again`,
        actions: [sendCommand(command, { release: look.seen.assigned.release, digest, deadline: look.now })],
        dueAt: look.now + look.policy.lookAgain,
      });
    case "silent":
      return leftOut(record, phase, `it did not answer: ${stands.detail}`, look);
    case "answered":
      return said(record, phase, digest, stands.answer, look);
  }
}

function said(record: NodeRecord, phase: InService, digest: string, answer: Answer, look: Look): Decision {
  if (answer.step !== "push-config") return leftOut(record, phase, `it answered as ${answer.step}`, look);
  if (answer.ok && answer.digest === digest) return proving(record, phase, answer, look);
  if (answer.ok) return refused(record, phase, digest, `it has ${short(answer.digest)} now`, look);
  if (answer.sharedPart === undefined) return refused(record, phase, digest, answer.message, look);
  const push = pushOf(digest, "waiting", answer.message, look);
  return decision(inPhase({ ...record, push }, { ...phase, command: undefined }, look.now), {
    why: `in service; its configuration waits, ${answer.sharedPart} is not available: ${answer.message}`,
    dueAt: look.now + look.policy.holdRecheck,
  });
}

function proving(record: NodeRecord, phase: InService, has: Assigned, look: Look): Decision {
  const nextVerifyAt = look.now + look.policy.soak;
  const { release, digest } = has;
  const proven = {
    ...record,
    verified: { release, digest, at: look.now },
    push: pushOf(digest, "proving", "", look),
  };
  const next: InService = { ...phase, command: undefined, failures: 0, drifted: undefined, nextVerifyAt };
  return decision(inPhase(proven, next, look.now), {
    why: `in service with configuration ${short(digest)}; it is verified once more after a while`,
    dueAt: nextVerifyAt,
  });
}

function refused(record: NodeRecord, phase: InService, digest: string, message: string, look: Look): Decision {
  const push = pushOf(digest, "refused", message, look);
  const next: InService = { ...phase, command: undefined, drifted: undefined, nextVerifyAt: look.now };
  return decision(inPhase({ ...record, push }, next, look.now), {
    why: `in service; configuration ${short(digest)} is bad here, and the one before is back: ${message}`,
    dueAt: look.now,
  });
}

function leftOut(record: NodeRecord, phase: InService, message: string, look: Look): Decision {
  const push = pushOf(look.seen.assigned.digest, "left-out", message, look);
  // Nobody knows what it has now: that is looked at as soon as it can be asked.
  const nextVerifyAt = Math.min(phase.nextVerifyAt, look.now + look.policy.holdRecheck);
  return decision(inPhase({ ...record, push }, { ...phase, command: undefined, nextVerifyAt }, look.now), {
    why: `in service; it could not be given configuration ${short(push.digest)}: ${message}`,
    dueAt: Math.max(look.now, nextVerifyAt),
  });
}

// ---- What verification found ----------------------------------------------------------------------------------------

/**
 * The second proof, some time after the first, is what counts; one that was asked for sooner, as it looked unwell, is none,
 * however late its answer is heard.
 */
export function afterProof(
  record: NodeRecord,
  found: { is: "good" | "bad" | "unclear"; message: string },
  askedAt: number,
  look: Look,
): NodeRecord {
  const { push } = record;
  if (push?.is !== "proving" || found.is === "unclear") return record;
  if (found.is === "good" && askedAt < push.at + look.policy.soak) return record;
  return { ...record, push: found.is === "good" ? undefined : pushOf(push.digest, "refused", found.message, look) };
}

/** Changed by hand, or by something that runs there: nobody is blamed, the files are put back. */
export function heal(record: NodeRecord, phase: InService, message: string, look: Look): Decision {
  return decision(inPhase(record, { ...phase, command: undefined, drifted: true }, look.now), {
    why: `in service, but its files or secrets are not those of its configuration: ${message}`,
    dueAt: look.now,
  });
}

/** Its agent is silent: who waits for it must know, and that it still is. */
export function outOfReach(record: NodeRecord, look: Look): NodeRecord {
  const { verified, push } = record;
  const { digest } = look.seen.assigned;
  if (verified === undefined || verified.digest === digest) return record;
  const known = push?.is === "left-out" && push.digest === digest;
  if (known && look.now < push.at + restAfter(push, look)) return record;
  return { ...record, push: pushOf(digest, "left-out", "its agent is silent", look) };
}

const pushOf = (digest: string, is: Push["is"], message: string, look: Look): Push => ({
  digest,
  at: look.now,
  is,
  message,
});

const nextOf = (phase: InService, look: Look): number => Math.max(look.now, phase.nextVerifyAt);

const short = (digest: string): string => digest.slice(0, 12);
