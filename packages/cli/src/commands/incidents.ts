/** `warden incidents`: what is wrong with what all nodes of a site share, or with its pages, and what was. */

import { siteKey } from "@warden/control";
import { length } from "@warden/fleet";
import type { Incident } from "@warden/remediation";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { storyJson, storyLines } from "../render/story.ts";
import { type Column, table } from "../render/table.ts";
import { instant, iso } from "../render/time.ts";
import { targetOf } from "../target.ts";

/** Rows of the site's ledger, which tells of other things, too. */
const mostEntries = 200;

/** @returns unwell while one is open, so that a script can ask */
export async function incidents(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const { store } = reach.deps.ports;
  const [{ open }, entries] = await Promise.all([
    store.incidents(site.site),
    store.ledger(siteKey(site.site), mostEntries),
  ]);
  const story = entries.filter(({ kind }) => kind === "incident").reverse();
  const health = open.length === 0 ? status.done : status.unwell;
  if (flags.json) {
    context.out.write(`${JSON.stringify({ site: site.site, open: open.map(asJson), story: story.map(storyJson) })}\n`);
    return health;
  }
  const now =
    open.length === 0
      ? [`Site ${site.site} is well: neither what its nodes share nor its pages are in trouble.`]
      : [table(columns(reach.deps.now()), open, context.out.columns)];
  const before = story.length === 0 ? [] : ["", "Story", ...storyLines(story).map((line) => `  ${line}`)];
  context.out.write(`${[...now, ...before].join("\n")}\n`);
  return health;
}

const columns = (now: number): Column<Incident>[] => [
  { title: "PART", cell: ({ part }) => part },
  { title: "SINCE", cell: ({ openedAt }) => `${instant(openedAt)} (${length(now - openedAt)})` },
  { title: "NODES", cell: ({ most }) => `${most.nodes} of ${most.of}` },
  { title: "ALARMS", cell: ({ alarms }) => printable(alarms.join(", ")) || "-", dispensable: 2 },
  { title: "LAST SAID", cell: ({ saidAt }) => `${length(now - saidAt)} ago`, dispensable: 1 },
  { title: "WHAT IS SAID", cell: ({ message }) => printable(message), flexible: true },
];

const asJson = ({ openedAt, saidAt, ...incident }: Incident) => ({
  ...incident,
  ...{ openedAt: iso(openedAt), saidAt: iso(saidAt) },
});
