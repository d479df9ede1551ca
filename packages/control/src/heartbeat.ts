/**
 * Once a minute, on a schedule and a function of its own, so that nothing the loop does can starve it: extends every
 * lifecycle action whose beat is due before two more of these minutes have passed.
 */
import { alarming } from "./alarming.ts";
import type { Deps } from "./deps.ts";
import { isFault } from "./fault.ts";
import { inParallel } from "./in-parallel.ts";
import type { Beat } from "./ports.ts";

const period = 60_000;

export interface Beaten {
  readonly extended: number;
  readonly ended: number;
  readonly failed: number;
}

export async function heartbeat(deps: Deps): Promise<Beaten> {
  const now = deps.now();
  const due = (await deps.ports.store.beats()).filter((beat) => beat.nextAt <= now + 2 * period);
  const counted = { extended: 0, ended: 0, failed: 0 };
  // The most urgent first: should time run out, those that can wait a minute are the ones that do.
  due.sort((a, b) => a.nextAt - b.nextAt);
  await inParallel(due, 10, async (each) => {
    try {
      counted[await beat(each, now, deps)] += 1;
    } catch (error) {
      counted.failed += 1;
      deps.log.error(alarming.heartbeatFailed, { key: each.key, error });
    }
  });
  return counted;
}

async function beat(due: Beat, now: number, deps: Deps): Promise<keyof Beaten> {
  const { ports } = deps;
  if (now >= due.until) {
    await ports.store.dropBeat(due);
    return "ended";
  }
  try {
    const answered = await ports.autoScaling.recordHeartbeat(due.action);
    if (answered === "no-active-action") {
      await ports.store.dropBeat(due);
      return "ended";
    }
  } catch (error) {
    // Throttled or unreachable: the beat stays due, and the next minute is early enough.
    if (!isFault(error, "retry")) throw error;
    deps.log.warn("a heartbeat was put off", { key: due.key, error });
    return "failed";
  }
  await ports.store.putBeat({ ...due, nextAt: now + due.hookTimeout / 2 });
  return "extended";
}
