/**
 * In service since before Warden came: its group had nodes before it was given a release. What such a node has, somebody else
 * put there, and it serves. So nothing on it is changed, and whatever it lacks is no reason to end it: Warden looks whether it
 * happens to be what it must be, says what is missing, and ends it when AWS takes it or a person orders it, behind the guards.
 */
import { standing } from "./command.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { intend, type Look } from "./look.ts";
import type { Found, NodeRecord } from "./node-record.ts";
import { type Answer, isSame } from "./observation.ts";
import { lowered } from "./replacement.ts";
import { leaveIfAllowed, type Refusal, type Wish, wishToLeave } from "./wish.ts";

export function found(record: NodeRecord, phase: Found, look: Look): Decision {
  const wish = pressing(wishToLeave(record, look));
  const left = wish && leaveIfAllowed(record, wish, look);
  if (left !== undefined && "record" in left) return left;
  const back = left?.guard === "stop" ? { record, actions: [] } : lowered(record, look);
  const looked = lookedAt(back.record, phase, look);
  const soon = look.now + look.policy.holdRecheck;
  return {
    ...looked,
    actions: [...back.actions, ...looked.actions],
    ...(wish !== undefined && left !== undefined && { why: refusal(wish, left), refusedBy: left.guard }),
    dueAt: record.slot || left !== undefined ? Math.min(looked.dueAt ?? soon, soon) : looked.dueAt,
  };
}

/** Of maintenance and of capacity that may be short, AWS took care before Warden came, and still does. */
const pressing = (wish: Wish | undefined): Wish | undefined =>
  wish?.involuntary === true || wish?.cause === "operator" ? wish : undefined;

const refusal = ({ reason }: Wish, { guard, why }: Refusal): string =>
  `stays in service although ${reason} — ${guard}: ${why}`;

function lookedAt(record: NodeRecord, phase: Found, look: Look): Decision {
  const { command } = phase;
  if (command === undefined) return idle(record, phase, look);
  const stands = standing(command, look.seen.command, look.policy, look.now);
  switch (stands.is) {
    case "waiting":
      return decision(record, { why: `${whose}; verification is under way`, dueAt: stands.until, stillWaiting: true });
    case "unsent":
      return told(record, "its verification was never sent", look);
    case "silent":
      return told(record, `Warden's programs in /opt/warden do not answer on it (${stands.detail})`, look);
    case "answered":
      return judged(record, stands.answer, look);
  }
}

function idle(record: NodeRecord, phase: Found, look: Look): Decision {
  const { assigned, agent, upgrade } = look.seen;
  if (look.now < phase.nextVerifyAt) return decision(record, { why: words(phase.lacks), dueAt: phase.nextVerifyAt });
  if (agent === "offline") return told(record, "its agent does not answer Systems Manager", look);
  const command = intend(look, "verify", `${assigned.release} ${assigned.digest}`);
  return decision(inPhase(record, { ...phase, command }, look.now), {
    why: `${whose}: verify`,
    actions: [sendCommand(command, { ...assigned, deadline: look.now }, upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

/** Somebody may have made a node of Warden's of it: its own watcher, or a person. */
function judged(record: NodeRecord, said: Answer, look: Look): Decision {
  if (said.step !== "verify") return told(record, `its verification answered as ${said.step}`, look);
  if (said.verdict !== "ok") return told(record, said.message, look);
  const { assigned } = look.seen;
  if (!isSame(said, assigned)) return told(record, `it has release ${said.release}, not ${assigned.release}`, look);
  const { release, digest } = assigned;
  const nextVerifyAt = look.now + look.policy.verifyEvery;
  const verified = { release, digest, at: look.now };
  return decision(inPhase({ ...record, verified }, { name: "in-service", nextVerifyAt, failures: 0 }, look.now), {
    why: `in service since before Warden came, and verified for release ${release}: it is Warden's from now on`,
    dueAt: nextVerifyAt,
  });
}

function told(record: NodeRecord, lacks: string, look: Look): Decision {
  const nextVerifyAt = look.now + look.policy.verifyEvery;
  return decision(inPhase(record, { name: "found", nextVerifyAt, lacks }, look.now), {
    why: words(lacks),
    dueAt: nextVerifyAt,
  });
}

const whose = "in service since before Warden came";

const words = (lacks: string | undefined): string =>
  lacks === undefined
    ? whose
    : `${whose}, and left as it is: ${lacks}; \`warden replace\` gives its place to a new node`;
