/** The site's configuration, of what the operator said and of what the stage made: `warden config` reads it from here. */
import { readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import { problemInWords } from "@warden/yaml";
import { deregistrationDelay } from "./balancer.ts";
import type { caches } from "./caches.ts";
import type { database } from "./database.ts";
import type { files } from "./files.ts";
import type { Secret } from "./secret.ts";
import type { Stage } from "./stage.ts";

interface Given {
  readonly database: ReturnType<typeof database>;
  readonly caches: ReturnType<typeof caches>;
  readonly files: ReturnType<typeof files>;
  /** The password of the first user. */
  readonly administrator: Secret["reference"];
}

export function siteConfiguration(stage: Stage, given: Given): $util.Output<SiteConfiguration> {
  const { site, size, production } = stage;
  const cache = ({ host, password, eviction }: (typeof given.caches)["cache"]) => ({
    redis: { host, password, eviction },
  });
  return $resolve({
    ...{
      site: site.name,
      name: site.title,
      address: `https://${site.host}`,
      timeZone: site.timeZone,
      release: site.release,
      production,
    },
    administrator: { email: site.administrator, password: given.administrator },
    php: { version: site.php, children: size.nodes.children },
    nodes: { min: size.nodes.min, max: size.nodes.max, hookTimeout: `${stage.hookTimeout}s` },
    database: {
      ...{ kind: given.database.kind, version: given.database.version, host: given.database.host },
      ...{ name: given.database.name, user: given.database.user, password: given.database.password },
      connections: size.database.connections,
    },
    sessions: cache(given.caches.sessions),
    cache: cache(given.caches.cache),
    files: { efs: given.files.system.id, accessPoint: given.files.point.id },
    loadBalancer: { deregistrationDelay: `${deregistrationDelay}s` },
    recovery: { database: given.database.arn, files: given.files.system.arn },
  }).apply(checked);
}

/** By the same reader as a file's: a stage whose sizes make no sense together is refused before anything is made. */
function checked(known: object): SiteConfiguration {
  const read = readSiteConfiguration(JSON.stringify(known));
  if (read.ok) return read.value;
  throw new Error(`stacks/stage.ts: ${read.problems.map(problemInWords).join("; ")}`);
}
