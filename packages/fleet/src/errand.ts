/**
 * What an upgrade asks of a node in service: to look at the new release, to close or open the site and come to rest, to
 * bring the database, or a copy of it, up to its code. Which node is asked for what is said elsewhere (`upgrade.ts`); here it is done, once
 * for each id, and what came of it stands in the node's record, where the upgrade reads it.
 */
import { standing } from "./command.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { intend, type Look } from "./look.ts";
import type { Command, ErrandOutcome, InService, NodeRecord } from "./node-record.ts";
import type { Answer, Errand } from "./observation.ts";

/** Undefined when nothing is asked of it, it is done, or it is not to be tried again yet. */
export function errandIfAsked(record: NodeRecord, phase: InService, look: Look): Decision | undefined {
  const { upgrade, order } = look.seen;
  const errand = upgrade?.errand;
  if (errand === undefined) return undefined;
  const before = record.errand?.id === errand.id ? record.errand : undefined;
  if (before?.is === "done" || before?.is === "failed") return undefined;
  if (before?.is === "put-off" && look.now < before.at + pauseOf(errand, look)) return undefined;
  if (errand.step === "preflight" && order?.verb === "hold")
    return ended(record, phase, errand, { is: "failed", message: `${order.by} holds it: ${order.reason}` }, look);

  const command = intend(look, errand.step, errand.id);
  const begun = { ...record, errand: outcomeOf(record, errand, { is: "under-way", message: "" }, look) };
  return decision(inPhase(begun, { ...phase, command }, look.now), {
    why: `in service; ${wordsFor(errand)}`,
    ...sending(record, command, errand, look),
  });
}

