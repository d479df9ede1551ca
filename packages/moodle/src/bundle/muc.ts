/**
 * Moodle's cache configuration (MUC). Moodle writes this file anew by itself, with the definitions that it finds, so
 * what is written here is only what it keeps: stores, what each is for, and the caches that have a tier of their own.
 */
import { createHash } from "node:crypto";
import type { SiteConfiguration } from "../site/schema.ts";
import { ownPrefix } from "./config-php.ts";
import { type PhpValue, phpLiteral } from "./php.ts";
import { places } from "./places.ts";
import { forgetSecrets, requireSecrets, secret } from "./secrets.ts";

/** `core_cache\store`'s modes. */
const application = 1;
const session = 2;
const request = 4;

export function cacheConfiguration(site: SiteConfiguration): string {
  const tiered = "redis" in site.cache && site.cache.redis.localTier ? localisable : [];
  const shared = "redis" in site.cache ? "redis" : "local";
  const configuration: PhpValue = {
    // A part of each key. Left to Moodle, each node would fill it in on its own from the database: one that once saw another
    // database would share no cache with the others, and the first page of a new one would read what was stored under
    // 'unknown' by the last. The same on all nodes, and no other site's: what Moodle makes of a site identifier (md5).
    siteidentifier: createHash("md5").update(ownPrefix(site)).digest("hex"),
    stores: { ...defaultStores, ...ownStores(site, tiered.length > 0) },
    modemappings: [
      { mode: application, store: shared, sort: -1 },
      { mode: session, store: "default_session", sort: -1 },
      { mode: request, store: "default_request", sort: -1 },
    ],
    // A mapping whose definition is missing is dropped at the first save, so these stand here, if only in outline:
    // Moodle puts its own in their place.
    definitions: Object.fromEntries(tiered.map((each) => [`core/${each}`, outlineOf(each)])),
    definitionmappings: tiered.flatMap((each) => [
      { definition: `core/${each}`, store: "local", sort: 2 },
      { definition: `core/${each}`, store: "redis", sort: 1 },
    ]),
    locks: {
      cachelock_file_default: {
        name: "cachelock_file_default",
        type: "cachelock_file",
        // By itself it would be among the shared files, and all nodes would wait there for their turn to write a file that each
        // has to itself: who has waited gets no turn at all (`cachelock_file::lock` answers false when it got it at last).
        dir: places.cacheLocks,
        default: true,
      },
    },
  };
  return [
    "<?php",
    "defined('MOODLE_INTERNAL') || die();",
    "// Written by Warden, and from then on by Moodle.",
    requireSecrets,
    `$configuration = ${phpLiteral(configuration)};`,
    forgetSecrets,
    "",
  ].join("\n");
}

/**
 * Caches that may differ from node to node (`canuselocalstore`) and that every page reads; in the releases read since
 * 4.5. On files, not APCu: APCu has no locks of its own, and cron could not purge a web worker's.
 */
const localisable = ["string", "langmenu", "plugin_functions", "htmlpurifier", "coursemodinfo"] as const;

const outlineOf = (area: string): PhpValue => ({
  mode: application,
  component: "core",
  area,
  simplekeys: area !== "coursemodinfo",
  canuselocalstore: true,
  // By site identifier.
  selectedsharingoption: 2,
  userinputsharingkey: "",
});

interface Store {
  readonly plugin: "file" | "session" | "static" | "redis";
  readonly features: number;
  readonly modes: number;
}

/** As each store class reports them: with other numbers Moodle leaves the store out. */
const file: Store = { plugin: "file", features: 30, modes: application + session };
const inSession: Store = { plugin: "session", features: 14, modes: session };
const inMemory: Store = { plugin: "static", features: 31, modes: request };
const redis: Store = { plugin: "redis", features: 26, modes: application + session };

/** Moodle demands these three, and puts them back at each upgrade. */
const defaultStores = {
  default_application: storeOf("default_application", file, {}, true),
  default_session: storeOf("default_session", inSession, {}, true),
  default_request: storeOf("default_request", inMemory, {}, true),
};

function ownStores(site: SiteConfiguration, hasLocalTier: boolean): Readonly<Record<string, PhpValue>> {
  const onDisk = storeOf("local", file, { path: places.localStore, autocreate: 1 }, false);
  if (!("redis" in site.cache)) return { local: onDisk };
  const { host, port, tls, user, password } = site.cache.redis;
  const toRedis = storeOf(
    "redis",
    redis,
    {
      // There is no key for the port.
      server: `${host}:${port}`,
      prefix: `${ownPrefix(site)}_cache_`,
      ...(password !== undefined && { password: user === undefined ? secret("cache") : [user, secret("cache")] }),
      // Without a file of authorities the certificate would not be looked at.
      ...(tls && { encryption: true, cafile: places.anyAuthority }),
      serializer: 1,
      compressor: 0,
    },
    false,
  );
  return hasLocalTier ? { local: onDisk, redis: toRedis } : { redis: toRedis };
}

function storeOf(name: string, store: Store, configuration: PhpValue, isDefault: boolean): PhpValue {
  return {
    name,
    ...store,
    configuration,
    mappingsonly: false,
    class: `cachestore_${store.plugin}`,
    default: isDefault,
    lock: "cachelock_file_default",
  };
}
