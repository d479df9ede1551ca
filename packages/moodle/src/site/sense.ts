/**
 * What each part of a site configuration allows by itself, but all together cannot work. Each refusal is something that
 * a real site ran into: sessions evicted, a fleet that uses up the database's connections, nodes with different caches.
 */

import { type Nonsense, writeDuration } from "@warden/yaml";
import { isAtLeast, releases } from "./releases.ts";
import type { SiteConfiguration } from "./schema.ts";

export function nonsenseIn(site: SiteConfiguration): readonly Nonsense[] {
  return [
    ...sizes(site),
    ...times(site),
    ...databaseVersion(site),
    ...databaseConnections(site),
    ...phpVersion(site),
    ...sessions(site),
    ...cache(site),
    ...separation(site),
    ...forcedSettings(site),
    ...recoveryPoints(site),
  ];
}

function* sizes({ nodes }: SiteConfiguration): Iterable<Nonsense> {
  if (nodes.min > nodes.max) yield { path: ["nodes", "min"], allowed: `max, which is ${nodes.max}, or less` };
}

/** A heartbeat runs each minute, and three of them must fit, or one lost beat ends the action. AWS allows two hours. */
const hookTimeout = { least: 180_000, most: 7_200_000 };
const longestDelay = 3_600_000;

function* times({ nodes, php, loadBalancer }: SiteConfiguration): Iterable<Nonsense> {
  const { deregistrationDelay, idleTimeout } = loadBalancer;
  if (nodes.hookTimeout < hookTimeout.least || nodes.hookTimeout > hookTimeout.most)
    yield {
      path: ["nodes", "hookTimeout"],
      allowed: "from 180s to 2h: heartbeats run every 60s and three must fit before the action expires",
    };
  if (deregistrationDelay > longestDelay)
    yield { path: ["loadBalancer", "deregistrationDelay"], allowed: "1h at most, as AWS does" };
  else if (deregistrationDelay < php.longestRequest)
    yield {
      path: ["loadBalancer", "deregistrationDelay"],
      allowed: `php.longestRequest, which is ${writeDuration(php.longestRequest)}, or more: a leaving node would cut such a request`,
    };
  if (idleTimeout < 1_000 || idleTimeout > 4_000_000 || idleTimeout % 1_000 !== 0)
    yield { path: ["loadBalancer", "idleTimeout"], allowed: "whole seconds from 1s to 4000s, as AWS does" };
}

function* databaseVersion({ database, release }: SiteConfiguration): Iterable<Nonsense> {
  const { kind, version, host } = database;
  const least = releases[release].databases[kind];
  // `auroramysql` is a type of its own because Aurora reports a version that Moodle refuses from `mysqli`.
  if (kind !== "aurora-mysql" && kind !== "postgresql" && isAuroraEndpoint(host))
    yield { path: ["database", "kind"], allowed: `aurora-mysql: ${host} is an endpoint of an Aurora cluster` };
  else if (!isAtLeast(version, least))
    yield { path: ["database", "version"], allowed: `${least} or newer: Moodle ${release} refuses older ${kind}` };
}

