/** `warden freeze` and `warden peak`: times in which nothing voluntary happens, and for which capacity is there beforehand. */
import { addFreeze, endFreeze, type FreezeWindow, type Site } from "@warden/control";
import { type Freeze, inForceFrom, isInForce, length } from "@warden/fleet";
import { askedOf } from "../asked.ts";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { Problem, printable, type Status, status } from "../errors.ts";
import type { ChangeFlags, PlaceFlags } from "../flags.ts";
import { groupOf } from "../group.ts";
import { type Column, table } from "../render/table.ts";
import { iso, relative } from "../render/time.ts";
import { byClockOf, instantOf } from "../site-time.ts";
import { targetOf } from "../target.ts";

export interface FreezeAddFlags extends ChangeFlags {
  readonly from: string;
  readonly to: string;
}

export interface PeakAddFlags extends FreezeAddFlags {
  readonly nodes: number;
  readonly group?: string;
}

export async function freezeAdd(context: WardenContext, flags: FreezeAddFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  return add(site, windowOf(flags, site, reach), flags, reach, context);
}

export async function peakAdd(context: WardenContext, flags: PeakAddFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const group = groupOf(site, flags.group);
  const most = (await reach.deps.ports.autoScaling.describeGroups([group])).get(group)?.max;
  if (most !== undefined && flags.nodes > most)
    throw new Problem(
      status.unwell,
      `${group} can have at most ${most} nodes, and ${flags.nodes} are asked for`,
      "raise the maximum of its size (stacks/stages.ts), and the database's connections with it, then add the peak",
    );
  const window = { ...windowOf(flags, site, reach), nodes: { [group]: flags.nodes } };
  return add(site, window, flags, reach, context);
}

export async function freezeList(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const { calendar } = await reach.deps.ports.store.calendar(site.site);
  const now = reach.deps.now();
  const freezes = calendar.freezes.filter(({ to }) => now < to).toSorted((one, other) => one.from - other.from);
  if (flags.json) {
    const { held } = calendar;
    context.out.write(
      `${JSON.stringify({ site: site.site, freezes: freezes.map((each) => asJson(each, now)), held })}\n`,
    );
    return status.done;
  }
  const holds = Object.entries(calendar.held).map(
    ([group, { theirs, made }]) =>
      `${group} keeps at least ${made.min} nodes, each protected from scale-in; its own minimum is ${theirs.min}.`,
  );
  const list =
    freezes.length === 0
      ? `No freeze of site ${site.site} is planned.`
      : table(columns(site, now), freezes, context.out.columns);
  context.out.write(`${[list, ...holds.map(printable)].join("\n")}\n`);
  return status.done;
}

export async function freezeEnd(context: WardenContext, flags: ChangeFlags, id: string): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const planned = (await reach.deps.ports.store.calendar(site.site)).calendar.freezes;
  const ended = flags.dryRun
    ? planned.find((each) => each.id === id)
    : await endFreeze(site.site, id, askedOf(flags, context), reach.deps);
  if (ended === undefined)
    throw new Problem(status.usage, `Site ${site.site} has no freeze ${id}`, "`warden freeze list` shows them");
  const now = reach.deps.now();
  context.out.write(
    flags.json
      ? `${JSON.stringify({ dryRun: flags.dryRun, site: site.site, ended: asJson(ended, now) })}\n`
      : `${printable(endText(ended, site, flags.dryRun, now))}\n`,
  );
  return status.done;
}

function endText(freeze: Freeze, site: Site, dryRun: boolean, now: number): string {
  const which = `${nameOf(freeze)} ${freeze.id} of site ${site.site} (${freeze.reason})`;
  if (dryRun) return `The ${which} would end. Nothing was changed.`;
  const after = isInForce(freeze, now) ? ": within two minutes its groups begin to scale by themselves again" : "";
  return `The ${which} is ended${after}.`;
}

// ---- Adding -------------------------------------------------------------------------------------------------------------

function windowOf({ from, to }: FreezeAddFlags, { timeZone }: Site, { deps }: Reach): FreezeWindow {
  const window = { from: instantOf(from, timeZone, "from"), to: instantOf(to, timeZone, "to") };
  if (window.to <= window.from) throw new Problem(status.usage, "It ends before it begins", "give --to a later time");
  if (window.to <= deps.now()) throw new Problem(status.usage, "It is over already", "give --to a time to come");
  return window;
}

async function add(
  site: Site,
  window: FreezeWindow,
  flags: ChangeFlags,
  { deps }: Reach,
  context: WardenContext,
): Promise<Status> {
  const asked = askedOf(flags, context);
  const freeze = flags.dryRun ? { id: "", ...window, ...asked } : await addFreeze(site.site, window, asked, deps);
  context.out.write(
    flags.json
      ? `${JSON.stringify({ dryRun: flags.dryRun, site: site.site, freeze: asJson(freeze, deps.now()) })}\n`
      : `${printable(addText(freeze, site, flags.dryRun, deps.now()))}\n`,
  );
  return status.done;
}

function addText(freeze: Freeze, { site, timeZone }: Site, dryRun: boolean, now: number): string {
  const { from, to, nodes } = freeze;
  const when = `from ${byClockOf(from, timeZone)} to ${byClockOf(to, timeZone)} (${length(to - from)})`;
  const start = inForceFrom(freeze);
  const since = start <= now ? "From now on" : `From ${byClockOf(start, timeZone)} on`;
  const many = Object.entries(nodes ?? {}).map(([group, count]) => `${group} has at least ${count} nodes, and`);
  const what = `${[since, ...many].join(" ")} nothing voluntary happens; the groups still grow, and the dead are replaced`;
  if (dryRun) return `Site ${site} would be frozen ${when}. ${what}. Nothing was changed.`;
  return `Site ${site} is frozen ${when}. ${what}. \`warden freeze end ${freeze.id}\` ends it.`;
}

const nameOf = ({ nodes }: Freeze): string => (nodes === undefined ? "freeze" : "peak");

const columns = ({ timeZone }: Site, now: number): Column<Freeze>[] => [
  { title: "ID", cell: ({ id }) => id },
  { title: "FROM", cell: ({ from }) => byClockOf(from, timeZone) },
  { title: "TO", cell: ({ to }) => byClockOf(to, timeZone) },
  { title: "IN FORCE", cell: (each) => (isInForce(each, now) ? "now" : relative(inForceFrom(each), now)) },
  { title: "NODES", cell: ({ nodes }) => Object.values(nodes ?? {}).join(", ") || "-" },
  { title: "BY", cell: ({ by }) => by, dispensable: 1 },
  { title: "REASON", cell: ({ reason }) => reason, flexible: true },
];

const asJson = (freeze: Freeze, now: number) => ({
  ...freeze,
  ...{ kind: nameOf(freeze), from: iso(freeze.from), to: iso(freeze.to) },
  ...{ inForceFrom: iso(inForceFrom(freeze)), inForce: isInForce(freeze, now) },
});
