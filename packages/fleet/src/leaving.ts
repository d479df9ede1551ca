/**
 * A node on its way out. Warden starts: stop taking work, wait until the host itself is idle, then terminate. Auto
 * Scaling starts: it has deregistered the node already and waited its delay, so the hook is for running tasks and for
 * evidence. Either way the last word is CONTINUE: keeping a leaving node helps nobody.
 */
import { standing } from "./command.ts";
import { type Action, type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { answer, endsForGoodAt, isOpen } from "./episode.ts";
import { evidencePatience } from "./giving-up.ts";
import { hangsAlone, patienceWithHanging } from "./hanging.ts";
import { stationOf } from "./lifecycle-state.ts";
import { intend, type Look } from "./look.ts";
import type { Command, Leave, LeaveCause, NodeRecord, Step } from "./node-record.ts";
import type { Answer } from "./observation.ts";

interface Beginning {
  readonly cause: LeaveCause;
  readonly reason: string;
  readonly startedBy: Leave["startedBy"];
  readonly shrink: boolean;
}

export function beginLeave(record: NodeRecord, how: Beginning, look: Look): Decision {
  // Once CONTINUE was said it may have served without anybody looking.
  const mayServe = record.served || record.phase.name === "joining";
  const leave: Leave = {
    cause: how.cause,
    reason: how.reason,
    startedBy: how.startedBy,
    deadline: deadlineOf(record, look.now + budgetFor(record, look)),
    asked: mayServe ? "no" : "yes",
    idleAt: mayServe ? undefined : look.now,
    shrink: how.shrink,
    evidence: mayServe ? "wanted" : "done",
    abandoned: [],
  };
  return nextStep(record, leave, look, `leaves: ${how.reason}`);
}

export function leaving(record: NodeRecord, look: Look): Decision {
  const phase = record.phase;
  if (phase.name === "released") return released(record, look);
  if (phase.name !== "leaving") {
    const how = {
      cause: "auto-scaling",
      reason: "Auto Scaling ends it",
      startedBy: "auto-scaling",
      shrink: false,
    } as const;
    return beginLeave(record, how, look);
  }
  const leave = {
    ...phase.leave,
    deadline: Math.min(phase.leave.deadline, deadlineOf(record, phase.leave.deadline)),
  };
  if (isHalted(record, leave, look)) {
    const by = look.seen.stopped?.by ?? "";
    return decision(
      { ...record, phase: { ...phase, leave } },
      {
        why: `leaves: ${leave.reason}; halted, ${by} stopped Warden`,
        dueAt: look.now + look.policy.holdRecheck,
      },
    );
  }
  return phase.command === undefined
    ? nextStep(record, leave, look, `leaves: ${leave.reason}`)
    : awaited(record, leave, phase.command, look);
}

/** What Warden began of its own will stands still while it is stopped; what AWS does goes on. */
function isHalted(record: NodeRecord, leave: Leave, look: Look): boolean {
  if (look.seen.stopped === undefined || leave.startedBy !== "warden" || record.notice?.kind === "spot") return false;
  return stationOf(look.seen.lifecycleState) === "in-service";
}

/** Milliseconds that its work is given to end. */
function budgetFor({ phase }: NodeRecord, { now, policy }: Look): number {
  const hangs = phase.name === "in-service" && hangsAlone(phase.hang, now);
  return hangs ? Math.min(policy.drainBudget, patienceWithHanging) : policy.drainBudget;
}

/** Bounded by what its work is given, the time AWS leaves, and the life of the lifecycle action. */
function deadlineOf(record: NodeRecord, current: number): number {
  const gone = record.notice?.goneAt === undefined ? Number.POSITIVE_INFINITY : record.notice.goneAt - lastWords;
  const hookEnds = isOpen(record.episode) ? endsForGoodAt(record.episode) - lastWords : Number.POSITIVE_INFINITY;
  return Math.min(current, gone, hookEnds);
}

/** Time for evidence and the final call before the machine is gone. */
const lastWords = 20_000;

/** What to do now follows from what is not done yet. */
function nextStep(record: NodeRecord, leave: Leave, look: Look, why: string): Decision {
  const station = stationOf(look.seen.lifecycleState);
  if (leave.asked === "no") {
    if (look.seen.agent === "offline") return drainUnasked(record, leave, look, `${why}; its agent is silent`);
    return run(record, leave, "drain", look, why, deregistration(leave));
  }
  if (leave.idleAt === undefined && look.now < leave.deadline) return waitForIdle(record, leave, look, why);
  if (station === "terminating-wait") {
    if (leave.evidence === "wanted" && leave.asked === "yes") return run(record, leave, "evidence", look, why, []);
    return release(
      { ...record, phase: { name: "leaving", leave, command: undefined } },
      look,
      `${why}${abandonedWork(leave)}: CONTINUE`,
    );
  }
  if (station === "terminating") return leaveToAutoScaling(record, leave, look, `${why}; Auto Scaling deregisters it`);
  return end(record, leave, look, why);
}

/** Nothing is to be done before the hook opens. Its event says so, or the sweep, which compares the states. */
function leaveToAutoScaling(record: NodeRecord, leave: Leave, look: Look, why: string): Decision {
  return decision(inPhase(record, { name: "leaving", leave, command: undefined }, look.now), { why });
}

/** Auto Scaling has deregistered those that it ends itself. */
const deregistration = (leave: Leave): Action[] =>
  leave.startedBy === "warden" ? [{ type: "deregister-targets" }] : [];

/** The host cannot be told, so the load balancer alone takes it out; the phase begins here, and its delay with it. */
function drainUnasked(record: NodeRecord, leave: Leave, look: Look, why: string): Decision {
  const next = inPhase(record, { name: "leaving", leave, command: undefined }, look.now);
  const decided = nextStep(next, { ...leave, asked: "unreachable" }, look, why);
  return { ...decided, actions: [...deregistration(leave), ...decided.actions] };
}

function waitForIdle(record: NodeRecord, leave: Leave, look: Look, why: string): Decision {
  if (leave.asked === "yes") return run(record, leave, "drain-status", look, `${why}; work ends`, []);
  // An agent that was away and is back can still stop cron and tell what runs.
  const neverAsked = leave.evidence === "wanted";
  if (neverAsked && look.seen.agent === "online")
    return run(record, leave, "drain", look, `${why}; its agent answers again`, []);
  // Nobody on the host can tell: what is left is the load balancer's own delay, which Auto Scaling has waited already.
  const delayOver = record.since + look.seen.group.deregistrationDelay;
  const waited = stationOf(look.seen.lifecycleState) === "terminating-wait" || look.now >= delayOver;
  if (waited) return nextStep(record, { ...leave, idleAt: look.now, evidence: "done" }, look, why);
  return wait(record, leave, look, `${why}; waits for the deregistration delay`);
}

function end(record: NodeRecord, leave: Leave, look: Look, why: string): Decision {
  const next = inPhase(record, { name: "leaving", leave, command: undefined }, look.now);
  return decision(next, {
    why: `${why}${abandonedWork(leave)}: terminate`,
    actions: [{ type: "terminate-instance", shrink: leave.shrink }],
    dueAt: look.now + look.policy.retryDelay,
  });
}

/** CONTINUE is repeated for as long as the hook shows; after that only Auto Scaling's own word is to come. */
function released(record: NodeRecord, look: Look): Decision {
  const why = "released; Auto Scaling or another hook has the next word";
  const again = release(record, look, why);
  return stationOf(look.seen.lifecycleState) === "terminating-wait" ? again : { ...again, dueAt: undefined };
}

function release(record: NodeRecord, look: Look, why: string): Decision {
  const answered = answer(inPhase(record, { name: "released" }, look.now), "CONTINUE");
  return decision(answered.record, { why, actions: answered.actions, dueAt: look.now + look.policy.retryDelay });
}

function awaited(record: NodeRecord, leave: Leave, command: Command, look: Look): Decision {
  const stands = standing(command, look.seen.command, look.policy, look.now);
  const why = `leaves: ${leave.reason}`;
  switch (stands.is) {
    case "waiting":
      if (look.now >= patienceFor(command, leave))
        return nextStep(record, unanswered(leave, command.step), look, `${why}; time is up`);
      return {
        ...wait(record, leave, look, `${why}; ${command.step} is under way`, command, stands.until),
        stillWaiting: true,
      };
    case "unsent":
      return decision(record, {
        why: `${why}; no command of batch ${command.batch} is to be found: sent again`,
        actions: [...(command.step === "drain" ? deregistration(leave) : []), send(record, command, leave, look)],
        dueAt: look.now + look.policy.lookAgain,
      });
    case "silent":
      return nextStep(record, unanswered(leave, command.step), look, `${why}; ${command.step}: ${stands.detail}`);
    case "answered":
      return heard(record, leave, stands.answer, look, why);
  }
}

/** Evidence is a courtesy: it never keeps a hook waiting for long. */
function patienceFor(command: Command, leave: Leave): number {
  return command.step === "evidence" ? Math.min(leave.deadline, command.intendedAt + evidencePatience) : leave.deadline;
}

function heard(record: NodeRecord, leave: Leave, said: Answer, look: Look, why: string): Decision {
  switch (said.step) {
    case "drain":
      return nextStep(record, { ...leave, asked: "yes" }, look, why);
    case "drain-status": {
      if (said.idle)
        return nextStep(record, { ...leave, idleAt: look.now, abandoned: [] }, look, `${why}; the host is idle`);
      const busy = { ...leave, abandoned: said.tasks };
      if (look.now >= leave.deadline) return nextStep(record, busy, look, `${why}; time is up`);
      return wait(record, busy, look, `${why}; still busy: ${said.busyWith}`);
    }
    case "evidence":
      return nextStep(record, { ...leave, evidence: "done" }, look, `${why}; evidence saved`);
    default:
      // The end of something from before.
      return nextStep(record, leave, look, why);
  }
}

/** A step that nobody answers is not tried for ever: the node is leaving anyway. */
function unanswered(leave: Leave, step: Step): Leave {
  const asked = step === "drain" || step === "drain-status" ? "unreachable" : leave.asked;
  return { ...leave, asked, evidence: "done" };
}

function run(
  record: NodeRecord,
  leave: Leave,
  step: Step,
  look: Look,
  why: string,
  before: readonly Action[],
): Decision {
  const command = intend(look, step, String(minuteOf(leave.deadline)));
  return decision(inPhase(record, { name: "leaving", leave, command }, look.now), {
    why: `${why}: ${step}`,
    actions: [...before, send(record, command, leave, look)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

function send(record: NodeRecord, command: Command, leave: Leave, look: Look): Action {
  const { release, digest } = record.verified ?? look.seen.assigned;
  return sendCommand(command, { release, digest, deadline: minuteOf(leave.deadline) });
}

/** Nodes that leave together share a command only if its parameters are equal. */
const minuteOf = (time: number): number => Math.floor(time / 60_000) * 60_000;

function wait(record: NodeRecord, leave: Leave, look: Look, why: string, command?: Command, until?: number): Decision {
  const lookAt = until ?? look.now + look.policy.lookAgain;
  const dueAt = leave.deadline > look.now ? Math.min(lookAt, leave.deadline) : lookAt;
  return decision(inPhase(record, { name: "leaving", leave, command }, look.now), { why, dueAt });
}

function abandonedWork(leave: Leave): string {
  const unknown = leave.asked === "unreachable" ? ["whatever it runs that nobody there could tell"] : [];
  const abandoned = [...leave.abandoned, ...unknown];
  return abandoned.length === 0 ? "" : `, abandoning ${abandoned.join(", ")}`;
}
