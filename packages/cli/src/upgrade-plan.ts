/** The plan of an upgrade: from what to what in each group, what changes in Moodle, and what the way back is. */
import { createHash } from "node:crypto";
import type { Assigned, SiteName } from "@warden/fleet";
import type { ReleaseManifest } from "@warden/moodle/release";
import type { WayBack } from "./context.ts";
import type { NamedRelease } from "./releases.ts";
import { instant } from "./render/time.ts";
import type { GivenPlan } from "./rollout-plans.ts";

export interface UpgradePlan {
  /** Names the plan: the same from the same site, groups, releases and configurations. */
  readonly hash: string;
  readonly site: SiteName;
  readonly groups: readonly Pick<GivenPlan, "group" | "has" | "candidate">[];
  readonly to: ReleaseManifest;
  /** Undefined: the bucket does not say what some group's release is. */
  readonly changes: Changes | undefined;
  /** What Moodle would refuse, known before any node is asked. */
  readonly hindrances: readonly string[];
  /** Moodle wants no upgrade: nothing but files differ. */
  readonly needless: boolean;
  readonly wayBack: WayBack;
}

interface Changes {
  readonly moodle: readonly string[];
  readonly added: readonly Plugin[];
  readonly removed: readonly Plugin[];
  readonly changed: readonly (Plugin & { readonly from: string })[];
}

interface Plugin {
  readonly name: string;
  readonly version: string;
}

/** @param running what the groups' releases are, as far as that is known */
export function upgradePlan(
  site: SiteName,
  groups: UpgradePlan["groups"],
  running: readonly (ReleaseManifest | undefined)[],
  { manifest: to }: NamedRelease,
  wayBack: WayBack,
): UpgradePlan {
  const known = running.filter((each) => each !== undefined);
  const all = known.length === running.length;
  const changes = known.map((from) => changesBetween(from, to));
  return {
    hash: hashOf(site, groups),
    ...{ site, groups, to, wayBack },
    changes: all ? merged(known, changes) : undefined,
    hindrances: [...new Set(known.flatMap((from) => hindrancesBetween(from, to)))],
    needless: all && known.every(({ versionsHash }) => versionsHash === to.versionsHash),
  };
}

const hashOf = (site: SiteName, groups: UpgradePlan["groups"]): string =>
  createHash("sha256")
    .update(JSON.stringify([site, groups.map(({ group, has, candidate }) => [group, ends(has), ends(candidate)])]))
    .digest("hex");

const ends = ({ release, digest }: Assigned): readonly string[] => [release, digest];

function changesBetween(from: ReleaseManifest, to: ReleaseManifest): Omit<Changes, "moodle"> {
  const had = Object.entries(from.plugins).map(([name, { version }]) => ({ name, version }));
  const has = Object.entries(to.plugins).map(([name, { version }]) => ({ name, version }));
  return {
    added: has.filter(({ name }) => from.plugins[name] === undefined),
    removed: had.filter(({ name }) => to.plugins[name] === undefined),
    changed: has.flatMap((plugin) => {
      const before = from.plugins[plugin.name]?.version;
      return before === undefined || before === plugin.version ? [] : [{ ...plugin, from: before }];
    }),
  };
}

/** Groups that run different releases have different ways; what any of them has to go is told once. */
function merged(known: readonly ReleaseManifest[], all: readonly Omit<Changes, "moodle">[]): Changes {
  const once = <T extends object>(items: readonly T[]): T[] => [
    ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
  ];
  return {
    moodle: [...new Set(known.map(({ moodle }) => moodle))],
    added: once(all.flatMap(({ added }) => added)),
    removed: once(all.flatMap(({ removed }) => removed)),
    changed: once(all.flatMap(({ changed }) => changed)),
  };
}

/** Moodle never goes back: neither itself nor a plugin ("Cannot downgrade"). */
function hindrancesBetween(from: ReleaseManifest, to: ReleaseManifest): string[] {
  const { changed } = changesBetween(from, to);
  return [
    ...(Number(to.branch) < Number(from.branch) ? [`Moodle ${to.moodle} is older than ${from.moodle}`] : []),
    ...changed
      .filter((plugin) => Number(plugin.version) < Number(plugin.from))
      .map(({ name, version, from: had }) => `${name} ${version} is older than ${had}`),
  ];
}

// ---- In words ---------------------------------------------------------------------------------------------------------

export function planLines(plan: UpgradePlan): string[] {
  const { hash, site, groups, to, changes } = plan;
  const [first] = groups;
  const from = changes === undefined ? "" : ` (Moodle ${changes.moodle.join(", ")})`;
  return [
    `Plan       ${hash.slice(0, 12)} of site ${site}`,
    `From       ${[...new Set(groups.map(({ has }) => has.release))].join(", ")}${from}`,
    `To         ${first?.candidate.release ?? ""} (Moodle ${to.moodle})`,
    `Plugins    ${changes === undefined ? "what changes is not known: the bucket does not say what the nodes have" : pluginText(changes)}`,
    ...groups.map(({ group, has, candidate }) =>
      labelled("Bundle", `${has.digest.slice(0, 12)} → ${candidate.digest.slice(0, 12)} in group ${group}`),
    ),
    `Preflight  every node in service is asked whether Moodle wants the site closed, and what stands in the way; nothing is switched`,
    `Undo       until Moodle changes its database \`warden moodle upgrade abort\` gives every node what it had, and so`,
    "           does Warden by itself when something fails; after that only a restore leads back",
    ...recoveryLines(plan),
    ...plan.hindrances.map((hindrance) => labelled("Refused", `${hindrance}, and Moodle never goes back`)),
    ...(plan.needless
      ? [labelled("Needless", "Moodle needs no upgrade for it; `warden moodle deploy` is enough")]
      : []),
  ];
}

const labelled = (label: string, text: string): string => `${label.padEnd(10)} ${text}`;

function pluginText({ added, removed, changed }: Changes): string {
  const texts = [
    ...added.map(({ name, version }) => `+ ${name} ${version}`),
    ...removed.map(({ name, version }) => `− ${name} ${version}`),
    ...changed.map(({ name, version, from }) => `${name} ${from} → ${version}`),
  ];
  return texts.length === 0 ? "as they are" : texts.join(", ");
}

function recoveryLines({ wayBack: { points, lacking } }: UpgradePlan): string[] {
  if (lacking !== undefined) return [labelled("Restore", `from nowhere: ${lacking}`)];
  return points.map(({ of, at, arn }) => labelled("Restore", `${of} as at ${instant(at)}, ${arn}`));
}

export const planJson = ({ groups, wayBack, to, changes, ...plan }: UpgradePlan) => ({
  v: 1,
  ...plan,
  groups: groups.map(({ group, has, candidate }) => ({ group, from: has, to: candidate })),
  moodle: { from: changes?.moodle ?? null, to: to.moodle },
  plugins: changes === undefined ? null : { added: changes.added, removed: changes.removed, changed: changes.changed },
  recoveryPoints: wayBack.points.map(({ at, ...point }) => ({ ...point, at: new Date(at).toISOString() })),
});
