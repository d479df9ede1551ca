/** What the commands about rollouts share: the stop that refuses them, and `--wait`, which tells how far each is. */
import type { Site } from "@warden/control";
import { type GroupName, isOver, rolloutKey, type SiteName } from "@warden/fleet";
import type { Reach, Surroundings, WardenContext } from "./context.ts";
import { Problem, printable, type Status, status } from "./errors.ts";
import { storyJson, storyLine } from "./render/story.ts";
import { length } from "./render/time.ts";

/** @throws Problem when the site is stopped */
export async function needRunning({ site }: Site, what: string, { deps }: Reach): Promise<void> {
  const stop = await deps.ports.store.stopped(site);
  if (stop === undefined) return;
  throw new Problem(
    status.refused,
    `The guard stop refuses to ${what}: ${stop.by} stopped Warden (${stop.reason})`,
    "`warden resume` ends the stop",
  );
}

export function say({ out }: WardenContext, flags: { json: boolean }, texts: readonly string[], json: object): void {
  out.write(flags.json ? `${JSON.stringify(json)}\n` : `${texts.map(printable).join("\n")}\n`);
}

export interface FollowedRollouts {
  readonly site: SiteName;
  readonly groups: readonly GroupName[];
  /** `back`: to have returned is what was asked for. */
  readonly wanted?: "back";
  readonly json: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Until all are over, one decision a line. */
export async function followRollouts(
  what: FollowedRollouts,
  reach: Reach,
  surroundings: Surroundings,
): Promise<Status> {
  const startedAt = surroundings.now();
  const told = new Set<string>();
  for (;;) {
    const phases = await Promise.all(what.groups.map((group) => tell(what, group, told, reach, surroundings)));
    if (phases.every((phase) => phase === "done" || phase === "returned")) {
      const returned = phases.includes("returned") && what.wanted !== "back";
      return returned ? status.unwell : status.done;
    }
    if (surroundings.now() - startedAt >= what.timeout) {
      throw new Problem(
        status.unfinished,
        `After ${length(what.timeout)} the rollout still goes on`,
        "it goes on by itself, and `warden config status` shows how far it is",
      );
    }
    await surroundings.sleep(1000);
  }
}

async function tell(
  { site, json }: FollowedRollouts,
  group: GroupName,
  told: Set<string>,
  { deps }: Reach,
  { out }: Surroundings,
): Promise<string> {
  const { rollout } = (await deps.ports.store.groupState(site, group)).rollout ?? {};
  const entries = (await deps.ports.store.ledger(rolloutKey({ site, group }), 50)).toReversed();
  for (const entry of entries) {
    if (told.has(entry.id) || entry.at < (rollout?.startedAt ?? 0)) continue;
    told.add(entry.id);
    out.write(json ? `${JSON.stringify(storyJson(entry))}\n` : `${storyLine(entry)}\n`);
  }
  return rollout === undefined || isOver(rollout) ? (rollout?.phase ?? "done") : "under way";
}