function sending(record: NodeRecord, command: Command, errand: Errand, look: Look) {
  const target = "target" in errand ? errand.target : (record.verified ?? look.seen.assigned);
  return {
    actions: [sendCommand(command, { ...target, deadline: look.now, ...detailsOf(errand) }, look.seen.upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  };
}

function detailsOf(errand: Errand): { closed?: boolean; copy?: string } {
  switch (errand.step) {
    case "preflight":
      return {};
    case "rehearse":
      return { copy: errand.copy };
    case "maintenance":
    case "upgrade":
      return { closed: errand.closed };
  }
}

/** An agent that is silent cannot be asked, and who waits for the node must know. */
export function unaskedErrand(record: NodeRecord, look: Look): NodeRecord {
  const errand = look.seen.upgrade?.errand;
  if (errand === undefined || record.errand?.id === errand.id) return record;
  return { ...record, errand: outcomeOf(record, errand, { is: "put-off", message: neverAsked }, look) };
}

const neverAsked = "its agent is silent";

/**
 * SSM calls what an agent left in the middle under way for as long as its document may run, hours for an upgrade. Another
 * node can go on: if this one still works on the database, its lock keeps the other waiting.
 */
const agentPatience = 300_000;

export const isErrand = ({ step }: Command): boolean =>
  step === "preflight" || step === "maintenance" || step === "upgrade" || step === "rehearse";

/** What came of it. An errand that nobody wants any more ends all the same: its command is under way. */
export function errandHeard(record: NodeRecord, phase: InService, command: Command, look: Look): Decision {
  const errand = look.seen.upgrade?.errand;
  const stands = standing(command, look.seen.command, look.policy, look.now);
  const mine = errand !== undefined && errand.id === record.errand?.id && errand.step === command.step;
  const lost = look.seen.agent === "offline" && look.now >= command.intendedAt + agentPatience;
  if (stands.is === "waiting" && !lost) {
    const why = mine ? wordsFor(errand) : `what was asked of it for the upgrade is under way`;
    return decision(record, { why: `in service; ${why}`, dueAt: stands.until, stillWaiting: true });
  }
  if (!mine) {
    const idle = inPhase(record, { ...phase, command: undefined }, look.now);
    return decision(idle, { why: "in service; what the upgrade asked of it is not wanted any more", dueAt: look.now });
  }
  switch (stands.is) {
    case "waiting":
      return ended(record, phase, errand, { is: "put-off", message: "its agent fell silent in the middle" }, look);
    case "unsent":
      return decision(record, {
        why: `in service; no command of batch ${command.batch} is to be found: sent again`,
        ...sending(record, command, errand, look),
      });
    case "silent":
      return ended(record, phase, errand, { is: "put-off", message: `it did not answer: ${stands.detail}` }, look);
    case "answered":
      return ended(record, phase, errand, judged(errand, stands.answer, look), look);
  }
}

type Outcome = Omit<ErrandOutcome, "id" | "at">;

function judged(errand: Errand, said: Answer, look: Look): Outcome {
  if (said.step !== errand.step) return { is: "put-off", message: `it answered as ${said.step}` };
  switch (said.step) {
    case "preflight": {
      if (!said.ok) return { is: said.sharedPart === undefined ? "failed" : "put-off", message: said.message };
      const { problems, wants } = said;
      return { is: problems.length === 0 ? "done" : "failed", message: problems.join("; "), wants };
    }
    case "maintenance":
      if (!said.ok) return { is: "put-off", message: said.message };
      return errand.step === "maintenance" && errand.closed ? atRest(said, look.now - errand.since) : done;
    case "upgrade":
      return upgraded(said);
    case "rehearse":
      return said.ok ? { is: "done", message: "", took: said.took } : { is: "failed", message: said.message };
    default:
      return { is: "put-off", message: `it answered as ${said.step}` };
  }
}

const done: Outcome = { is: "done", message: "" };

/** Whatever began before the site was closed has ended. @param closedFor milliseconds */
function atRest(said: Extract<Answer, { step: "maintenance"; ok: true }>, closedFor: number): Outcome {
  if (!said.closed) return { is: "put-off", message: "the site is still open" };
  if (said.tasks.length > 0) return { is: "put-off", message: `these tasks still run: ${said.tasks.join(", ")}` };
  if (said.oldest >= closedFor) return { is: "put-off", message: "a request from before is still at work" };
  return done;
}

function upgraded({ state, moved, message }: Extract<Answer, { step: "install" | "upgrade" }>): Outcome {
  if (state === "installed") return { is: "done", message, moved };
  const passes = state === "held" || state === "unknown";
  return { is: passes ? "put-off" : "failed", message: message === "" ? `the database is ${state}` : message, moved };
}

function ended(record: NodeRecord, phase: InService, errand: Errand, outcome: Outcome, look: Look): Decision {
  const told = { ...record, errand: outcomeOf(record, errand, outcome, look) };
  const ends = outcome.is === "done" ? "done" : `${outcome.is === "failed" ? "failed" : "not yet"}: ${outcome.message}`;
  return decision(inPhase(told, { ...phase, command: undefined }, look.now), {
    why: `in service; ${wordsFor(errand)}: ${ends}`,
    dueAt: outcome.is === "put-off" ? look.now + pauseOf(errand, look) : Math.max(look.now, phase.nextVerifyAt),
  });
}

/** People wait for a closed site. */
const pauseOf = ({ step }: Errand, { policy }: Look): number =>
  step === "maintenance" ? policy.lookAgain : policy.retryDelay;

function outcomeOf(record: NodeRecord, { id, step }: Errand, outcome: Outcome, look: Look): ErrandOutcome {
  if (step !== "upgrade") return { id, at: look.now, ...outcome };
  // Each run tells of itself alone, and one that said nothing may have changed anything.
  const before = record.errand?.id === id && record.errand.moved === true;
  const moved = before || (outcome.moved ?? (outcome.is !== "under-way" && outcome.message !== neverAsked));
  return { id, at: look.now, ...outcome, moved };
}

function wordsFor(errand: Errand): string {
  switch (errand.step) {
    case "preflight":
      return `looks at release ${errand.target.release}`;
    case "maintenance":
      return errand.closed ? "closes the site and comes to rest" : "opens the site";
    case "upgrade":
      return `brings the database up to release ${errand.target.release}`;
    case "rehearse":
      return `brings a copy of the database up to release ${errand.target.release}`;
  }
}
