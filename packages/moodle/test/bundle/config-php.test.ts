import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { configPhp } from "../../src/bundle/config-php.ts";
import { cacheConfiguration } from "../../src/bundle/muc.ts";
import { places } from "../../src/bundle/places.ts";
import { readSiteConfiguration, releaseNames, type SiteConfiguration } from "../../src/site/index.ts";
import { type RealPhp, realPhp } from "../php.ts";
import { siteWith, usual, written } from "../sites.ts";

let php: RealPhp;
beforeAll(async () => {
  php = await realPhp();
  php.write(places.secrets, "<?php return ['database' => 'd\\'b', 'sessions' => 'ses', 'cache' => 'cac'];");
  php.write("/moodle/lib/setup.php", "<?php");
});

/** `$CFG` as PHP has it after `config.php`. */
async function settingsOf(site: SiteConfiguration): Promise<Record<string, unknown>> {
  php.write("/moodle/config.php", configPhp(site));
  const seen = await php.evaluate("require '/moodle/config.php'; echo json_encode([$CFG, isset($wardensecrets)]);");
  if (!Array.isArray(seen) || seen[1] !== false) throw new Error("the secrets are left in a global variable");
  return seen[0];
}

async function cachesOf(site: SiteConfiguration): Promise<Record<string, unknown>> {
  php.write("/moodle/muc.php", cacheConfiguration(site));
  const code =
    "define('MOODLE_INTERNAL', true); require '/moodle/muc.php'; echo json_encode([$configuration, isset($wardensecrets)]);";
  const seen = await php.evaluate(code);
  if (!Array.isArray(seen) || seen[1] !== false) throw new Error("the secrets are left in a global variable");
  return seen[0];
}

describe.each(releaseNames)("config.php for Moodle %s", (release) => {
  const site = (changes = {}) => siteWith({ release, ...changes });

  it("means in real PHP what the site configuration says", async () => {
    expect(await settingsOf(site())).toMatchObject({
      dbtype: "mariadb",
      dbhost: "db.school.example",
      dbpass: "d'b",
      dboptions: { ssl: "verify-full", dbpersist: false, dbcollation: "utf8mb4_unicode_ci" },
      wwwroot: "https://moodle.school.example",
      sslproxy: true,
      getremoteaddrconf: 1,
      dataroot: "/srv/moodledata",
      directorypermissions: 0o2770,
      localcachedir: "/var/cache/moodle/localcache",
      session_handler_class: "\\core\\session\\redis",
      session_redis_host: "sessions.school.example",
      session_redis_port: 6379,
      session_redis_auth: "ses",
      session_redis_encrypt: {
        ...{ cafile: "/etc/warden/authorities/any.pem", capath: "/etc/warden/authorities" },
        ...{ verify_peer: true, verify_peer_name: true },
      },
      session_redis_lock_expire: 120,
      cronclionly: 1,
    });
  });

  it("passes php -l", async () => {
    php.write("/moodle/config.php", configPhp(site()));
    php.write("/moodle/muc.php", cacheConfiguration(site()));
    expect(await php.lint("/moodle/config.php")).toBeUndefined();
    expect(await php.lint("/moodle/muc.php")).toBeUndefined();
  });

  it("brings 2,000 hostile values of settings through unchanged", async () => {
    const nasty = fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        "\\",
        "\\'",
        "$CFG",
        "\x24{x}",
        "?>",
        "<?php ",
        "\n",
        "\r",
        "\0",
        "\u{1F4A5}",
        "'; die; //",
      ),
      fc.string({ unit: "grapheme" }),
    );
    const value = fc.array(nasty, { minLength: 1, maxLength: 5 }).map((each) => each.join("").toWellFormed());
    const values = fc.sample(value, { numRuns: 2_000, seed: 20_261_122 });
    for (let from = 0; from < values.length; from += 250) {
      const settings = Object.fromEntries(values.slice(from, from + 250).map((each, index) => [`x${index}`, each]));
      const seen = await settingsOf({ ...site(), settings, plugins: { mod_quiz: settings } });
      expect(seen).toMatchObject({ ...settings, forced_plugin_settings: { mod_quiz: settings } });
    }
  });
});

