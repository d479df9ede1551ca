/** What the commands about rollouts share: the stop that refuses them, and `--wait`, which tells how far each is. */
import type { Site } from "@warden/control";
import {
  freezeAt,
  frozenText,
  type GroupName,
  isOver,
  length,
  type RolloutKey,
  rolloutKey,
  type SiteName,
  type UpgradeKey,
} from "@warden/fleet";
import type { Reach, Surroundings, WardenContext } from "./context.ts";
import { Problem, printable, type Status, status } from "./errors.ts";
import { storyJson, storyLine } from "./render/story.ts";

/** @throws Problem when the site is stopped, or frozen */
export async function needRunning({ site }: Site, what: string, { deps }: Reach): Promise<void> {
  const { store } = deps.ports;
  const [stop, { calendar }] = await Promise.all([store.stopped(site), store.calendar(site)]);
  const freeze = freezeAt(calendar.freezes, deps.now());
  if (stop !== undefined)
    throw new Problem(
      status.refused,
      `The guard stop refuses to ${what}: ${stop.by} stopped Warden (${stop.reason})`,
      "`warden resume` ends the stop",
    );
  if (freeze !== undefined)
    throw new Problem(
      status.refused,
      `The guard freeze refuses to ${what}: ${frozenText(freeze)}`,
      "`warden freeze list` shows it, and `warden freeze end` ends it",
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
  reach: Reach,
  surroundings: Surroundings,
): Promise<string> {
  const { rollout } = (await reach.deps.ports.store.groupState(site, group)).rollout ?? {};
  await tellNews({ key: rolloutKey({ site, group }), since: rollout?.startedAt ?? 0, told, json }, reach, surroundings);
  return rollout === undefined || isOver(rollout) ? (rollout?.phase ?? "done") : "under way";
}

interface News {
  readonly key: RolloutKey | UpgradeKey;
  /** What is older belongs to one before. */
  readonly since: number;
  /** Ids of the entries that were told; grows. */
  readonly told: Set<string>;
  readonly json: boolean;
}

export async function tellNews(
  { key, since, told, json }: News,
  { deps }: Reach,
  { out }: Pick<Surroundings, "out">,
): Promise<void> {
  const entries = (await deps.ports.store.ledger(key, 50)).toReversed();
  for (const entry of entries) {
    if (told.has(entry.id) || entry.at < since) continue;
    told.add(entry.id);
    out.write(json ? `${JSON.stringify(storyJson(entry))}\n` : `${storyLine(entry)}\n`);
  }
}
