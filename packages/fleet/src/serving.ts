/**
 * A node in service: verified now and then without touching anything, and taken away only when AWS takes it, an
 * operator asks, or it is bad by its own fault, and then only within the group's budget.
 */
import { standing } from "./command.ts";
import { type Action, type Decision, decision, inPhase, sendCommand } from "./decision.ts";
import { mayDisrupt } from "./guards.ts";
import { beginLeave } from "./leaving.ts";
import { intend, type Look } from "./look.ts";
import type { LeaveCause, NodeRecord, Phase } from "./node-record.ts";
import type { Answer } from "./observation.ts";

type InService = Extract<Phase, { name: "in-service" }>;

export function serving(record: NodeRecord, look: Look): Decision {
  const phase = record.phase;
  if (phase.name !== "in-service") return enter(record, look);

  const wish = wishToLeave(record, phase, look);
  if (wish !== undefined) return leaveIfAllowed(record, phase, wish, look);
  return phase.command === undefined ? idle(record, phase, look) : watched(record, phase, phase.command, look);
}

function enter(record: NodeRecord, look: Look): Decision {
  const nextVerifyAt = look.now + look.policy.verifyEvery;
  const entered = inPhase(
    { ...record, served: true, slot: false },
    { name: "in-service", nextVerifyAt, command: undefined, failures: 0 },
    look.now,
  );
  return decision(entered, { why: "in service", dueAt: nextVerifyAt });
}

interface Wish {
  readonly cause: LeaveCause;
  readonly reason: string;
  /** AWS takes the node anyway: no guard can change that, only speed helps. */
  readonly involuntary: boolean;
  readonly shrink: boolean;
}

function wishToLeave(record: NodeRecord, phase: InService, look: Look): Wish | undefined {
  const { notice } = record;
  if (notice?.kind === "spot") {
    return { cause: "spot", reason: "EC2 reclaims the spot instance", involuntary: true, shrink: false };
  }
  const order = look.seen.order;
  if (order !== undefined && order.verb !== "hold" && order.id !== record.orderDone) {
    return {
      cause: "operator",
      reason: `${order.by} ordered ${order.verb}: ${order.reason}`,
      involuntary: false,
      shrink: order.verb === "drain",
    };
  }
  if (notice !== undefined) {
    const reason =
      notice.kind === "maintenance" ? "AWS announced maintenance of its host" : "AWS recommends to rebalance it";
    return { cause: notice.kind, reason, involuntary: false, shrink: false };
  }
  if (phase.failures >= failuresToBlame) {
    return {
      cause: "unhealthy",
      reason: "the node itself failed its verification twice",
      involuntary: false,
      shrink: false,
    };
  }
  return undefined;
}

/** One bad answer may be a moment; the second one, looked at on purpose, is a fact. */
const failuresToBlame = 2;

function leaveIfAllowed(record: NodeRecord, phase: InService, wish: Wish, look: Look): Decision {
  if (wish.involuntary) return beginLeave(record, { ...wish, startedBy: "warden" }, look);
  const permission = mayDisrupt(look, { instance: record.instance, cause: wish.cause });
  const orderDone = wish.cause === "operator" ? look.seen.order?.id : record.orderDone;
  if (permission.allowed) {
    const begun = beginLeave(
      { ...record, slot: true, orderDone },
      { ...wish, shrink: shrinks(record, wish, look), startedBy: "warden" },
      look,
    );
    return { ...begun, claimsSlot: !record.slot };
  }
  if (permission.guard === "floor" && !wish.shrink && look.seen.group.desired < look.seen.group.max) {
    return replacementFirst(record, phase, wish, look);
  }
  return decision(record, {
    why: `stays in service although ${wish.reason} — ${permission.guard}: ${permission.why}`,
    dueAt: look.now + look.policy.holdRecheck,
  });
}

/**
 * At the floor nothing may leave before its replacement serves, so the group grows by one first. The slot is taken
 * now: it keeps others from doing the same, and marks the extra node as ours to give back.
 */
