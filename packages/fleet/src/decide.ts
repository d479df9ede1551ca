/**
 * What to do about one node, from what is remembered and what is seen. Level-triggered: nothing here depends on which
 * event brought us, or how often.
 */
import { type Decision, decision, inPhase } from "./decision.ts";
import { closed, followEpisode } from "./episode.ts";
import { beforeFirstRelease } from "./first-release.ts";
import { found } from "./found.ts";
import type { NodeName } from "./ids.ts";
import { launching } from "./launching.ts";
import { leaving } from "./leaving.ts";
import { inWarmPool, stationOf } from "./lifecycle-state.ts";
import type { FirstLook, Look } from "./look.ts";
import type { AwayNotice, NodeRecord } from "./node-record.ts";
import type { Hint } from "./observation.ts";
import { lowered } from "./replacement.ts";
import { serving } from "./serving.ts";
import { unproven } from "./unproven.ts";

/** Pure: the same arguments give the same decision. */
export function decide(name: NodeName, remembered: NodeRecord | undefined, look: FirstLook): Decision {
  const { lifecycleState } = look.seen;
  if (lifecycleState === "absent") return absent(remembered ?? firstSight(name, look), look);

  const station = stationOf(lifecycleState);
  const before = remembered ?? firstSight(name, look);
  const record: NodeRecord = {
    ...before,
    lifecycleState,
    missingSince: undefined,
    notice: noticed(before.notice, look.seen.hints),
    // In a state nobody knows, an open action may still wait for its answer: it keeps its heartbeat.
    episode: station === "unknown" ? before.episode : followEpisode(before, look.seen, station, look.policy, look.now),
    verified: station === "root-volume" ? undefined : before.verified,
    served: before.served || station === "in-service",
  };

  if (station === "ended") return gone(record, look);
  if (!isAssigned(look)) return beforeFirstRelease(record, station, look);
  switch (station) {
    case "pending":
      return arriving(record, look);
    case "pending-wait":
      return launching(afreshIfReturned(record, before, look), look);
    case "in-service":
      return inService(record, look);
    case "terminating":
    case "terminating-wait":
      return leaving(record, look);
    case "retained":
    case "standby":
    case "root-volume":
    case "pooled":
      // Whatever took it aside, it is no disruption of Warden's any more.
      return aside({ ...record, slot: false }, look, `observed only while ${lifecycleState}`);
    case "unknown":
      return aside(record, look, `observed only: Warden does not know the state ${lifecycleState}`);
  }
}

const isAssigned = (look: FirstLook): look is Look => look.seen.assigned !== undefined;

function firstSight(name: NodeName, look: FirstLook): NodeRecord {
  return {
    v: 1,
    site: name.site,
    group: name.group,
    instance: name.instance,
    phase: { name: "arriving" },
    since: look.now,
    lifecycleState: "unseen",
    episode: undefined,
    verified: undefined,
    served: false,
    missingSince: undefined,
    notice: undefined,
    slot: false,
    raisedTo: undefined,
    orderDone: undefined,
  };
}

/** Pending or Pending:Proceed: Auto Scaling has the next word, and a sweep will look again. */
function arriving(record: NodeRecord, look: Look): Decision {
  const { phase, words } = onTheWay(record);
  return decision(inPhase(record, phase, look.now), {
    stillWaiting: true,
    why: words,
    dueAt: look.now + look.policy.retryDelay,
  });
}

function onTheWay({ phase, lifecycleState }: NodeRecord): { phase: NodeRecord["phase"]; words: string } {
  if (phase.name === "joining") return { phase, words: "verified; Auto Scaling registers it" };
  // Reads lag behind: this one is from before it came into service, and what it is being asked goes on.
  if (phase.name === "in-service" && !inWarmPool(lifecycleState))
    return { phase, words: "in service; Auto Scaling does not show it yet" };
  return { phase: { name: "arriving" }, words: "Auto Scaling starts it" };
}

/** A pooled node comes back to the launch hook: a new passage, to be proven anew. */
function afreshIfReturned(record: NodeRecord, before: NodeRecord, look: Look): NodeRecord {
  const newPassage = record.episode !== undefined && record.episode.ordinal !== before.episode?.ordinal;
  if (!newPassage) return record;
  return inPhase({ ...record, verified: undefined, served: false }, { name: "arriving" }, look.now);
}

/**
 * In service by the front door, or by another one: attached, completed by hand, back from standby or with a new root
 * volume. Whoever is not proven for what it must be is bootstrapped and verified first; its own readiness answers 503
 * until then.
 */
function inService(record: NodeRecord, look: Look): Decision {
  const { phase } = record;
  // What Auto Scaling began and took back is not Warden's to end.
  if (phase.name === "leaving" && phase.leave.startedBy === "warden") return leaving(record, look);
  if (phase.name === "found") return found(record, phase, look);
  return record.verified === undefined ? unproven(record, look) : serving(record, look);
}

/** One that was there before Warden stays what it is, wherever it goes in between; but a new root volume is another node. */
function aside(record: NodeRecord, look: Look, why: string): Decision {
  const { phase, lifecycleState } = record;
  const stays = phase.name === "found" && stationOf(lifecycleState) !== "root-volume";
  return decision(inPhase(record, stays ? phase : { name: "aside" }, look.now), { why });
}

/**
 * Auto Scaling does not list it. Reads lag behind writes, so the first absence is only noted; the second one, a pause
 * later, is believed.
 */
function absent(record: NodeRecord, look: FirstLook): Decision {
  const missingSince = record.missingSince ?? look.now;
  const believedAt = missingSince + look.policy.retryDelay;
  if (record.phase.name === "gone" || look.now >= believedAt) return gone(record, look);
  const noted: NodeRecord = { ...record, lifecycleState: "absent", missingSince };
  return decision(noted, { why: "its group no longer lists it; looks again", dueAt: believedAt });
}

function gone(record: NodeRecord, look: FirstLook): Decision {
  const { lifecycleState } = look.seen;
  const episode = record.episode && closed(record.episode);
  const back = lowered({ ...record, lifecycleState, missingSince: undefined, episode, slot: false }, look);
  return decision(inPhase(back.record, { name: "gone" }, look.now), {
    why: record.served ? "gone" : "gone before it served",
    actions: back.actions,
    dueAt: back.actions.length > 0 ? look.now + look.policy.retryDelay : undefined,
  });
}

/** A spot notice is never taken back; maintenance can be. */
function noticed(current: AwayNotice | undefined, hints: readonly Hint[]): AwayNotice | undefined {
  let notice = current;
  for (const hint of hints) {
    if (hint.kind === "lifecycle-action") continue;
    if (hint.withdrawn) notice = notice?.kind === hint.kind ? undefined : notice;
    else if (notice?.kind !== "spot") notice = { kind: hint.kind, goneAt: hint.goneAt };
  }
  return notice;
}
