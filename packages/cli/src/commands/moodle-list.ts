/** `warden moodle list`: the releases in the bucket, what each is, and which groups have it or are to have it. */
import { inParallel, type Site } from "@warden/control";
import { isOver, isUpgradeOver } from "@warden/fleet";
import type { AboutRelease } from "@warden/moodle/release";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import type { Status } from "../errors.ts";
import { status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { aboutNamed } from "../releases.ts";
import { table } from "../render/table.ts";
import { instant, iso } from "../render/time.ts";
import { say } from "../rollouts.ts";
import { targetOf } from "../target.ts";

export async function moodleList(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const sites = flags.site === undefined ? await reach.deps.settings.sites() : [await chooseSite(flags.site, reach)];
  const uses = await usesIn(sites, reach);
  const rows = await rowsOf(uses, reach);
  const names = new Set(rows.map(({ name }) => name));
  const elsewhere = uses.filter(({ release }) => !names.has(release));
  const texts = [
    rows.length === 0
      ? "There is no release in the bucket: `warden moodle deploy` puts one there."
      : table(columns, rows, context.out.columns),
    ...elsewhere.map(({ release, by }) => `Not in the bucket, as one that an image brings: ${release} (${by})`),
  ];
  if (!flags.json) context.out.write(`${texts.join("\n")}\n`);
  else say(context, flags, [], { v: 1, releases: rows.map(asJson), elsewhere });
  return status.done;
}

/** A group that has a release, or that is to have it. */
interface Use {
  readonly release: string;
  readonly is: "has" | "candidate";
  /** The group, with its site where there are several. */
  readonly by: string;
}

async function usesIn(sites: readonly Site[], { deps }: Reach): Promise<readonly Use[]> {
  const uses: Use[] = [];
  for (const { site, groups } of sites) {
    const upgrade = (await deps.ports.store.upgrade(site))?.upgrade;
    for (const group of groups) {
      const { assigned, rollout } = await deps.ports.store.groupState(site, group);
      const by = sites.length === 1 ? group : `${site}/${group}`;
      const rolling = rollout === undefined || isOver(rollout.rollout) ? undefined : rollout.rollout.candidate.release;
      const upgrading = upgrade === undefined || isUpgradeOver(upgrade) ? undefined : upgrade.to[group]?.release;
      const candidates = new Set([rolling, upgrading].filter((release) => release !== undefined));
      if (assigned !== undefined) uses.push({ release: assigned.release, is: "has", by });
      for (const release of candidates) if (release !== assigned?.release) uses.push({ release, is: "candidate", by });
    }
  }
  return uses;
}

interface Row {
  readonly name: string;
  readonly size: number;
  readonly at: number;
  /** Undefined: nothing beside the archive says it. */
  readonly about: AboutRelease | undefined;
  readonly has: readonly string[];
  readonly candidateOf: readonly string[];
}

async function rowsOf(uses: readonly Use[], reach: Reach): Promise<readonly Row[]> {
  const kept = (await reach.releases.list()).toSorted((left, right) => right.at - left.at);
  const abouts = new Map<string, AboutRelease | undefined>();
  await inParallel(kept, 8, async ({ name }) => void abouts.set(name, await aboutNamed(name, reach)));
  const of = (name: string, is: Use["is"]) =>
    uses.filter((use) => use.release === name && use.is === is).map(({ by }) => by);
  return kept.map((release) => ({
    ...release,
    about: abouts.get(release.name),
    has: of(release.name, "has"),
    candidateOf: of(release.name, "candidate"),
  }));
}

const columns = [
  { title: "NAME", cell: ({ name }: Row) => name },
  {
    title: "IN USE",
    cell: ({ has, candidateOf }: Row) =>
      [...has, ...candidateOf.map((group) => `candidate of ${group}`)].join(", ") || "no",
  },
  { title: "MOODLE", cell: ({ about }: Row) => about?.manifest.moodle ?? "not told", dispensable: 3 },
  { title: "MB", cell: ({ size }: Row) => String(Math.ceil(size / 1e6)), dispensable: 4 },
  { title: "PUT THERE", cell: ({ at }: Row) => instant(at), dispensable: 2 },
  { title: "PLUGINS", cell: ({ about }: Row) => pluginsText(about), flexible: true, dispensable: 1 },
  { title: "BUILT FROM", cell: ({ about }: Row) => sourcesText(about), dispensable: 5 },
] as const;

const pluginsText = (about: AboutRelease | undefined): string =>
  Object.entries(about?.manifest.plugins ?? {})
    .map(([name, { version }]) => `${name} ${version}`)
    .join(", ") || "none";

const sourcesText = (about: AboutRelease | undefined): string =>
  (about?.bill.components ?? [])
    .map(({ name, hashes }) => `${name} ${hashes[0]?.content.slice(0, 12) ?? ""}`)
    .join(", ");

const asJson = ({ about, at, ...row }: Row) => ({
  ...row,
  at: iso(at),
  manifest: about?.manifest ?? null,
  builtFrom:
    about?.bill.components.map(({ name, version, hashes }) => ({
      name,
      version,
      sha256: hashes[0]?.content ?? null,
    })) ?? null,
});