const isAuroraEndpoint = (host: string): boolean =>
  /\.cluster-(?:ro-)?[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com$/.test(host);

/** The rest is for Warden, for people, and for workers that end while new ones begin. */
const shareOfConnections = 0.8;

function* databaseConnections({ nodes, php, cron, database }: SiteConfiguration): Iterable<Nonsense> {
  const cronNodes = cron.nodes === "every" ? nodes.max : Math.min(cron.nodes, nodes.max);
  const needed = nodes.max * php.children + cronNodes * cron.processes;
  const usable = Math.floor(database.connections * shareOfConnections);
  if (needed <= usable) return;
  const sum = `${nodes.max} nodes × ${php.children} workers + ${cronNodes} × ${cron.processes} cron processes = ${needed}`;
  yield {
    path: ["database", "connections"],
    allowed: `${Math.ceil(needed / shareOfConnections)} or more: ${sum}, and 80% may be used`,
  };
}

function* phpVersion({ php, release, nodes }: SiteConfiguration): Iterable<Nonsense> {
  const { least, highest } = releases[release].php;
  if (!isAtLeast(php.version, least) || !isAtLeast(highest, php.version))
    yield { path: ["php", "version"], allowed: `from ${least} to ${highest} for Moodle ${release}` };
  // Its release notes list a package of sodium from PHP 8.2 on (8.2.9, 2023.3), and none for 8.1 up to 8.1.32.
  else if (nodes.platform === "amazon-linux-2023" && php.version === "8.1")
    yield { path: ["php", "version"], allowed: "8.2 or newer: Amazon Linux has no sodium for PHP 8.1" };
}

function* sessions({ sessions }: SiteConfiguration): Iterable<Nonsense> {
  if (!("redis" in sessions)) return;
  const { eviction, clusterMode } = sessions.redis;
  // Sessions have a time to live, so the volatile policies drop them, too, and first of all.
  if (eviction !== "noeviction")
    yield {
      path: ["sessions", "redis", "eviction"],
      allowed: "noeviction: any other policy logs people out when memory is short",
    };
  if (clusterMode) yield { path: ["sessions", "redis", "clusterMode"], allowed: clusterModeOff };
}

const clusterModeOff =
  "false: Moodle takes one address for a single server, and the whole of a cache definition is one key on one shard";

function* cache({ cache, nodes }: SiteConfiguration): Iterable<Nonsense> {
  if ("local" in cache && nodes.max > 1)
    yield {
      path: ["cache", "local"],
      allowed: `redis: with up to ${nodes.max} nodes each would keep a cache of its own, and show what others changed too late`,
    };
  if ("redis" in cache && cache.redis.clusterMode)
    yield { path: ["cache", "redis", "clusterMode"], allowed: clusterModeOff };
  for (const [store, reason] of Object.entries(refusedStores)) {
    if (store in cache) yield { path: ["cache", store], allowed: `redis: ${reason}` };
  }
}

const refusedStores = {
  memcached: "memcached neither guarantees data nor locks, and Moodle no longer brings that store",
  mongodb: "Moodle no longer brings that store",
  files: "a cache on the shared file system takes seconds a page where Redis takes tenths",
};

/** When one cache is full or purged, the other must not notice. */
function* separation({ sessions, cache }: SiteConfiguration): Iterable<Nonsense> {
  if (!("redis" in sessions && "redis" in cache)) return;
  if (sessions.redis.host === cache.redis.host && sessions.redis.port === cache.redis.port)
    yield {
      path: ["cache", "redis", "host"],
      allowed: "another server than that of the sessions: a full application cache would drop them",
    };
}

function* forcedSettings({ settings }: SiteConfiguration): Iterable<Nonsense> {
  for (const name of Object.keys(settings)) {
    const reason = reserved[name] ?? (ownPrefixes.some((prefix) => name.startsWith(prefix)) ? written : undefined);
    if (reason !== undefined) yield { path: ["settings", name], allowed: `left out: ${reason}` };
  }
}

const written = "Warden writes it from other parts of this file";
const ownPrefixes = ["db", "session_", "altcache", "xsendfile"];

/** What would break the fleet, or what this file says elsewhere. */
const reserved: Readonly<Record<string, string>> = {
  cron_enabled: "forced, it could no longer be switched off with cron.php --disable",
  siteidentifier: "it belongs to the database; a copy would mix caches of two sites",
  dirroot: "Moodle finds it by itself",
  root: "Moodle finds it by itself",
  libdir: "Moodle finds it by itself",
  alternative_cache_factory_class: "Moodle would no longer read the cache configuration that Warden writes",
  forced_plugin_settings: "see plugins",
  prefix: written,
  wwwroot: written,
  dataroot: written,
  tempdir: written,
  backuptempdir: written,
  cachedir: written,
  localcachedir: written,
  localrequestdir: written,
  directorypermissions: written,
  sslproxy: written,
  reverseproxy: "the load balancer keeps the Host header, and Moodle refuses such requests with it",
  reverseproxyignore: written,
  getremoteaddrconf: written,
  timezone: written,
  preventexecpath: written,
  disableupdateautodeploy: written,
  uninstallclionly: written,
  cronclionly: written,
  noemailever: "see production and allow",
  messaging: "see production and allow",
  preventfilelocking: "files are shared",
};

/** A pair of points is worth nothing when one of them is of something else. */
function* recoveryPoints({ recovery, database, files }: SiteConfiguration): Iterable<Nonsense> {
  if (recovery === undefined) return;
  const { youngerThan } = recovery;
  if (youngerThan < leastAge)
    yield { path: ["recovery", "youngerThan"], allowed: "1h or more: backups take their time" };
  if (database.kind === "aurora-mysql" && !recovery.database.includes(":cluster:"))
    yield { path: ["recovery", "database"], allowed: "the ARN of the cluster, as Aurora is backed up whole" };
  if ("efs" in files && !recovery.files.endsWith(`/${files.efs}`))
    yield { path: ["recovery", "files"], allowed: `the ARN of ${files.efs}, where the files are` };
  const region = regionOf(recovery.database);
  if (regionOf(recovery.files) !== region)
    yield { path: ["recovery", "files"], allowed: `a file system in ${region}, where the database is` };
}

const leastAge = 3_600_000;
const regionOf = (arn: string): string => arn.split(":")[3] ?? "";
