/** `warden ready`: whether a site is as it should be before its visitors come, and what falls short. */
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { type Readiness, readinessOf } from "../readiness.ts";
import { targetOf } from "../target.ts";

export interface ReadyFlags extends PlaceFlags {
  /** How many the peak needs. */
  readonly nodes?: number;
}

/** @returns unwell when something falls short */
export async function ready(context: WardenContext, flags: ReadyFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { store, autoScaling } = reach.deps.ports;
  const site = await chooseSite(flags.site, reach);
  const [facts, { open }, lastSweep, ...groups] = await Promise.all([
    autoScaling.describeGroups(site.groups),
    store.incidents(site.site),
    store.lastSweep(),
    ...site.groups.map(async (name) => ({
      name,
      state: await store.groupState(site.site, name),
      nodes: await store.nodesOf(site.site, name),
    })),
  ]);
  const seen = groups.map((group) => ({ ...group, facts: facts.get(group.name) }));
  const readiness = readinessOf({ site, groups: seen, open, lastSweep, needed: flags.nodes, now: reach.deps.now() });
  const isReady = readiness.shortfalls.length === 0;
  context.out.write(
    flags.json
      ? `${JSON.stringify({ site: site.site, ready: isReady, ...readiness })}\n`
      : `${isReady ? `READY: ${sizeOf(readiness)} of site ${site.site} are in service, and nothing is in trouble or under way.` : notReady(readiness)}\n`,
  );
  return isReady ? status.done : status.unwell;
}

const sizeOf = ({ proven, desired }: Readiness): string => `${proven} of ${desired} nodes`;

const notReady = ({ shortfalls }: Readiness): string =>
  ["NOT READY:", ...shortfalls.flatMap(({ what, mend }) => [`  - ${printable(what)}`, `    ${printable(mend)}`])].join(
    "\n",
  );
