/**
 * A node in service: verified now and then without touching anything, and taken away only when AWS takes it, an
 * operator asks, or it is bad by its own fault, and then only within the group's budget.
 */
import { standing } from "./command.ts";
import { afterProof, heal, outOfReach, pushed, pushIfWanted } from "./configuring.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { errandHeard, errandIfAsked, isErrand, unaskedErrand } from "./errand.ts";
import { hangAfter, hangsAlone } from "./hanging.ts";
import { intend, type Look } from "./look.ts";
import type { Command, Complaint, InService, NodeRecord } from "./node-record.ts";
import { type Answer, isSame } from "./observation.ts";
import { lowered } from "./replacement.ts";
import { hasNotSeen, purged, purgeIfStale, type SharedChange } from "./shared-change.ts";
import { asking, leaveIfAllowed, type Refusal, type Wish, wishToLeave } from "./wish.ts";

export function serving(record: NodeRecord, look: Look): Decision {
  if (record.phase.name !== "in-service") return enter(record, look);
  // What the node just said comes first: it may tell that a shared part is down.
  const heard = heardFrom(record, record.phase, look);
  return heard === undefined
    ? decideToStay(record, record.phase, look)
    : decideToStay(heard.record, heard.phase, look, heard.decision);
}

function decideToStay(record: NodeRecord, phase: InService, look: Look, heard?: Decision): Decision {
  const wish = wishToLeave(record, look) ?? blamed(phase) ?? outdated(record, look);
  const left = wish && leaveIfAllowed(record, wish, look);
  if (left !== undefined && "record" in left) return left;
  const decided =
    wish && left ? remain(record, phase, wish, left, look, heard) : (heard ?? unwished(record, phase, look));
  return { ...decided, record: asking(decided.record, wish, left, look) };
}

const unwished = (record: NodeRecord, phase: InService, look: Look): Decision =>
  record.slot || record.raisedTo !== undefined ? stay(record, look) : care(record, phase, look);

function remain(
  record: NodeRecord,
  phase: InService,
  wish: Wish,
  left: Refusal,
  look: Look,
  heard: Decision | undefined,
): Decision {
  // The refusal may last, and the reason may pass: the node is cared for meanwhile.
  const back = left.guard === "stop" ? { record, actions: [] } : lowered(record, look);
  const cared =
    heard === undefined ? care(back.record, phase, look) : { ...heard, record: back.record, dueAt: undefined };
  return {
    ...cared,
    actions: [...back.actions, ...cared.actions],
    why: `stays in service although ${wish.reason} — ${left.guard}: ${left.why}`,
    refusedBy: left.guard,
    dueAt: Math.min(cared.dueAt ?? Number.POSITIVE_INFINITY, look.now + look.policy.holdRecheck),
  };
}

interface Heard {
  readonly record: NodeRecord;
  readonly phase: InService;
  readonly decision: Decision;
}

/** The record with the answer in it; undefined when there is none. */
function heardFrom(record: NodeRecord, phase: InService, look: Look): Heard | undefined {
  if (phase.command === undefined || look.seen.command?.status !== "answered") return undefined;
  const decision = watched(record, phase, phase.command, look);
  const next = decision.record.phase;
  return next.name === "in-service" ? { record: decision.record, phase: next, decision } : undefined;
}

/** By another way than through verification just now, it is verified at once. */
function enter(record: NodeRecord, look: Look): Decision {
  const proven = record.phase.name === "joining";
  const nextVerifyAt = proven ? look.now + look.policy.verifyEvery : look.now;
  const phase: InService = { name: "in-service", nextVerifyAt, command: undefined, failures: 0 };
  const entered = inPhase({ ...record, slot: false, push: undefined }, phase, look.now);
  const soon = wishToLeave(entered, look) !== undefined;
  return decision(entered, { why: "in service", dueAt: soon ? look.now : nextVerifyAt });
}

function blamed(phase: InService): Wish | undefined {
  if (phase.failures < failuresToBlame) return undefined;
  return {
    cause: "unhealthy",
    reason: "the node itself failed its verification twice",
    involuntary: false,
    shrink: false,
  };
}

/** The database is that of a newer release, and this node cannot take it: its old code must not stay. */
function outdated({ verified, push }: NodeRecord, { seen }: Look): Wish | undefined {
  if (seen.upgrade?.insists !== true || isSame(verified, seen.assigned) || !isSame(push, seen.assigned))
    return undefined;
  if (push?.is !== "refused" && push?.is !== "left-out") return undefined;
  const reason = `it cannot take release ${seen.assigned.release}, which the database is for by now: ${push.message}`;
  return { cause: "unhealthy", reason, involuntary: false, shrink: false };
}

const hangs = "its mount of the shared files hangs, and those of most others answer";

/** One bad answer may be a moment; the second one, looked at on purpose, is a fact. */
const failuresToBlame = 2;

/** The reason to replace it has passed: its slot, and what the group grew by for it, go back. */
function stay(record: NodeRecord, look: Look): Decision {
  const back = lowered(record, look);
  return decision(back.record, {
    why: "stays in service: the reason to replace it has passed",
    actions: back.actions,
    dueAt: look.now + look.policy.retryDelay,
  });
}

function care(record: NodeRecord, phase: InService, look: Look): Decision {
  return phase.command === undefined ? idle(record, phase, look) : watched(record, phase, phase.command, look);
}

