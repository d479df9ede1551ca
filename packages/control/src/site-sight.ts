/** One look at a whole site: its groups as Auto Scaling shows them, what is remembered of them, and what is in trouble. */
import type { Deps } from "./deps.ts";
import type { SiteSight } from "./readiness.ts";
import type { Site } from "./site.ts";

export async function lookAtSite(site: Site, deps: Deps): Promise<SiteSight> {
  const { store, autoScaling } = deps.ports;
  const [facts, { open }, lastSweep, groups] = await Promise.all([
    autoScaling.describeGroups(site.groups),
    store.incidents(site.site),
    store.lastSweep(),
    Promise.all(
      site.groups.map(async (name) => ({
        name,
        state: await store.groupState(site.site, name),
        nodes: await store.nodesOf(site.site, name),
      })),
    ),
  ]);
  return {
    ...{ site, open, lastSweep, now: deps.now() },
    groups: groups.map((group) => ({ ...group, facts: facts.get(group.name) })),
  };
}
