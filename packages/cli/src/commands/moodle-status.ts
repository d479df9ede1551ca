/** `warden moodle status` and `warden moodle upgrade status`: which Moodle the nodes have, and what is under way. */
import type { Assigned } from "@warden/fleet";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { type GroupLook, lookAtGroup, rolls } from "../group-look.ts";
import { shortName } from "../releases.ts";
import { storyJson, storyLine } from "../render/story.ts";
import { table } from "../render/table.ts";
import { say } from "../rollouts.ts";
import { targetOf } from "../target.ts";
import { lookAtUpgrade, type UpgradeLook, upgradeJson, upgradeLines } from "../upgrade-look.ts";
import { goesOn } from "../upgrades.ts";

export async function moodleStatus(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site, groups } = await chooseSite(flags.site, reach);
  const [upgrade, ...rows] = await Promise.all([
    lookAtUpgrade(site, reach),
    ...groups.map((group) => lookAtGroup(site, group, differ, reach)),
  ]);
  const json = { v: 1, site, groups: rows.map(asJson), upgrade: upgradeJson(upgrade) };
  if (flags.json) context.out.write(`${JSON.stringify(json)}\n`);
  else context.out.write(`${textOf(rows, upgrade, context.out.columns)}\n`);
  const astray = !goesOn(upgrade?.stored) && rows.some((row) => row.others.length > 0 && !rolls(row));
  return astray ? status.unwell : standing(upgrade);
}

export async function upgradeStatus(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site } = await chooseSite(flags.site, reach);
  const upgrade = await lookAtUpgrade(site, reach);
  const texts = upgrade === undefined ? [`Site ${site} never had an upgrade.`] : upgradeLines(upgrade);
  say(context, flags, texts, { v: 1, site, upgrade: upgradeJson(upgrade) });
  return standing(upgrade);
}

const standing = (upgrade: UpgradeLook | undefined): Status =>
  upgrade?.stored.upgrade.phase === "stuck" ? status.unwell : status.done;

const differ = (has: Assigned | undefined, aim: Assigned | undefined): boolean =>
  has?.release !== aim?.release || has?.digest !== aim?.digest;

function textOf(rows: readonly GroupLook[], upgrade: UpgradeLook | undefined, width: number | undefined): string {
  const parts = [table(columns, rows, width)];
  for (const row of rows) {
    const { group, others, story } = row;
    if (others.length > 0 && !rolls(row) && !goesOn(upgrade?.stored)) {
      const each = others.map(({ instance, why, ...has }) => `  ${instance}  ${both(has)}  ${why}`.trimEnd());
      parts.push(`In group ${group} these nodes have something else:\n${each.map(printable).join("\n")}`);
    } else if (others.length > 0) parts.push(`In group ${group} ${countsText(others)} still.`);
    if (story.length > 0) parts.push(story.map(storyLine).join("\n"));
  }
  if (upgrade !== undefined) parts.push(upgradeLines(upgrade).map(printable).join("\n"));
  return parts.join("\n\n");
}

/** On the way nobody needs each node's name. */
function countsText(others: GroupLook["others"]): string {
  const counts = Map.groupBy(others, both);
  return [...counts].map(([has, nodes]) => `${nodes.length} nodes have ${has}`).join(", ");
}

const both = ({ release, digest }: Assigned): string => `${shortName(release)} ${digest.slice(0, 12)}`;

const columns = [
  { title: "GROUP", cell: ({ group }: GroupLook) => group },
  {
    title: "RELEASE, CONFIGURATION",
    cell: ({ assigned }: GroupLook) => (assigned === undefined ? "none" : both(assigned)),
  },
  { title: "ROLLOUT", cell: ({ rollout }: GroupLook) => rollout?.phase ?? "none" },
  {
    title: "TO",
    cell: ({ rollout }: GroupLook) => (rollout === undefined ? "" : both(rollout.candidate)),
    dispensable: 2,
  },
  { title: "NODES THERE", cell: ({ inService, others }: GroupLook) => `${inService - others.length} of ${inService}` },
  {
    title: "WHY",
    cell: ({ rollout }: GroupLook) => (rollout === undefined ? "" : `${rollout.by}: ${rollout.reason}`),
    flexible: true,
    dispensable: 1,
  },
] as const;

const asJson = ({ story, rollout, assigned, ...row }: GroupLook) => ({
  ...row,
  assigned: assigned ?? null,
  rollout: rollout ?? null,
  story: story.map(storyJson),
});