function idle(record: NodeRecord, phase: InService, look: Look): Decision {
  const unwell = look.seen.target === "unhealthy";
  const due = look.now >= phase.nextVerifyAt;
  if (look.seen.agent === "offline" && !unwell)
    return unasked(unaskedErrand(outOfReach(record, look), look), phase, due, look);
  const asked = pushIfWanted(record, phase, look) ?? errandIfAsked(record, phase, look);
  if (asked !== undefined) return asked;
  const { changed } = look.seen.group;
  const change = changed !== undefined && hasNotSeen(record, changed, look.now) ? changed : undefined;
  if (!due && !unwell && change === undefined) {
    return purgeIfStale(record, phase, look) ?? decision(record, { why: "in service", dueAt: phase.nextVerifyAt });
  }

  const { release, digest } = record.verified ?? look.seen.assigned;
  const command = intend(look, "verify", `${release} ${digest}`);
  const told = change === undefined ? record : { ...record, changeSeen: change.id };
  return decision(inPhase(told, { ...phase, command }, look.now), {
    why: reasonToVerify(unwell, change),
    actions: [sendCommand(command, { release, digest, deadline: look.now }, look.seen.upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

function reasonToVerify(unwell: boolean, change: SharedChange | undefined): string {
  if (unwell) return "in service, but looks unwell: verify";
  return change === undefined ? "in service: regular verification" : `in service; verified because ${change.why}`;
}

/** Without its agent nothing can be asked, and a node that serves is not ended for a silent agent. */
function unasked(record: NodeRecord, phase: InService, due: boolean, look: Look): Decision {
  const nextVerifyAt = due ? look.now + look.policy.verifyEvery : phase.nextVerifyAt;
  return decision(inPhase(record, { ...phase, nextVerifyAt }, look.now), {
    why: "in service; its agent is silent, so it could not be verified",
    dueAt: nextVerifyAt,
  });
}

function watched(record: NodeRecord, phase: InService, command: Command, look: Look): Decision {
  if (command.step === "push-config") return pushed(record, phase, command, look);
  if (command.step === "purge-cache") return purged(record, phase, command, look);
  if (isErrand(command)) return errandHeard(record, phase, command, look);
  const stands = standing(command, look.seen.command, look.policy, look.now);
  switch (stands.is) {
    case "waiting":
      return decision(record, {
        why: "in service; verification is under way",
        dueAt: stands.until,
        stillWaiting: true,
      });
    case "unsent":
      return judged(record, phase, look, { is: "unclear", message: "its verification was never sent" });
    case "silent": {
      const is = look.seen.target === "unhealthy" ? "bad" : "unclear";
      return judged(record, phase, look, { is, message: "it did not answer its verification" });
    }
    case "answered":
      return judged(record, phase, look, judgement(record, stands.answer, look));
  }
}

interface Judgement {
  readonly is: "good" | "bad" | "unclear";
  readonly message: string;
  readonly complaint?: Complaint;
  readonly drifted?: boolean;
  /** Undefined when it said nothing. */
  readonly onlyFiles?: boolean;
}

/** What is shared is never a node's fault, so only `node-bad` counts against it. */
function judgement(record: NodeRecord, said: Answer, look: Look): Judgement {
  if (said.step !== "verify") return { is: "unclear", message: "" };
  return { ...judgementOf(said, record, look), onlyFiles: blamesOnlyFiles(said) };
}

function judgementOf(said: Extract<Answer, { step: "verify" }>, record: NodeRecord, { now }: Look): Judgement {
  const { verdict, message, release, digest } = said;
  if (verdict === "node-bad") return { is: "bad", message, drifted: said.drifted };
  if (verdict === "dependency-bad")
    return { is: "unclear", message, complaint: { parts: said.blames, message, at: now } };
  if (verdict !== "ok") return { is: "unclear", message };
  const same = record.verified?.release === release && record.verified.digest === digest;
  return same ? { is: "good", message } : { is: "unclear", message: `it is ${release} ${digest.slice(0, 12)} now` };
}

const blamesOnlyFiles = ({ blames }: Extract<Answer, { step: "verify" }>): boolean =>
  blames.length > 0 && blames.every((part) => part === "files");

function judged(record: NodeRecord, phase: InService, look: Look, found: Judgement): Decision {
  if (found.drifted === true && record.push?.is !== "refused") return heal(record, phase, found.message, look);
  const hang = found.onlyFiles === undefined ? phase.hang : hangAfter(phase.hang, found.onlyFiles, look);
  const alone = hangsAlone(hang, look.now);
  const is = alone ? "bad" : found.is;
  const failures = is === "bad" ? Math.min(phase.failures + 1, failuresToBlame) : 0;
  const verified = found.is === "good" && record.verified ? { ...record.verified, at: look.now } : record.verified;
  const told = afterProof({ ...record, verified }, found, phase.command?.intendedAt ?? look.now, look);
  const isDone = found.is === "good" && told.push?.is !== "proving";
  const nextVerifyAt = look.now + (isDone ? look.policy.verifyEvery : look.policy.holdRecheck);
  const complaint = alone ? undefined : found.complaint;
  const rest: InService = { name: "in-service", nextVerifyAt, command: undefined, failures, complaint, hang };
  const next = inPhase(told, rest, look.now);
  const why = {
    good: "in service and verified again",
    bad: `in service, but verification ${failures} of ${failuresToBlame} blames the node: ${alone ? hangs : found.message}`,
    unclear: `in service; nothing to blame this node for: ${found.message}`,
  }[is];
  const goesOn = failures >= failuresToBlame || purgeIfStale(next, rest, look) !== undefined;
  return decision(next, { why, dueAt: goesOn ? look.now : nextVerifyAt });
}
