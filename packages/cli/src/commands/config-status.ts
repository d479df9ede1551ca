/** `warden config status`: what the nodes of each group are to be, what they are, and how far a rollout is. */
import type { Assigned } from "@warden/fleet";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { type GroupLook, lookAtGroup, rolls } from "../group-look.ts";
import { storyJson, storyLine } from "../render/story.ts";
import { table } from "../render/table.ts";
import { targetOf } from "../target.ts";
import { goesOn } from "../upgrades.ts";

export async function configStatus(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site, groups } = await chooseSite(flags.site, reach);
  const rows = await Promise.all(groups.map((group) => lookAtGroup(site, group, differ, reach)));
  if (flags.json) context.out.write(`${JSON.stringify({ v: 1, site, groups: rows.map(asJson) })}\n`);
  else context.out.write(`${textOf(rows, context.out.columns)}\n`);
  const upgrading = goesOn(await reach.deps.ports.store.upgrade(site));
  return !upgrading && rows.some((row) => row.others.length > 0 && !rolls(row)) ? status.unwell : status.done;
}

const differ = (has: Assigned | undefined, aim: Assigned | undefined): boolean => has?.digest !== aim?.digest;

function textOf(rows: readonly GroupLook[], width: number | undefined): string {
  const parts = [table(columns, rows, width)];
  for (const row of rows) {
    const { group, others, story } = row;
    if (others.length > 0 && !rolls(row)) {
      const each = others.map(({ instance, digest, why }) => `  ${instance}  ${digest.slice(0, 12)}  ${why}`.trimEnd());
      parts.push(`In group ${group} these nodes have another configuration:\n${each.map(printable).join("\n")}`);
    }
    if (story.length > 0) parts.push(story.map(storyLine).join("\n"));
  }
  return parts.join("\n\n");
}

const columns = [
  { title: "GROUP", cell: ({ group }: GroupLook) => group },
  { title: "LAST GOOD", cell: ({ assigned }: GroupLook) => assigned?.digest.slice(0, 12) ?? "none" },
  { title: "ROLLOUT", cell: ({ rollout }: GroupLook) => (rollout === undefined ? "none" : `${rollout.phase}`) },
  { title: "TO", cell: ({ rollout }: GroupLook) => rollout?.candidate.digest.slice(0, 12) ?? "", dispensable: 1 },
  { title: "NODES THERE", cell: ({ inService, others }: GroupLook) => `${inService - others.length} of ${inService}` },
  {
    title: "WHY",
    cell: ({ rollout }: GroupLook) => (rollout === undefined ? "" : `${rollout.by}: ${rollout.reason}`),
    flexible: true,
  },
] as const;

const asJson = ({ story, rollout, assigned, ...row }: GroupLook) => ({
  ...row,
  assigned: assigned?.digest ?? null,
  rollout: rollout ?? null,
  story: story.map(storyJson),
});
