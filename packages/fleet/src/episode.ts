/** Passages through Warden's hooks: when one begins, how long it can last, and how it is answered. */
import type { Action } from "./decision.ts";
import { inWarmPool, type Station } from "./lifecycle-state.ts";
import type { Episode, NodeRecord } from "./node-record.ts";
import type { Hint, Sighting } from "./observation.ts";
import { globalLimit, type Policy } from "./policy.ts";

/**
 * The record's episode after this look: opened when the instance waits at one of our hooks and no passage is open for
 * it, given its token when an event brought one, closed when the instance has moved on.
 */
export function followEpisode(
  record: NodeRecord,
  seen: Sighting,
  station: Station,
  policy: Policy,
  now: number,
): Episode | undefined {
  const transition =
    station === "pending-wait" ? "launching" : station === "terminating-wait" ? "terminating" : undefined;
  if (transition === undefined) return record.episode && closed(record.episode);

  const name = transition === "launching" ? policy.launchHook : policy.terminateHook;
  const hook = seen.group.hooks.find((each) => each.name === name && each.transition === transition);
  if (hook === undefined) return record.episode && closed(record.episode);

  const warmPool = inWarmPool(seen.lifecycleState);
  const current = record.episode;
  const hint = latestHint(seen.hints, transition, hook.name, current?.after);
  if (
    current !== undefined &&
    current.transition === transition &&
    current.warmPool === warmPool &&
    !passedAgain(record, current, hint)
  ) {
    return { ...current, token: current.token ?? hint?.token };
  }
  // What an event of the passage before still says would name an action that is over.
  const fresh = latestHint(seen.hints, transition, hook.name, current?.startedAt);
  return {
    transition,
    hook: hook.name,
    token: fresh?.token,
    ordinal: (current?.ordinal ?? 0) + 1,
    warmPool,
    startedAt: Math.min(now, fresh?.at ?? now),
    after: current?.startedAt,
    hookTimeout: hook.timeout,
    result: undefined,
  };
}

/** The instance left the hook in between, or a later action with another token is open now. */
function passedAgain(record: NodeRecord, current: Episode, hint: LifecycleHint | undefined): boolean {
  if (current.result?.closed === true && !waitsAtHook(record.lifecycleState)) return true;
  return (
    hint?.token !== undefined &&
    current.token !== undefined &&
    hint.token !== current.token &&
    hint.at > current.startedAt
  );
}

const waitsAtHook = (lifecycleState: string): boolean => lifecycleState.endsWith(":Wait");

type LifecycleHint = Extract<Hint, { kind: "lifecycle-action" }>;

function latestHint(
  hints: readonly Hint[],
  transition: Episode["transition"],
  hook: string,
  after = Number.NEGATIVE_INFINITY,
): LifecycleHint | undefined {
  let latest: LifecycleHint | undefined;
  for (const hint of hints) {
    if (hint.kind !== "lifecycle-action" || hint.transition !== transition || hint.hook !== hook) continue;
    if (hint.at <= after) continue;
    if (latest === undefined || hint.at > latest.at) latest = hint;
  }
  return latest;
}

export function closed(episode: Episode): Episode {
  const value = episode.result?.value ?? "CONTINUE";
  return episode.result?.closed === true ? episode : { ...episode, result: { value, closed: true } };
}

/** When AWS ends the action by itself, heartbeats or not. */
export const endsForGoodAt = (episode: Episode): number => episode.startedAt + globalLimit(episode.hookTimeout);

/** True while the action waits for our answer. */
export const isOpen = (episode: Episode | undefined): episode is Episode =>
  episode !== undefined && episode.result?.closed !== true;

/** The record with the result, and the call that tells it: recorded first, sent second, harmless when repeated. */
export function answer(
  record: NodeRecord,
  value: "CONTINUE" | "ABANDON",
): { readonly record: NodeRecord; readonly actions: readonly Action[] } {
  const episode = record.episode;
  if (!isOpen(episode)) return { record, actions: [] };
  // The first result stands: a second thought would make two answers to one action.
  const result = episode.result ?? { value, closed: false };
  return {
    record: { ...record, episode: { ...episode, result } },
    actions: [{ type: "complete-lifecycle-action", hook: episode.hook, token: episode.token, result: result.value }],
  };
}
