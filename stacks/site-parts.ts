/** What one site has or shares, but for its nodes: these come when Warden is there to receive them. */
import type { SiteConfiguration } from "@warden/moodle/site";
import type { accessLogs } from "./access-logs.ts";
import { adoptedTargets } from "./adopted.ts";
import { balancer, type SiteTargets, target } from "./balancer.ts";
import { caches, type SiteCaches } from "./caches.ts";
import { database, type SiteDatabase, sharedDatabase } from "./database.ts";
import { files, type SiteFiles } from "./files.ts";
import type { Network } from "./network.ts";
import { nodeLogs } from "./node-logs.ts";
import { secret } from "./secret.ts";
import { checkSites } from "./sharing.ts";
import { siteConfiguration } from "./site-configuration.ts";
import type { Shared, Site, Stage } from "./stage.ts";

export interface SiteParts {
  readonly site: Site;
  readonly database: SiteDatabase;
  readonly caches: SiteCaches;
  readonly files: SiteFiles;
  /** That the stage has made. */
  readonly alb: sst.aws.Alb | undefined;
  readonly targets: SiteTargets;
  readonly logs: readonly aws.cloudwatch.LogGroup[];
  readonly configuration: $util.Output<SiteConfiguration>;
  /** ARNs of all that its nodes may read. */
  readonly secrets: readonly $util.Input<string>[];
}

interface Around {
  readonly network: Network;
  /** Told of what happens to caches. */
  readonly topic: aws.sns.Topic;
  readonly logs: ReturnType<typeof accessLogs>;
}

/** In the stage's own order: whose parts another site uses stands before it. */
export function sitesOf(stage: Stage, around: Around): readonly SiteParts[] {
  checkSites(stage);
  const made: SiteParts[] = [];
  for (const site of stage.sites) made.push(siteParts(stage, site, around, made));
  return made;
}

function siteParts(stage: Stage, site: Site, around: Around, before: readonly SiteParts[]): SiteParts {
  const { network, topic } = around;
  const ownerOf = (shared: Shared): SiteParts => {
    const owner = before.find((each) => each.site.name === shared.with);
    if (owner === undefined) throw new Error(`no site before ${site.name} is called ${shared.with}`);
    return owner;
  };
  const data = {
    database:
      site.database.kind === "shared"
        ? sharedDatabase(site, ownerOf(site.database).database)
        : database(stage, site, site.database, network),
    caches:
      site.caches.kind === "shared" ? ownerOf(site.caches).caches : caches(stage, site, site.caches, network, topic),
    files: files(stage, site, network),
  };
  const administrator = secret(site, "Administrator", "administrator").reference;
  const front = frontOf(stage, site, around, ownerOf);
  const { sessions, cache } = data.caches;
  return {
    ...{ site, ...data, ...front, logs: nodeLogs(stage, site) },
    configuration: siteConfiguration(stage, site, { ...data, administrator, targets: front.targets }),
    secrets: [data.database.password, sessions.password, cache.password, administrator].map(({ secret }) => secret),
  };
}

function frontOf(
  stage: Stage,
  site: Site,
  { network, logs }: Around,
  ownerOf: (shared: Shared) => SiteParts,
): Pick<SiteParts, "alb" | "targets"> {
  const { balancer: wanted, nodes } = site;
  if (wanted.kind === "existing") return { alb: undefined, targets: adoptedTargets(site, nodes, wanted) };
  const alb = wanted.kind === "shared" ? ownerOf(wanted).alb : balancer(stage, site, wanted.firewall, network, logs);
  if (alb === undefined) throw new Error(`the load balancer of ${site.name} was there before`);
  return { alb, targets: target(stage, site, alb, network) };
}
