/** What the commands about upgrades share: what is said of one, what stands in the way, and `--wait`. */
import type { Site, StoredUpgrade } from "@warden/control";
import { isUpgradeOver, length, type SiteName, type Upgrade, upgradeKey } from "@warden/fleet";
import type { Reach, Surroundings } from "./context.ts";
import { Problem, type Status, status } from "./errors.ts";
import { tellNews } from "./rollouts.ts";

export const goesOn = (stored: StoredUpgrade | undefined): boolean =>
  stored !== undefined && !isUpgradeOver(stored.upgrade);

/** Milliseconds that the site was closed, or has been so far; undefined when it never was. */
export function closedFor({ closedAt, openedAt }: Upgrade, now: number): number | undefined {
  return closedAt === undefined ? undefined : (openedAt ?? now) - closedAt;
}

/** @throws Problem while an upgrade goes on, with whose it is */
export async function needNoUpgrade({ site }: Site, what: string, { deps }: Reach): Promise<void> {
  const stored = await deps.ports.store.upgrade(site);
  if (stored === undefined || isUpgradeOver(stored.upgrade)) return;
  const { by, reason, phase } = stored.upgrade;
  throw new Problem(
    status.refused,
    `The guard upgrade refuses to ${what}: the upgrade that ${by} began goes on (${reason}; ${phase}, ${stored.why})`,
    "`warden moodle upgrade status` shows how far it is, `warden moodle upgrade abort` takes it back",
  );
}

/** @throws Problem when the last upgrade ended in the middle: the site is closed, and its database half-way */
export async function needNotStuck({ site }: Site, what: string, { deps }: Reach): Promise<void> {
  const upgrade = (await deps.ports.store.upgrade(site))?.upgrade;
  if (upgrade?.phase !== "stuck") return;
  throw new Problem(
    status.refused,
    `The guard upgrade refuses to ${what}: the last upgrade is stuck (${upgrade.because ?? "nothing more is known"})`,
    "`warden moodle upgrade start` with a mended release goes forward",
  );
}

export interface FollowedUpgrade {
  readonly site: SiteName;
  /** How it ends when all goes as it was asked for. */
  readonly wanted: "done" | "rehearsed" | "returned";
  readonly json: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Until it is over, one decision a line; at the end how long the site was closed. */
export async function followUpgrade(
  { site, wanted, json, timeout }: FollowedUpgrade,
  reach: Reach,
  surroundings: Surroundings,
): Promise<Status> {
  const startedAt = surroundings.now();
  const told = new Set<string>();
  const { upgrade: upgradeOf } = reach.deps.ports.store;
  for (;;) {
    const upgrade = (await upgradeOf(site))?.upgrade;
    await tellNews({ key: upgradeKey(site), since: upgrade?.startedAt ?? 0, told, json }, reach, surroundings);
    if (upgrade === undefined || isUpgradeOver(upgrade)) {
      const phase = upgrade?.phase ?? "done";
      const closed = upgrade && closedFor(upgrade, reach.deps.now());
      surroundings.out.write(
        json
          ? `${JSON.stringify({ v: 1, phase, closedFor: closed ?? null, rehearsal: upgrade?.rehearsal ?? null })}\n`
          : `${end(upgrade, closed)}\n`,
      );
      return phase === wanted ? status.done : status.unwell;
    }
    if (surroundings.now() - startedAt >= timeout) {
      throw new Problem(
        status.unfinished,
        `After ${length(timeout)} the upgrade still goes on (${upgrade.phase})`,
        "it goes on by itself, and `warden moodle upgrade status` shows how far it is",
      );
    }
    await surroundings.sleep(1000);
  }
}

function end(upgrade: Upgrade | undefined, closed: number | undefined): string {
  if (upgrade?.phase === "stuck") return `${closedText(upgrade, closed)} ${wayOut(upgrade)}`;
  if (upgrade?.phase === "rehearsed") return rehearsalText(upgrade);
  return upgrade === undefined ? "It is over." : closedText(upgrade, closed);
}

/** What a rehearsal showed, and what is left to be done with its copy. */
export function rehearsalText({ rehearsal, closes }: Upgrade): string {
  const took = `Moodle took ${length(rehearsal?.took ?? 0)} for the copy ${rehearsal?.copy ?? ""}`;
  const site = closes ? "the site will be closed for longer than that" : "the site may stay open meanwhile";
  return `${took}: ${site}. The copy is used up: delete it.`;
}

export function closedText({ openedAt }: Upgrade, closed: number | undefined): string {
  if (closed === undefined) return "The site was never closed.";
  return openedAt === undefined
    ? `The site has been closed for ${length(closed)}.`
    : `The site was closed for ${length(closed)}.`;
}

/** A person is needed. */
export function wayOut({ recoveryPoints }: Upgrade): string {
  const back = recoveryPoints.length === 0 ? "no recovery point was named" : recoveryPoints.join(" and ");
  return `Forward: \`warden moodle upgrade start\` with a mended release. Back: restore database and files together (${back}).`;
}
