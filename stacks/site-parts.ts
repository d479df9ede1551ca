/** What one site has or shares, but for its nodes: these come when Warden is there to receive them. */
import type { SiteConfiguration } from "@warden/moodle/site";
import type { accessLogs } from "./access-logs.ts";
import { balancer, type SiteBalancer, target } from "./balancer.ts";
import { caches, type SiteCaches } from "./caches.ts";
import { database, type SiteDatabase, sharedDatabase } from "./database.ts";
import { files, type SiteFiles } from "./files.ts";
import type { Network } from "./network.ts";
import { nodeLogs } from "./node-logs.ts";
import { secret } from "./secret.ts";
import { checkSites } from "./sharing.ts";
import { siteConfiguration } from "./site-configuration.ts";
import type { Shared, Site, Stage } from "./stage.ts";

export interface SiteParts extends SiteBalancer {
  readonly site: Site;
  readonly database: SiteDatabase;
  readonly caches: SiteCaches;
  readonly files: SiteFiles;
  readonly targets: aws.lb.TargetGroup;
  /** Brings visitors to its nodes. */
  readonly rule: aws.lb.ListenerRule;
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
  const { network, topic, logs } = around;
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
  const { alb, admitted } =
    site.balancer.kind === "shared" ? ownerOf(site.balancer) : balancer(stage, site, site.balancer, network, logs);
  const { sessions, cache } = data.caches;
  return {
    ...{ site, ...data, alb, admitted, logs: nodeLogs(stage, site) },
    ...target(stage, site, { alb, admitted }, network),
    configuration: siteConfiguration(stage, site, { ...data, administrator }),
    secrets: [data.database.password, sessions.password, cache.password, administrator].map(({ secret }) => secret),
  };
}
