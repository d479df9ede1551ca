/**
 * In service by another door than Warden's: attached, completed by hand, or with a new root volume. Its own readiness
 * answers 503 until it is verified; one that cannot be verified is replaced, behind the same guards as any other.
 */
import { type Decision, inPhase } from "./decision.ts";
import { restOf } from "./giving-up.ts";
import { hold, launching, newLaunch } from "./launching.ts";
import type { Look } from "./look.ts";
import type { NodeRecord } from "./node-record.ts";
import { asking, leaveIfAllowed, type Wish, wishToLeave } from "./wish.ts";

export function unproven(record: NodeRecord, look: Look): Decision {
  const { phase } = record;
  const givenUp = phase.name === "refused" || phase.name === "released";
  const wish = pressing(wishToLeave(record, look), givenUp) ?? (givenUp ? replaced : undefined);
  const left = wish && leaveIfAllowed(record, wish, look);
  if (left !== undefined && "record" in left) return left;
  if (givenUp) {
    const why = left === undefined ? "" : ` (${left.guard}: ${left.why})`;
    const held = hold(
      record,
      newLaunch(look),
      look,
      `it could not be verified and may not be replaced${why}`,
      restOf(look),
    );
    return { ...held, record: asking(held.record, wish, left, look), refusedBy: left?.guard };
  }
  const launch = { name: "waiting-for-agent", launch: newLaunch(look) } as const;
  const anew = phase.name === "in-service" || phase.name === "aside" || phase.name === "leaving";
  return launching(anew ? inPhase(record, launch, look.now) : record, look);
}

/**
 * A notice of maintenance can wait until the node is proven or given up: only then is it known whether what it waits
 * for is its own fault or shared by all. What AWS takes at once, and what an operator orders, cannot.
 */
function pressing(wish: Wish | undefined, givenUp: boolean): Wish | undefined {
  return givenUp || wish?.involuntary === true || wish?.cause === "operator" ? wish : undefined;
}

const replaced: Wish = {
  cause: "unhealthy",
  reason: "it could not be verified",
  involuntary: false,
  shrink: false,
};
