/** The site's configuration, of what the operator said and of what the stage made: `warden config` reads it from here. */
import { readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import { problemInWords } from "@warden/yaml";
import type { SiteTargets } from "./balancer.ts";
import type { SiteCache, SiteCaches } from "./caches.ts";
import type { SiteDatabase } from "./database.ts";
import type { SiteFiles } from "./files.ts";
import type { SecretReference } from "./secret.ts";
import { connectionsOf } from "./sharing.ts";
import type { Site, Stage } from "./stage.ts";

interface Given {
  readonly database: SiteDatabase;
  readonly caches: SiteCaches;
  readonly files: SiteFiles;
  readonly targets: SiteTargets;
  /** The password of the first user. */
  readonly administrator: SecretReference;
}

export function siteConfiguration(stage: Stage, site: Site, given: Given): $util.Output<SiteConfiguration> {
  const cache = ({ host, password, eviction }: SiteCache) => ({ redis: { host, password, eviction } });
  const { arn: database, ...server } = given.database;
  return $resolve({
    ...{
      site: site.name,
      name: site.title,
      address: `https://${site.host}`,
      timeZone: site.timeZone,
      release: site.release,
      production: stage.production,
      // Another stage of the account may have a site of this name.
      logs: logsOf(stage, site),
    },
    administrator: { email: site.administrator, password: given.administrator },
    php: { version: site.php, children: site.nodes.children },
    nodes: { min: site.nodes.min, max: site.nodes.max, hookTimeout: `${stage.hookTimeout}s` },
    database: { ...server, connections: connectionsOf(stage, site) },
    sessions: cache(given.caches.sessions),
    cache: cache(given.caches.cache),
    files: given.files.mount,
    loadBalancer: { deregistrationDelay: $interpolate`${given.targets.delay}s` },
    ...(given.files.arn !== undefined && { recovery: { database, files: given.files.arn } }),
  }).apply((known) => checked(site, known));
}

/** How the names of a site's log groups begin. */
export const logsOf = (stage: Stage, site: Site): string => `/warden/${stage.name}/${site.name}`;

/** By the same reader as a file's: a stage whose sizes make no sense together is refused before anything is made. */
function checked({ name }: Site, known: object): SiteConfiguration {
  const read = readSiteConfiguration(JSON.stringify(known));
  if (read.ok) return read.value;
  throw new Error(`stacks/stages.ts: ${name}: ${read.problems.map(problemInWords).join("; ")}`);
}
