/** Which sites use what another one has, and whether that can be. */
import type { ExistingNodes, Shared, Site, Stage } from "./stage.ts";

export type Shareable = "database" | "caches" | "balancer";

/** A site, and those that use its part. */
export const usersOf = (stage: Stage, owner: Site, part: Shareable): readonly Site[] =>
  stage.sites.filter((site) => site.name === owner.name || sharedWith(site[part]) === owner.name);

/** A site's part of the connections that its server has: as many as its nodes can ask for, beside those of the others. */
export function connectionsOf(stage: Stage, site: Site): number {
  const owner = stage.sites.find(({ name }) => name === sharedWith(site.database)) ?? site;
  if (owner.database.kind === "shared") throw new Error(`${owner.name} has no database of its own`);
  const most = ({ nodes }: Site): number => nodes.max * nodes.children;
  const all = usersOf(stage, owner, "database").reduce((sum, each) => sum + most(each), 0);
  return Math.floor((owner.database.connections * most(site)) / all);
}

/** @throws Error that says in which site `stacks/stages.ts` asks for what cannot be */
export function checkSites({ name: stage, sites, network }: Stage): void {
  const refuse = (site: Site, why: string): never => {
    throw new Error(`stacks/stages.ts: ${site.name}: ${why}`);
  };
  if (sites.length === 0) throw new Error("stacks/stages.ts: a stage has a site");
  for (const [index, site] of sites.entries()) {
    const before = sites.slice(0, index);
    if (!/^(?!.*--)[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(site.name))
      refuse(site, "a site's name is of a-z, 0-9 and single dashes, a letter first");
    if (stage.length + site.name.length > longest)
      refuse(site, `its name and that of the stage have at most ${longest} characters together`);
    if (before.some(({ name }) => name === site.name)) refuse(site, "another site has this name");
    if (before.some(({ host }) => host === site.host)) refuse(site, `another site is at ${site.host}`);
    // EC2 Auto Scaling guide, "Limitations for warm pools".
    if (site.nodes.kind === "new" && site.nodes.pool !== undefined && site.nodes.spot !== undefined)
      refuse(site, "a group with spot instances has no warm pool");
    const why = site.nodes.kind === "existing" ? notAdopted(site, site.nodes, network) : notMade(site);
    if (why !== undefined) refuse(site, why);
    for (const part of ["database", "caches", "balancer"] as const) {
      const owner = sharedWith(site[part]);
      if (owner === undefined) continue;
      const found = before.find(({ name }) => name === owner) ?? refuse(site, `no site before it is called ${owner}`);
      if (sharedWith(found[part]) !== undefined) refuse(site, `${owner} has no ${part} of its own`);
      if (part === "balancer" && found.balancer.kind === "existing")
        refuse(site, `the load balancer of ${owner} was there before: Warden adds nothing to it`);
    }
  }
}

/** Why a group that was there before cannot be one of this site. */
function notAdopted(
  { balancer, timetable }: Site,
  { group }: ExistingNodes,
  network: Stage["network"],
): string | undefined {
  // It becomes part of the name of a parameter (Systems Manager API, PutParameter).
  if (!/^[A-Za-z0-9_.-]+$/.test(group)) return `the name of its group is of A-Z, a-z, 0-9 and _.-, not ${group}`;
  if (balancer.kind !== "existing") return "an existing group has an existing target group";
  if (network.kind !== "existing") return "an existing group is in a network that was there before";
  return timetable.length > 0 ? "the timetable of an existing group is its operator's matter" : undefined;
}

const notMade = ({ balancer }: Site): string | undefined =>
  balancer.kind === "existing" ? "only an existing group registers its nodes with an existing target group" : undefined;

/** `warden-STAGE-SITE-sessions` names a replication group, whose name has at most 40 characters (ElastiCache API). */
const longest = 40 - "warden---sessions".length;

export const sharedWith = (part: Shared | { readonly kind: string }): string | undefined =>
  "with" in part ? part.with : undefined;
