/** When to look again: soon by a delayed message, later by the sweep. */
import type { NodeKey } from "@warden/fleet";
import type { Deps } from "./deps.ts";
import type { Place } from "./locate.ts";
import type { Wake } from "./ports.ts";

/** The sweep comes each minute, so only what is due before it needs a message of its own. */
export const sweepPeriod = 60_000;

/**
 * Lambda stops a chain of queue → function → queue after about 16 hops (Lambda guide, "Recursive loop detection");
 * ours ends well before, and the sweep takes over.
 */
export const longestChain = 10;

/**
 * An event told that a command has ended, and the read does not show it yet, for reads lag behind by a second or two. So
 * there is one look more, beside the chain, which may have grown patient by now.
 */
export const echo = (key: NodeKey, version: number): Wake => ({
  key,
  hops: longestChain,
  version,
  delay: 3000,
  alone: false,
});

/**
 * @param changed whether this pass wrote something new: only then, or when the wake-up that led here is still the
 *   node's newest, does a chain go on. So each node has one chain at a time, however many events arrive.
 */
export function nextWake(
  key: NodeKey,
  place: Place,
  dueAt: number | undefined,
  changed: boolean,
  version: number,
  now: number,
): Wake | undefined {
  if (dueAt === undefined || dueAt - now >= sweepPeriod) return undefined;
  const hops = place.hops + 1;
  const goesOn = place.wake !== undefined && (place.wake.version ?? version) === version;
  if (!changed && !goesOn) return undefined;
  // SQS counts delays in whole seconds.
  const delay = Math.max(1000, Math.ceil((dueAt - now) / 1000) * 1000);
  return hops > longestChain ? undefined : { key, hops, version, delay, alone: false };
}

/** For what a person asked: at once, and with a chain of its own. */
export async function wakeNow(key: Wake["key"], deps: Deps): Promise<void> {
  await deps.ports.lanes.wake("urgent", [{ key, hops: 0, version: 0, delay: 0, alone: false }]);
}
