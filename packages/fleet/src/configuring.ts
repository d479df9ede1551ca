/**
 * A node in service whose release or configuration is not what it must be: it is given the right one while it serves, and
 * proves itself with it twice, at once and after a while. What it must be is said elsewhere (`rollout.ts`, `upgrade.ts`); it
 * only goes there, forwards or back. The node's own program returns to what it had before when the new is bad.
 */
import { standing } from "./command.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { intend, type Look } from "./look.ts";
import type { Command, InService, NodeRecord, Push } from "./node-record.ts";
import { type Answer, type Assigned, isSame } from "./observation.ts";

/** Undefined when the node has what it must have, or nothing can be done about it now. */
export function pushIfWanted(record: NodeRecord, phase: InService, look: Look): Decision | undefined {
  const wanted = wantedOf(record, phase, look);
  if (wanted === undefined) return isSettled(record, look) ? settled(record, phase, look) : undefined;
  const { stopped, order, upgrade } = look.seen;
  // In the middle of an upgrade there is nothing to stop at.
  if (stopped !== undefined && upgrade === undefined) return undefined;
  if (order?.verb === "hold" && upgrade === undefined)
    return leftOut(record, phase, `${order.by} holds it: ${order.reason}`, look);

  const command = intend(look, "push-config", `${wanted.release} ${wanted.digest}`);
  const told = { ...record, push: pushOf(wanted, "under-way", "", look) };
  return decision(inPhase(told, { ...phase, command }, look.now), {
    why: `in service: gets ${named(wanted, record)}${phase.drifted ? " again, for its files or secrets changed" : ""}`,
    actions: [sendCommand(command, { ...wanted, deadline: look.now }, upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

/** What the node must be and is not; undefined also for what was tried and is not to be tried again yet. */
function wantedOf({ verified, push }: NodeRecord, phase: InService, look: Look): Assigned | undefined {
  const { assigned } = look.seen;
  if (verified === undefined || (isSame(verified, assigned) && phase.drifted !== true)) return undefined;
  const tried = isSame(push, assigned) ? push : undefined;
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
  if (push === undefined || isSame(push, assigned) || !isSame(verified, assigned)) return false;
  return push.is !== "left-out" || now >= push.at + policy.verifyEvery;
}

const settled = (record: NodeRecord, phase: InService, look: Look): Decision =>
  decision({ ...record, push: undefined }, { why: "in service, with what it had", dueAt: nextOf(phase, look) });

// ---- The answer -----------------------------------------------------------------------------------------------------

export function pushed(record: NodeRecord, phase: InService, command: Command, look: Look): Decision {
  const stands = standing(command, look.seen.command, look.policy, look.now);
  const wanted: Assigned = record.push ?? look.seen.assigned;
  switch (stands.is) {
    case "waiting":
      return decision(record, { why: "in service; gets its configuration", dueAt: stands.until, stillWaiting: true });
    case "unsent":
      // What was never sent need not be: it has to be something else by now.
      if (!isSame(wanted, look.seen.assigned))
        return decision(inPhase({ ...record, push: undefined }, { ...phase, command: undefined }, look.now), {
          why: `in service; it was never told to take ${named(wanted, record)}, and need not`,
          dueAt: look.now,
        });
      return decision(record, {
        why: `in service; no command of batch ${command.batch} is to be found: sent again`,
        actions: [
          sendCommand(
            command,
            { release: wanted.release, digest: wanted.digest, deadline: look.now },
            look.seen.upgrade,
          ),
        ],
        dueAt: look.now + look.policy.lookAgain,
      });
    case "silent":
      return leftOut(record, phase, `it did not answer: ${stands.detail}`, look);
    case "answered":
      return said(record, phase, wanted, stands.answer, look);
  }
}

function said(record: NodeRecord, phase: InService, wanted: Assigned, answer: Answer, look: Look): Decision {
  if (answer.step !== "push-config") return leftOut(record, phase, `it answered as ${answer.step}`, look);
  if (answer.ok && isSame(answer, wanted)) return proving(record, phase, answer, look);
  if (answer.ok) return refused(record, phase, wanted, `it has ${named(answer, record)} now`, look);
  if (answer.sharedPart === undefined) return refused(record, phase, wanted, answer.message, look);
  const push = pushOf(wanted, "waiting", answer.message, look);
  return decision(inPhase({ ...record, push }, { ...phase, command: undefined }, look.now), {
    why: `in service; its configuration waits, ${answer.sharedPart} is not available: ${answer.message}`,
    dueAt: look.now + look.policy.holdRecheck,
  });
}

function proving(record: NodeRecord, phase: InService, has: Assigned, look: Look): Decision {
  const nextVerifyAt = look.now + look.policy.soak;
  const { release, digest } = has;
  const proven = { ...record, verified: { release, digest, at: look.now }, push: pushOf(has, "proving", "", look) };
  const next: InService = { ...phase, command: undefined, failures: 0, drifted: undefined, nextVerifyAt };
  return decision(inPhase(proven, next, look.now), {
    why: `in service with ${named(has, record)}; it is verified once more after a while`,
    dueAt: nextVerifyAt,
  });
}

function refused(record: NodeRecord, phase: InService, wanted: Assigned, message: string, look: Look): Decision {
  const push = pushOf(wanted, "refused", message, look);
  const next: InService = { ...phase, command: undefined, drifted: undefined, nextVerifyAt: look.now };
  return decision(inPhase({ ...record, push }, next, look.now), {
    why: `in service; ${named(wanted, record)} is bad here, and what it had before is back: ${message}`,
    dueAt: look.now,
  });
}

function leftOut(record: NodeRecord, phase: InService, message: string, look: Look): Decision {
  const push = pushOf(look.seen.assigned, "left-out", message, look);
  // Nobody knows what it has now: that is looked at as soon as it can be asked.
  const nextVerifyAt = Math.min(phase.nextVerifyAt, look.now + look.policy.holdRecheck);
  return decision(inPhase({ ...record, push }, { ...phase, command: undefined, nextVerifyAt }, look.now), {
    why: `in service; it could not be given ${named(push, record)}: ${message}`,
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
  return { ...record, push: found.is === "good" ? undefined : pushOf(push, "refused", found.message, look) };
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
  const { assigned } = look.seen;
  if (verified === undefined || isSame(verified, assigned)) return record;
  const known = push?.is === "left-out" && isSame(push, assigned);
  if (known && look.now < push.at + restAfter(push, look)) return record;
  return { ...record, push: pushOf(assigned, "left-out", "its agent is silent", look) };
}

const pushOf = ({ release, digest }: Assigned, is: Push["is"], message: string, look: Look): Push => ({
  release,
  digest,
  at: look.now,
  is,
  message,
});

const nextOf = (phase: InService, look: Look): number => Math.max(look.now, phase.nextVerifyAt);

/** For a person: the release only where it is another. */
function named({ release, digest }: Assigned, { verified }: NodeRecord): string {
  const configuration = `configuration ${digest.slice(0, 12)}`;
  return verified === undefined || verified.release === release
    ? configuration
    : `release ${release}, ${configuration}`;
}
