/**
 * A node whose group was never given a release, as after the first deployment of a stage: it waits at its hook for as long as
 * AWS lets it, so that the first `warden moodle deploy` finds it ready.
 */
import { type Decision, decision, inPhase } from "./decision.ts";
import { answer } from "./episode.ts";
import type { Station } from "./lifecycle-state.ts";
import type { FirstLook } from "./look.ts";
import type { NodeRecord } from "./node-record.ts";

export function beforeFirstRelease(record: NodeRecord, station: Station, look: FirstLook): Decision {
  switch (station) {
    case "pending":
    case "pending-wait":
      return decision(inPhase(record, { name: "arriving" }, look.now), {
        why: `waits for its group's first release: ${mend}`,
        dueAt: look.now + look.policy.holdRecheck,
      });
    case "terminating-wait":
      return released(record, look);
    case "in-service":
    case "standby":
      // Through Warden's own hook it came in by somebody's hand: it has Warden's programs, and is bootstrapped once there is a release.
      if (record.episode !== undefined) return observed(record, look);
      return decision(inPhase(record, { name: "found", nextVerifyAt: look.now }, look.now), {
        why: `there since before Warden came; observed only: its group was never given a release; ${mend}`,
        dueAt: look.now + look.policy.verifyEvery,
      });
    default:
      return observed(record, look);
  }
}

const observed = (record: NodeRecord, look: FirstLook): Decision =>
  decision(inPhase(record, { name: "aside" }, look.now), {
    why: `observed only: its group was never given a release; ${mend}`,
  });

const mend = "`warden moodle deploy` gives it one";

/** It never served: nothing has to end on it. */
function released(record: NodeRecord, look: FirstLook): Decision {
  const answered = answer(inPhase(record, { name: "released" }, look.now), "CONTINUE");
  return decision(answered.record, {
    why: "leaves before its group was given a release: CONTINUE",
    actions: answered.actions,
    dueAt: look.now + look.policy.retryDelay,
  });
}
