/**
 * A node on its way in: wait for its agent, bootstrap it, verify it, and only then let it serve. What the node itself
 * gets wrong is retried and then given up; what a shared part gets wrong holds the node and blames nobody.
 */
import { nextLook, standing } from "./command.ts";
import { type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { answer, isOpen } from "./episode.ts";
import { abandon, giveUp, lastWordAt, refused, restOf } from "./giving-up.ts";
import { intend, type Look } from "./look.ts";
import type { Command, Complaint, Launch, NodeRecord, Phase } from "./node-record.ts";
import type { Answer } from "./observation.ts";
import { orderToLeave } from "./order.ts";

export function launching(record: NodeRecord, look: Look): Decision {
  const phase = record.phase;
  const ended = phase.name === "refused" || phase.name === "released" ? undefined : endedBy(record, look);
  if (ended !== undefined) return ended;
  const decided = nextStep(record, phase, look);
  // However long it rests, it is looked at while the last word can still be said.
  const last = Math.max(look.now, lastWordAt(decided.record));
  return { ...decided, dueAt: decided.dueAt === undefined ? undefined : Math.min(decided.dueAt, last) };
}

function nextStep(record: NodeRecord, phase: Phase, look: Look): Decision {
  switch (phase.name) {
    case "waiting-for-agent":
      return waitForAgent(record, phase.launch, look);
    case "bootstrapping":
      return bootstrapping(record, phase, look);
    case "verifying":
      return verifying(record, phase, look);
    case "installing":
      return installing(record, phase, look);
    case "on-hold":
      return onHold(record, phase, look);
    case "refused":
      return refused(record, phase, look);
    case "joining":
      return joining(record, look);
    case "released":
      return repeatAnswer(record, look, "given up; Auto Scaling ends it");
    default:
      return waitForAgent(record, newLaunch(look), look);
  }
}

/** What ends a launch whose answer is still open, by nobody's fault. */
function endedBy(record: NodeRecord, look: Look): Decision | undefined {
  if (!isOpen(record.episode) || record.episode.result !== undefined) return undefined;
  if (record.notice?.kind === "spot")
    return abandon(record, look, "EC2 reclaims the spot instance before it could serve");
  if (look.now >= lastWordAt(record))
    return abandon(record, look, "the lifecycle action reaches its global time-out and cannot be extended");
  const order = orderToLeave(record, look);
  if (order === undefined) return undefined;
  return abandon({ ...record, orderDone: order.id }, look, `${order.by} ordered ${order.verb}: ${order.reason}`);
}

export function newLaunch(look: Look): Launch {
  const { release, digest } = look.seen.assigned;
  return { release, digest, attempt: 1, deadline: look.now + look.policy.launchBudget, notBefore: look.now };
}

function waitForAgent(record: NodeRecord, launch: Launch, look: Look, because = "its agent is online"): Decision {
  if (look.seen.agent === "online") {
    if (look.now >= launch.notBefore) return bootstrap(record, launch, look, because);
    return decision(inPhase(record, { name: "waiting-for-agent", launch }, look.now), {
      why: `attempt ${launch.attempt} of ${look.policy.bootstrapAttempts} starts after a pause`,
      dueAt: launch.notBefore,
    });
  }
  if (look.now >= launch.deadline) return giveUp(record, launch, look, "no agent came online within the launch budget");
  return decision(inPhase(record, { name: "waiting-for-agent", launch }, look.now), {
    why: "its agent is not online yet",
    dueAt: Math.min(nextLook(record.since, look.policy, look.now), launch.deadline),
  });
}

/** To what is assigned now: what a try before this one failed at may have been taken back meanwhile. */
function bootstrap(record: NodeRecord, tried: Launch, look: Look, because: string): Decision {
  const launch: Launch = { ...tried, release: look.seen.assigned.release, digest: look.seen.assigned.digest };
  const command = intend(look, "bootstrap", `${launch.release} ${launch.digest}`);
  return decision(inPhase(record, { name: "bootstrapping", launch, command }, look.now), {
    why: `${because}: bootstrap to release ${launch.release}, configuration ${short(launch.digest)}`,
    actions: [sendCommand(command, launch, look.seen.upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

function bootstrapping(record: NodeRecord, phase: Extract<Phase, { name: "bootstrapping" }>, look: Look): Decision {
  const { launch, command } = phase;
  const stands = standing(command, look.seen.command, look.policy, look.now);
  switch (stands.is) {
    case "waiting":
      return underWay(record, launch, look, "bootstrap", stands.until);
    case "unsent":
      return resend(record, command, launch, look);
    case "silent":
      return again(record, launch, look, `bootstrap: ${stands.detail}`);
    case "answered":
      return bootstrapped(record, launch, stands.answer, look);
  }
}

/** What is not done when the launch's time is over has failed, whatever would still come of it. */
function underWay(record: NodeRecord, launch: Launch, look: Look, step: string, until: number): Decision {
  if (look.now >= launch.deadline)
    return giveUp(record, launch, look, `its ${step} did not end within the launch budget`);
  return decision(record, {
    why: `${step} is under way`,
    dueAt: Math.min(until, launch.deadline),
    stillWaiting: true,
  });
}

function bootstrapped(record: NodeRecord, launch: Launch, said: Answer, look: Look): Decision {
  if (said.step !== "bootstrap") return again(record, launch, look, `bootstrap answered as ${said.step}`);
  if (!said.ok) {
    if (said.sharedPart !== undefined)
      return hold(record, launch, look, {
        parts: [said.sharedPart],
        message: `${said.sharedPart} is not available: ${said.message}`,
        at: look.now,
      });
    return again(record, launch, look, `bootstrap failed: ${said.message}`);
  }
  return verify(record, launch, look, "bootstrap done");
}

function verify(record: NodeRecord, launch: Launch, look: Look, because: string): Decision {
  const command = intend(look, "verify", `${launch.release} ${launch.digest}`);
  return decision(inPhase(record, { name: "verifying", launch, command }, look.now), {
    why: `${because}: verify`,
    actions: [sendCommand(command, launch, look.seen.upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

function verifying(record: NodeRecord, phase: Extract<Phase, { name: "verifying" }>, look: Look): Decision {
  const { launch, command } = phase;
  const stands = standing(command, look.seen.command, look.policy, look.now);
  switch (stands.is) {
    case "waiting":
      return underWay(record, launch, look, "verification", stands.until);
    case "unsent":
      return resend(record, command, launch, look);
    case "silent":
      return again(record, launch, look, `verification: ${stands.detail}`);
    case "answered":
      return verified(record, launch, stands.answer, look);
  }
}

function verified(record: NodeRecord, launch: Launch, said: Answer, look: Look): Decision {
  if (said.step !== "verify") return again(record, launch, look, `verification answered as ${said.step}`);
  switch (said.verdict) {
    case "ok":
      return said.release === launch.release && said.digest === launch.digest
        ? admit(record, launch, look)
        : again(
            record,
            launch,
            look,
            `it verified as ${said.release} ${short(said.digest)}, which is not what it must be`,
          );
    case "node-bad":
      return again(record, launch, look, `the node itself is bad: ${said.message}`);
    case "dependency-bad":
      return hold(record, launch, look, {
        parts: said.blames,
        message: `a shared part is down, not this node: ${said.message}`,
        at: look.now,
      });
    case "site-not-installed":
      return install(record, launch, look);
    case "upgrade-pending":
      return hold(record, launch, look, "the site waits for an upgrade");
  }
}

/**
 * Every node that finds the database empty runs Moodle's installer: a lock in the database sees to it that one of them
 * does it, and the others wait. A site that was there before is not made anew: whoever emptied its database has to say why.
 */
function install(record: NodeRecord, launch: Launch, look: Look): Decision {
  if (look.seen.group.installed)
    return hold(
      record,
      launch,
      look,
      "the database is empty, and this site was installed before: restore its database",
    );
  const command = intend(look, "install", `${launch.release} ${launch.digest}`);
  return decision(inPhase(record, { name: "installing", launch, command }, look.now), {
    why: "the database is empty: installs the site, or waits for the node that does",
    actions: [sendCommand(command, launch, look.seen.upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

function installing(record: NodeRecord, phase: Extract<Phase, { name: "installing" }>, look: Look): Decision {
  const { command } = phase;
  const stands = standing(command, look.seen.command, look.policy, look.now);
  // Time that Moodle needs to be installed is not this node's.
  const launch = { ...phase.launch, deadline: phase.launch.deadline + (look.now - record.since) };
  switch (stands.is) {
    case "waiting":
      return decision(record, { why: "the site is being installed", dueAt: stands.until, stillWaiting: true });
    case "unsent":
      return resend(record, command, launch, look);
    case "silent":
      return again(record, launch, look, `installation: ${stands.detail}`);
    case "answered": {
      const said = stands.answer;
      if (said.step !== "install") return again(record, launch, look, `the installation answered as ${said.step}`);
      if (said.state === "installed") return verify(record, launch, look, "the site is installed");
      return hold(record, launch, look, `the site could not be installed (${said.state}): ${said.message}`);
    }
  }
}

function admit(record: NodeRecord, launch: Launch, look: Look): Decision {
  const proven = { ...record, verified: { release: launch.release, digest: launch.digest, at: look.now } };
  const answered = answer(inPhase(proven, { name: "joining" }, look.now), "CONTINUE");
  return decision(answered.record, {
    why: `verified for release ${launch.release}, configuration ${short(launch.digest)}: CONTINUE`,
    actions: answered.actions,
    dueAt: look.now + look.policy.lookAgain,
    launchOutcome: "succeeded",
  });
}

function joining(record: NodeRecord, look: Look): Decision {
  return repeatAnswer(record, look, "verified; Auto Scaling or another hook has the next word");
}

/** Our answer may not have arrived: a repeat is harmless, and "no active action" closes the passage. */
function repeatAnswer(record: NodeRecord, look: Look, why: string): Decision {
  const value = record.phase.name === "joining" ? "CONTINUE" : "ABANDON";
  const repeated = answer(record, value);
  return decision(repeated.record, { why, actions: repeated.actions, dueAt: look.now + look.policy.retryDelay });
}

/** The same step once more under a new batch, or the end of the node's chances. */
function again(record: NodeRecord, launch: Launch, look: Look, because: string): Decision {
  if (launch.attempt >= look.policy.bootstrapAttempts || look.now >= launch.deadline)
    return giveUp(record, launch, look, because);
  const notBefore = look.now + look.policy.retryDelay;
  const next: Launch = { ...launch, attempt: launch.attempt + 1, notBefore };
  return decision(inPhase(record, { name: "waiting-for-agent", launch: next }, look.now), {
    why: `${because}; attempt ${next.attempt} of ${look.policy.bootstrapAttempts} follows`,
    dueAt: notBefore,
  });
}

/** @param why in words, or what the node complains of */
export function hold(
  record: NodeRecord,
  launch: Launch,
  look: Look,
  why: string | Complaint,
  pause = look.policy.holdRecheck,
): Decision {
  const recheckAt = look.now + pause;
  const [reason, complaint] = typeof why === "string" ? [why] : [why.message, why];
  return decision(inPhase(record, { name: "on-hold", launch, reason, recheckAt, complaint }, look.now), {
    why: `on hold, no node is blamed: ${reason}`,
    dueAt: recheckAt,
  });
}

/** Time on hold is not the node's: its deadline moves along. */
function onHold(record: NodeRecord, phase: Extract<Phase, { name: "on-hold" }>, look: Look): Decision {
  if (look.seen.group.kept === record.instance) {
    return decision(record, { why: `kept for the post-mortem: ${phase.reason}`, dueAt: look.now + restOf(look) });
  }
  if (look.now < phase.recheckAt) {
    return decision(record, { why: `on hold, no node is blamed: ${phase.reason}`, dueAt: phase.recheckAt });
  }
  const deadline = phase.launch.deadline + (look.now - record.since);
  return waitForAgent(record, { ...phase.launch, deadline }, look, `looks again after: ${phase.reason}`);
}

function resend(record: NodeRecord, command: Command, launch: Launch, look: Look): Decision {
  return decision(record, {
    why: `no command of batch ${command.batch} is to be found: sent again, the host runs it once`,
    actions: [sendCommand(command, launch, look.seen.upgrade)],
    dueAt: look.now + look.policy.lookAgain,
  });
}

const short = (digest: string): string => digest.slice(0, 12);