describe("config.php", () => {
  it("has no setting that Moodle does not read, or must not be forced", async () => {
    const names = Object.keys(await settingsOf(siteWith()));
    expect(names).not.toContain("session_redis_lock_retry");
    expect(names).not.toContain("session_redis_maxretries");
    for (const forbidden of ["reverseproxy", "cron_enabled", "siteidentifier", "dirroot"])
      expect(names).not.toContain(forbidden);
  });

  it("gives user and password of an access control list as a pair", async () => {
    const sessions = { redis: { ...usual.sessions.redis, user: "moodle" } };
    expect(await settingsOf(siteWith({ sessions }))).toMatchObject({ session_redis_auth: ["moodle", "ses"] });
  });

  it("looks at no certificate where there is no TLS", async () => {
    const sessions = { redis: { host: "localhost", tls: false } };
    const seen = await settingsOf(siteWith({ sessions }));
    expect(seen).not.toHaveProperty("session_redis_encrypt");
    expect(seen).not.toHaveProperty("session_redis_auth");
  });

  it.each([
    ["aurora-mysql", "8.0", "auroramysql"],
    ["mysql", "8.4", "mysqli"],
    ["mariadb", "10.11", "mariadb"],
    ["postgresql", "16", "pgsql"],
  ])("calls %s %s %s", async (kind, version, dbtype) => {
    const database = { ...usual.database, kind, version };
    expect(await settingsOf(siteWith({ database }))).toMatchObject({ dbtype });
  });

  it("reads from replicas, and keeps reading what it wrote", async () => {
    const database = { ...usual.database, replicas: ["r1.example", "r2.example"], tls: "off" };
    const { dboptions } = await settingsOf(siteWith({ database }));
    expect(dboptions).toMatchObject({ readonly: { instance: ["r1.example", "r2.example"], latency: 1 } });
    expect(dboptions).not.toHaveProperty("ssl");
  });

  it("takes CloudFront's networks out of the client's address", async () => {
    const loadBalancer = { cloudFront: { networks: ["130.176.0.0/17", "2600:9000::/28"] } };
    expect(await settingsOf(siteWith({ loadBalancer }))).toMatchObject({
      reverseproxyignore: "130.176.0.0/17,2600:9000::/28",
    });
    expect(await settingsOf(siteWith())).not.toHaveProperty("reverseproxyignore");
  });

  it("may keep sessions in memcached or in the database", async () => {
    expect(await settingsOf(siteWith({ sessions: { memcached: { host: "m.example" } } }))).toMatchObject({
      session_handler_class: "\\core\\session\\memcached",
      session_memcached_save_path: "m.example:11211",
      session_memcached_prefix: "school_sessions_",
    });
    expect(await settingsOf(siteWith({ sessions: { database: {} } }))).toMatchObject({
      session_handler_class: "\\core\\session\\database",
    });
  });

  it("of a site that is not production sends nothing, says so, and shares no key", async () => {
    const copy = await settingsOf(siteWith({ production: false }));
    expect(copy).toMatchObject({ noemailever: true, messaging: 0, session_redis_prefix: "school_copy_sessions_" });
    expect(copy["additionalhtmltopofbody"]).toContain("not the production site");
    const real = await settingsOf(siteWith());
    for (const name of ["noemailever", "messaging", "additionalhtmltopofbody"]) expect(real).not.toHaveProperty(name);
    expect(real).toMatchObject({ session_redis_prefix: "school_sessions_" });
  });

  it("of a copy shows its own banner, whatever the original had there", async () => {
    const settings = { additionalhtmltopofbody: "<p>Welcome</p>" };
    const original = await settingsOf(siteWith({ settings }));
    expect(original["additionalhtmltopofbody"]).toBe("<p>Welcome</p>");
    const copy = await settingsOf(siteWith({ settings, production: false }));
    expect(copy["additionalhtmltopofbody"]).toContain("not the production site");
  });

  it("lets no setting of the operator's take the place of one of its own", async () => {
    const copy = { production: false, loadBalancer: { cloudFront: { networks: ["130.176.0.0/17"] } } };
    const own = Object.keys(await settingsOf(siteWith(copy))).filter((name) => name !== "additionalhtmltopofbody");
    const taken = own.filter((name) => readSiteConfiguration(written({ settings: { [name]: "x" } })).ok);
    expect(taken).toEqual([]);
  });

  it("allows what was allowed by name, and nothing else", async () => {
    const allow = [{ what: "mail", by: "ops", why: "the rehearsal sends invitations" }];
    const seen = await settingsOf(siteWith({ production: false, allow }));
    expect(seen).not.toHaveProperty("noemailever");
    expect(seen).toMatchObject({ messaging: 0 });
  });
});

