/** `warden config status`: what the nodes of each group are to be, what they are, and how far a rollout is. */

import type { GroupName } from "@warden/fleet";
import { type Rollout, rolloutKey, type SiteName } from "@warden/fleet";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { storyJson, storyLine } from "../render/story.ts";
import { table } from "../render/table.ts";
import { targetOf } from "../target.ts";

export async function configStatus(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site, groups } = await chooseSite(flags.site, reach);
  const rows = await Promise.all(groups.map((group) => look(site, group, reach)));
  if (flags.json) context.out.write(`${JSON.stringify({ v: 1, site, groups: rows.map(asJson) })}\n`);
  else context.out.write(`${textOf(rows, context.out.columns)}\n`);
  return rows.some(({ others, rollout }) => others.length > 0 && !goesOn(rollout)) ? status.unwell : status.done;
}

interface Row {
  readonly group: GroupName;
  readonly assigned: string | undefined;
  readonly rollout: Rollout | undefined;
  readonly inService: number;
  /** Nodes in service that have something else than they are to have in the end. */
  readonly others: readonly Other[];
  readonly story: readonly Parameters<typeof storyLine>[0][];
}

interface Other {
  readonly instance: string;
  readonly digest: string;
  readonly why: string;
}

const goesOn = (rollout: Rollout | undefined): boolean =>
  rollout !== undefined && rollout.phase !== "done" && rollout.phase !== "returned";

async function look(site: SiteName, group: GroupName, { deps }: Reach): Promise<Row> {
  const { store } = deps.ports;
  const [state, stored, story] = await Promise.all([
    store.groupState(site, group),
    store.nodesOf(site, group),
    store.ledger(rolloutKey({ site, group }), storyLength),
  ]);
  const rollout = state.rollout?.rollout;
  const aim = rollout?.phase === "rolling" ? rollout.candidate : state.assigned;
  const serving = stored.map(({ record }) => record).filter(({ phase }) => phase.name === "in-service");
  const others = serving
    .filter(({ verified }) => verified?.digest !== aim?.digest)
    .map(({ instance, verified, push }) => ({
      instance,
      digest: verified?.digest ?? "none",
      why: push === undefined ? "" : push.message === "" ? push.is : `${push.is}: ${push.message}`,
    }));
  const ofThis = story.filter((entry) => entry.at >= (rollout?.startedAt ?? 0)).toReversed();
  return { group, assigned: state.assigned?.digest, rollout, inService: serving.length, others, story: ofThis };
}

const storyLength = 20;

function textOf(rows: readonly Row[], width: number | undefined): string {
  const parts = [table(columns, rows, width)];
  for (const { group, rollout, others, story } of rows) {
    if (others.length > 0 && !goesOn(rollout)) {
      const each = others.map(({ instance, digest, why }) => `  ${instance}  ${digest.slice(0, 12)}  ${why}`.trimEnd());
      parts.push(`In group ${group} these nodes have another configuration:\n${each.map(printable).join("\n")}`);
    }
    if (story.length > 0) parts.push(story.map(storyLine).join("\n"));
  }
  return parts.join("\n\n");
}

const columns = [
  { title: "GROUP", cell: ({ group }: Row) => group },
  { title: "LAST GOOD", cell: ({ assigned }: Row) => assigned?.slice(0, 12) ?? "none" },
  { title: "ROLLOUT", cell: ({ rollout }: Row) => (rollout === undefined ? "none" : `${rollout.phase}`) },
  { title: "TO", cell: ({ rollout }: Row) => rollout?.candidate.digest.slice(0, 12) ?? "", dispensable: 1 },
  { title: "NODES THERE", cell: ({ inService, others }: Row) => `${inService - others.length} of ${inService}` },
  {
    title: "WHY",
    cell: ({ rollout }: Row) => (rollout === undefined ? "" : `${rollout.by}: ${rollout.reason}`),
    flexible: true,
  },
] as const;

const asJson = ({ story, rollout, assigned, ...row }: Row) => ({
  ...row,
  assigned: assigned ?? null,
  rollout: rollout ?? null,
  story: story.map(storyJson),
});
