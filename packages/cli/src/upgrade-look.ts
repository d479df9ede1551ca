/** An upgrade as `moodle status` and `moodle upgrade status` show it: how far it is, who does it, how long the site is closed. */
import type { LedgerEntry, StoredUpgrade } from "@warden/control";
import { type SiteName, upgradeKey } from "@warden/fleet";
import type { Reach } from "./context.ts";
import { storyLength } from "./group-look.ts";
import { shortName } from "./releases.ts";
import { storyJson, storyLine } from "./render/story.ts";
import { iso, relative } from "./render/time.ts";
import { closedFor, closedText, goesOn, rehearsalText, wayOut } from "./upgrades.ts";

export interface UpgradeLook {
  /** The one that goes on, or was the last. */
  readonly stored: StoredUpgrade;
  /** The oldest first. */
  readonly story: readonly LedgerEntry[];
  readonly now: number;
}

/** @returns undefined when the site never had one */
export async function lookAtUpgrade(site: SiteName, { deps }: Reach): Promise<UpgradeLook | undefined> {
  const { store } = deps.ports;
  const [stored, story] = await Promise.all([store.upgrade(site), store.ledger(upgradeKey(site), storyLength)]);
  if (stored === undefined) return undefined;
  const ofThis = story.filter((entry) => entry.at >= stored.upgrade.startedAt).toReversed();
  return { stored, story: ofThis, now: deps.now() };
}

export function upgradeLines({ stored, story, now }: UpgradeLook): string[] {
  const { upgrade, why } = stored;
  const { phase, by, reason, startedAt, upgrader, because, rehearsal } = upgrade;
  const releases = [...new Set(Object.values(upgrade.to).map(({ release }) => shortName(release)))];
  const closed = closedFor(upgrade, now);
  return [
    `${rehearsal === undefined ? "Upgrade" : "Rehearsal of the upgrade"} to ${releases.join(", ")}: ${phase}; ${by} began it ${relative(startedAt, now)} (${reason}).`,
    ...(phase === "rehearsed" ? [rehearsalText(upgrade)] : []),
    ...((goesOn(stored) && closed === undefined) || rehearsal !== undefined ? [] : [closedText(upgrade, closed)]),
    ...(upgrader === undefined
      ? []
      : [`${rehearsal === undefined ? "Upgraded" : "Rehearsed"} by ${upgrader.instance} of group ${upgrader.group}.`]),
    ...(goesOn(stored) ? [`Now: ${why}`] : because === undefined ? [] : [`Because: ${because}`]),
    ...(phase === "stuck" ? [wayOut(upgrade)] : []),
    ...story.map(storyLine),
  ];
}

export function upgradeJson(look: UpgradeLook | undefined) {
  if (look === undefined) return null;
  const { upgrade, why } = look.stored;
  const time = (at: number | undefined): string | null => (at === undefined ? null : iso(at));
  return {
    ...upgrade,
    ...{ why, startedAt: iso(upgrade.startedAt), closedAt: time(upgrade.closedAt), openedAt: time(upgrade.openedAt) },
    closedFor: closedFor(upgrade, look.now) ?? null,
    story: look.story.map(storyJson),
  };
}