describe("the cache configuration", () => {
  it("has exactly Moodle's keys, with a site identifier that is the site's own", async () => {
    const seen = await cachesOf(siteWith());
    expect(Object.keys(seen).sort()).toEqual(
      ["definitionmappings", "definitions", "locks", "modemappings", "siteidentifier", "stores"].sort(),
    );
    const identifierOf = async (site: SiteConfiguration): Promise<unknown> => (await cachesOf(site))["siteidentifier"];
    expect(seen["siteidentifier"]).toMatch(/^[0-9a-f]{32}$/);
    expect(await identifierOf(siteWith())).toBe(seen["siteidentifier"]);
    for (const other of [{ site: "other" }, { production: false }])
      expect(await identifierOf(siteWith(other))).not.toBe(seen["siteidentifier"]);
  });

  it("keeps the application cache in Redis, over TLS that is looked at", async () => {
    const seen = await cachesOf(siteWith());
    expect(seen["modemappings"]).toContainEqual({ mode: 1, store: "redis", sort: -1 });
    expect(seen["stores"]).toMatchObject({
      redis: {
        plugin: "redis",
        features: 26,
        modes: 3,
        configuration: {
          server: "cache.school.example:6379",
          prefix: "school_cache_",
          password: ["moodle", "cac"],
          encryption: true,
          cafile: "/etc/warden/authorities/any.pem",
        },
      },
    });
  });

  it("maps to a local tier only what may differ from node to node, each with its definition", async () => {
    const seen = await cachesOf(siteWith());
    const mappings = seen["definitionmappings"];
    if (!Array.isArray(mappings)) throw new Error("no mappings");
    const definitions = new Set(mappings.map(({ definition }) => definition));
    expect(definitions).toEqual(new Set(Object.keys(Object(seen["definitions"]))));
    expect(definitions.has("core/config")).toBe(false);
    // APCu has no locks of its own, and coursemodinfo takes some.
    expect(JSON.stringify(seen["stores"])).not.toContain("apcu");
  });

  it("keeps everything on the node's disk where there is one node only", async () => {
    const seen = await cachesOf(siteWith({ cache: { local: {} }, nodes: { min: 1, max: 1 } }));
    expect(seen["modemappings"]).toContainEqual({ mode: 1, store: "local", sort: -1 });
    expect(seen["stores"]).not.toHaveProperty("redis");
    expect(seen["definitionmappings"]).toEqual([]);
  });

  it("is without tiers where the operator says so", async () => {
    const seen = await cachesOf(siteWith({ cache: { redis: { ...usual.cache.redis, localTier: false } } }));
    expect(seen["definitions"]).toEqual([]);
    expect(seen["stores"]).not.toHaveProperty("local");
  });
});
