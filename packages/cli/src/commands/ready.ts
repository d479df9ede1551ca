/** `warden ready`: whether a site is as it should be before its visitors come, and what falls short. */
import { type Freeze, isInForce } from "@warden/fleet";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { type Readiness, readinessOf } from "../readiness.ts";
import { targetOf } from "../target.ts";

export interface ReadyFlags extends PlaceFlags {
  /** How many the peak needs; unless said, what a planned one that is in force needs. */
  readonly nodes?: number;
}

/** @returns unwell when something falls short */
export async function ready(context: WardenContext, flags: ReadyFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { store, autoScaling } = reach.deps.ports;
  const site = await chooseSite(flags.site, reach);
  const [facts, { open }, lastSweep, { calendar }, ...groups] = await Promise.all([
    autoScaling.describeGroups(site.groups),
    store.incidents(site.site),
    store.lastSweep(),
    store.calendar(site.site),
    ...site.groups.map(async (name) => ({
      name,
      state: await store.groupState(site.site, name),
      nodes: await store.nodesOf(site.site, name),
    })),
  ]);
  const seen = groups.map((group) => ({ ...group, facts: facts.get(group.name) }));
  const now = reach.deps.now();
  const needed = flags.nodes ?? neededSoon(calendar.freezes, now);
  const readiness = readinessOf({ site, groups: seen, open, lastSweep, needed, now });
  const isReady = readiness.shortfalls.length === 0;
  context.out.write(
    flags.json
      ? `${JSON.stringify({ site: site.site, ready: isReady, ...readiness })}\n`
      : `${isReady ? `READY: ${sizeOf(readiness)} of site ${site.site} are in service, and nothing is in trouble or under way.` : notReady(readiness)}\n`,
  );
  return isReady ? status.done : status.unwell;
}

/** What the peaks that are in force need; whoever asks earlier is told what there is now. */
function neededSoon(freezes: readonly Freeze[], now: number): number | undefined {
  const needs = freezes.filter((each) => isInForce(each, now)).map(({ nodes = {} }) => Object.values(nodes));
  const most = Math.max(0, ...needs.map((counts) => counts.reduce((sum, each) => sum + each, 0)));
  return most === 0 ? undefined : most;
}

const sizeOf = ({ proven, desired }: Readiness): string => `${proven} of ${desired} nodes`;

const notReady = ({ shortfalls }: Readiness): string =>
  ["NOT READY:", ...shortfalls.flatMap(({ what, mend }) => [`  - ${printable(what)}`, `    ${printable(mend)}`])].join(
    "\n",
  );
