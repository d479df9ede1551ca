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
export const echo = (key: NodeKey, version: number): Wake => ({ ...wakeFor(key, longestChain, 3000), version });

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
  return hops > longestChain ? undefined : { ...wakeFor(key, hops, Math.max(1000, dueAt - now)), version };
}

/**
 * Leads to a look in any case, whatever became of the record meanwhile.
 *
 * @param delay in milliseconds; SQS counts in whole seconds
 */
export const wakeFor = (key: Wake["key"], hops: number, delay = 0): Wake => ({
  key,
  hops,
  version: 0,
  delay: Math.ceil(delay / 1000) * 1000,
  alone: false,
});

/** For what a person asked: at once, and with a chain of its own. */
export async function wakeNow(key: Wake["key"], deps: Deps): Promise<void> {
  await deps.ports.lanes.wake("urgent", [wakeFor(key, 0)]);
}

/**
 * What leads nodes on (a rollout, an upgrade) wakes those that have something to do, and itself if it is due before the
 * sweep comes. At the end of a chain the sweep wakes it, and it wakes its nodes with a new one.
 *
 * @param hops how many wake-ups in a row led here
 */
export async function wakeLed(
  leader: Wake["key"],
  nodes: readonly NodeKey[],
  dueAt: number | undefined,
  hops: number,
  deps: Deps,
): Promise<void> {
  const next = hops + 1;
  if (next > longestChain) return;
  const delay = (dueAt ?? Number.POSITIVE_INFINITY) - deps.now();
  const itself = delay < sweepPeriod ? [wakeFor(leader, next, Math.max(1000, delay))] : [];
  const wakes = [...nodes.map((node) => wakeFor(node, next)), ...itself];
  if (wakes.length > 0) await deps.ports.lanes.wake("normal", wakes);
}
