/**
 * The files are shared, so a node that cannot reach them is not to blame, as long as it may be the files that fail. An
 * outage of theirs shows at the load balancer: of all shared parts they alone make a node's own readiness fail. So where
 * one target fails and most others stay healthy for long enough, it is this node's mount that hangs.
 */
import type { Look } from "./look.ts";
import type { Hang } from "./node-record.ts";

/** What is known after a verification; undefined when it did not blame the files, and nothing but the files, of what is shared. */
export function hangAfter(before: Hang | undefined, blamesFiles: boolean, look: Look): Hang | undefined {
  if (!blamesFiles) return undefined;
  const watched = before !== undefined && look.now - before.at <= longestGap;
  const since = (watched ? before.aloneSince : undefined) ?? look.now;
  return { at: look.now, aloneSince: isAlone(look) ? since : undefined };
}

export const hangsAlone = (hang: Hang | undefined, now: number): boolean =>
  hang?.aloneSince !== undefined && now - hang.aloneSince >= showsAfter;

/** Milliseconds for the work of such a node to end. What then still waits for its files would wait for ever. */
export const patienceWithHanging = 60_000;

/** A node that has no others, or of whose others nothing is known, is never alone in it. */
function isAlone({ seen }: Look): boolean {
  const others = seen.group.inService - 1;
  return seen.target === "unhealthy" && seen.othersHealthy !== undefined && seen.othersHealthy > others / 2;
}

/**
 * All targets of a group are checked at one interval and fail after one number of checks. So in an outage the others'
 * fail at most one interval after this node's, and an interval is 300 s at most (Elastic Load Balancing API reference,
 * HealthCheckIntervalSeconds). The sixth minute is for the checks' own time and for reads that lag behind. Where
 * the others' targets did fail, the time begins anew with their return: a node may come back later than they.
 */
const showsAfter = 360_000;

/** It is verified twice a minute while it complains. What happened in a longer pause nobody saw. */
const longestGap = 120_000;