function replacementFirst(record: NodeRecord, phase: InService, wish: Wish, look: Look): Decision {
  const { group } = look.seen;
  const why = `${wish.reason}; the group is at its floor, so a replacement comes first`;
  const dueAt = look.now + look.policy.retryDelay;
  if (record.slot) return decision(record, { why, dueAt });
  const grow: Action = { type: "set-desired-capacity", desired: group.desired + 1 };
  const waiting = inPhase({ ...record, slot: true }, phase, look.now);
  return { ...decision(waiting, { why, dueAt, actions: [grow] }), claimsSlot: true };
}

/** A node whose replacement came first takes the extra capacity with it. */
function shrinks(record: NodeRecord, wish: Wish, look: Look): boolean {
  const { desired, min } = look.seen.group;
  return (wish.shrink || record.slot) && desired > min;
}

function idle(record: NodeRecord, phase: InService, look: Look): Decision {
  const suspicious = look.seen.target === "unhealthy" || look.seen.agent === "offline";
  if (look.now < phase.nextVerifyAt && !suspicious) {
    return decision(record, { why: "in service", dueAt: phase.nextVerifyAt });
  }
  if (look.seen.agent === "offline" && look.seen.target !== "unhealthy") {
    // Without its agent nothing can be asked, and a node that serves is not ended for a silent agent.
    const nextVerifyAt = look.now + look.policy.verifyEvery;
    return decision(inPhase(record, { ...phase, nextVerifyAt }, look.now), {
      why: "in service; its agent is silent, so it could not be verified",
      dueAt: nextVerifyAt,
    });
  }
  const { release, digest } = record.verified ?? look.seen.assigned;
  const command = intend(look, "verify", `${release} ${digest}`);
  return decision(inPhase(record, { ...phase, command }, look.now), {
    why: suspicious ? "in service, but looks unwell: verify" : "in service: regular verification",
    actions: [sendCommand(command, { release, digest, deadline: look.now })],
    dueAt: look.now + look.policy.lookAgain,
  });
}

function watched(
  record: NodeRecord,
  phase: InService,
  command: NonNullable<InService["command"]>,
  look: Look,
): Decision {
  const stands = standing(command, look.seen.command, look.policy, look.now);
  switch (stands.is) {
    case "waiting":
      return decision(record, {
        why: "in service; verification is under way",
        dueAt: stands.until,
        stillWaiting: true,
      });
    case "unsent":
    case "silent":
      return judged(
        record,
        phase,
        look,
        look.seen.target === "unhealthy" ? "bad" : "unclear",
        "it did not answer its verification",
      );
    case "answered":
      return judged(
        record,
        phase,
        look,
        judgement(stands.answer),
        stands.answer.step === "verify" ? stands.answer.message : "",
      );
  }
}

type Judgement = "good" | "bad" | "unclear";

/** What is shared is never a node's fault, so only `node-bad` counts against it. */
function judgement(said: Answer): Judgement {
  if (said.step !== "verify") return "unclear";
  if (said.verdict === "ok") return "good";
  return said.verdict === "node-bad" ? "bad" : "unclear";
}

function judged(record: NodeRecord, phase: InService, look: Look, found: Judgement, message: string): Decision {
  const failures = found === "bad" ? phase.failures + 1 : 0;
  const nextVerifyAt = look.now + (found === "good" ? look.policy.verifyEvery : look.policy.holdRecheck);
  const verified = found === "good" && record.verified ? { ...record.verified, at: look.now } : record.verified;
  const next = inPhase(
    { ...record, verified },
    { name: "in-service", nextVerifyAt, command: undefined, failures },
    look.now,
  );
  const why = {
    good: "in service and verified again",
    bad: `in service, but verification ${failures} of ${failuresToBlame} blames the node: ${message}`,
    unclear: `in service; nothing to blame this node for: ${message}`,
  }[found];
  return decision(next, { why, dueAt: failures >= failuresToBlame ? look.now : nextVerifyAt });
}
