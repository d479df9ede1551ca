/**
 * Moodle's `config.php` for one of many equal nodes. Setting names are those that the code reads, which is not always
 * what `config-dist.php` prints: it names `session_redis_lock_retry`, which nothing reads.
 */
import type { DatabaseKind } from "../site/releases.ts";
import type { SiteConfiguration } from "../site/schema.ts";
import { PhpExpression, type PhpValue, phpLiteral } from "./php.ts";
import { places } from "./places.ts";
import { forgetSecrets, requireSecrets, secret } from "./secrets.ts";

type Settings = Readonly<Record<string, PhpValue>>;

export function configPhp(site: SiteConfiguration): string {
  const settings: Settings = {
    ...databaseSettings(site),
    ...addressSettings(site),
    ...fileSettings(site),
    ...sessionSettings(site),
    ...fleetSettings,
    ...site.settings,
    ...(Object.keys(site.plugins).length > 0 && { forced_plugin_settings: site.plugins }),
    // Last: what a copy took over from its original must not hide that it is one.
    ...safety(site),
  };
  return [
    "<?php",
    "// Written by Warden. A change made here is found and taken back: change the site configuration.",
    "unset($CFG);",
    "global $CFG;",
    "$CFG = new stdClass();",
    requireSecrets,
    "",
    ...Object.entries(settings).map(([name, value]) => `$CFG->${name} = ${phpLiteral(value)};`),
    "",
    forgetSecrets,
    "require_once __DIR__ . '/lib/setup.php';",
    "",
  ].join("\n");
}

const databaseTypes: Readonly<Record<DatabaseKind, string>> = {
  // A type of its own: Aurora reports a version that Moodle 5 refuses from `mysqli`.
  "aurora-mysql": "auroramysql",
  mysql: "mysqli",
  mariadb: "mariadb",
  postgresql: "pgsql",
};

function databaseSettings({ database }: SiteConfiguration): Settings {
  const { kind, host, port, name, user, prefix, tls, replicas } = database;
  const speaksMysql = kind !== "postgresql";
  return {
    dbtype: databaseTypes[kind],
    dblibrary: "native",
    dbhost: host,
    dbname: name,
    dbuser: user,
    dbpass: secret("database"),
    prefix,
    dboptions: {
      // A persistent connection would keep GET_LOCK's locks after the request that took them.
      dbpersist: false,
      dbport: port ?? "",
      connecttimeout: databaseTimeout,
      ...(speaksMysql && { dbcollation: "utf8mb4_unicode_ci" }),
      // The certificate's authority must be in the system's store: Moodle has no setting for it.
      ...(tls !== "off" && { ssl: tls }),
      ...(replicas.length > 0 && { readonly: { instance: replicas, latency: 1 } }),
    },
  };
}

/** Seconds. A database that fails over must not hold every worker for a minute. */
const databaseTimeout = 5;

function addressSettings({ address, timeZone, loadBalancer }: SiteConfiguration): Settings {
  return {
    wwwroot: address,
    timezone: timeZone,
    // TLS ends at the load balancer, which keeps the Host header: with `reverseproxy` Moodle would refuse it.
    sslproxy: true,
    // Ignore Client-IP, which anybody can send and Moodle would read first; believe X-Forwarded-For.
    getremoteaddrconf: 1,
    ...(loadBalancer.cloudFront !== undefined && { reverseproxyignore: loadBalancer.cloudFront.networks.join(",") }),
  };
}

function fileSettings({ files }: SiteConfiguration): Settings {
  return {
    dataroot: files.directory,
    directorypermissions: new PhpExpression("02770"),
    localcachedir: places.localCache,
    altcacheconfigpath: places.cacheConfiguration,
    xsendfile: "X-Accel-Redirect",
    // Where nginx has an internal location of the same name; files elsewhere are sent by PHP.
    xsendfilealiases: { "/dataroot/": files.directory, "/localcachedir/": places.localCache },
  };
}

function sessionSettings(site: SiteConfiguration): Settings {
  const { sessions } = site;
  const seconds = lockExpires(site);
  if ("database" in sessions) {
    return { session_handler_class: "\\core\\session\\database", session_database_acquire_lock_timeout: seconds };
  }
  if ("memcached" in sessions) {
    return {
      session_handler_class: "\\core\\session\\memcached",
      session_memcached_save_path: `${sessions.memcached.host}:${sessions.memcached.port}`,
      session_memcached_prefix: sessionPrefix(site),
      session_memcached_acquire_lock_timeout: seconds,
      session_memcached_lock_expire: seconds,
    };
  }
  const { host, port, tls, user, password } = sessions.redis;
  return {
    session_handler_class: "\\core\\session\\redis",
    session_redis_host: host,
    session_redis_port: port,
    // An array of the stream's options, never `true`.
    ...(tls && {
      session_redis_encrypt: {
        ...{ cafile: places.anyAuthority, capath: places.authorities },
        ...{ verify_peer: true, verify_peer_name: true },
      },
    }),
    ...(password !== undefined && {
      session_redis_auth: user === undefined ? secret("sessions") : [user, secret("sessions")],
    }),
    session_redis_prefix: sessionPrefix(site),
    session_redis_acquire_lock_timeout: seconds,
    session_redis_lock_expire: seconds,
  };
}

/** Seconds. No request lives longer, so none can still need the lock of one that died. */
export const lockExpires = ({ php }: SiteConfiguration): number => Math.ceil(php.longestRequest / 1000);

/** A copy of a site must not share keys with it, even where it was pointed at the same server. */
export const ownPrefix = ({ site, production }: SiteConfiguration): string => (production ? site : `${site}_copy`);
export const sessionPrefix = (site: SiteConfiguration): string => `${ownPrefix(site)}_sessions_`;

/** What one node's web page would install or remove, the others would not have. */
const fleetSettings: Settings = {
  disableupdateautodeploy: true,
  uninstallclionly: true,
  preventexecpath: true,
  cronclionly: 1,
};

/** A site that is not production sends nothing and says what it is, until its configuration allows more. */
function safety({ production, allow }: SiteConfiguration): Settings {
  if (production) return {};
  const allowed = new Set(allow.map(({ what }) => what));
  return {
    ...(!allowed.has("mail") && { noemailever: true }),
    ...(!allowed.has("messages") && { messaging: 0 }),
    additionalhtmltopofbody: banner,
  };
}

const banner =
  '<div role="status" style="padding:.5em;text-align:center;background:#b00020;color:#fff">' +
  "This is not the production site. What is done here may be lost.</div>";
