/** `warden ready`: whether a site is as it should be before its visitors come, and what falls short. */
import { lookAtSite, type Needed, type Readiness, readinessOf, type Site } from "@warden/control";
import { type Freeze, nodesWanted } from "@warden/fleet";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { groupOf } from "../group.ts";
import { targetOf } from "../target.ts";

export interface ReadyFlags extends PlaceFlags {
  /** How many the peak needs; unless said, what a planned one that is in force needs. */
  readonly nodes?: number;
  readonly group?: string;
}

/** @returns unwell when something falls short */
export async function ready(context: WardenContext, flags: ReadyFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const sight = await lookAtSite(site, reach.deps);
  const { calendar } = await reach.deps.ports.store.calendar(site.site);
  const needed =
    flags.nodes === undefined
      ? neededNow(site, calendar.freezes, sight.now)
      : { [groupOf(site, flags.group)]: flags.nodes };
  const readiness = readinessOf(sight, needed);
  const isReady = readiness.shortfalls.length === 0;
  context.out.write(
    flags.json
      ? `${JSON.stringify({ site: site.site, ready: isReady, ...readiness })}\n`
      : `${isReady ? `READY: ${sizeOf(readiness)} of site ${site.site} are in service, and nothing is in trouble or under way.` : notReady(readiness)}\n`,
  );
  return isReady ? status.done : status.unwell;
}

/** What the peaks that are in force need; whoever asks earlier is told what there is now. */
const neededNow = ({ groups }: Site, freezes: readonly Freeze[], now: number): Needed =>
  Object.fromEntries(groups.map((group) => [group, nodesWanted(freezes, group, now)]));

const sizeOf = ({ proven, desired }: Readiness): string => `${proven} of ${desired} nodes`;

const notReady = ({ shortfalls }: Readiness): string =>
  ["NOT READY:", ...shortfalls.flatMap(({ what, mend }) => [`  - ${printable(what)}`, `    ${printable(mend)}`])].join(
    "\n",
  );
