/** What `ready.php` asks, and where. It knows no Moodle, so it is told here. */
import type { SiteConfiguration } from "../site/schema.ts";
import { type PhpValue, phpLiteral } from "./php.ts";
import { places } from "./places.ts";
import { forgetSecrets, requireSecretsUnlessGiven, secret } from "./secrets.ts";

export function readinessSettings(site: SiteConfiguration): string {
  const { sessions, cache, files } = site;
  const settings: PhpValue = {
    library: places.library,
    draining: places.draining,
    verified: places.verified,
    installed: places.installed,
    files: files.directory,
    mounts: "/proc/self/mounts",
    disk: places.localCache,
    /** A share of the disk. */
    leastfree: 0.05,
    workers: workersStatus,
    database: database(site),
    sessions: "redis" in sessions ? redis(sessions.redis, "sessions") : null,
    cache: "redis" in cache ? redis(cache.redis, "cache") : null,
  };
  return `<?php\n// Written by Warden.\n${requireSecretsUnlessGiven}\n$settings = ${phpLiteral(settings)};\n${forgetSecrets}\nreturn $settings;\n`;
}

/** FPM's own, through nginx, which answers this machine alone. */
export const workersStatus = "http://127.0.0.1/warden/workers?json";

export function database({ database }: SiteConfiguration): PhpValue {
  const { kind, host, name, user, tls } = database;
  const password = secret("database");
  if (kind !== "postgresql") {
    return { kind, mysql: [host, user, password, name, database.port ?? 3306, tls !== "off"] };
  }
  const port = String(database.port ?? 5432);
  const sslmode = tls === "off" ? "prefer" : tls;
  return { kind, postgresql: { host, port, dbname: name, user, password, sslmode, connect_timeout: "1" } };
}

interface Server {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user?: string | undefined;
  readonly password?: object | undefined;
}

export function redis(server: Server, name: "sessions" | "cache"): PhpValue {
  const { host, port, tls, user, password } = server;
  const auth = user === undefined ? secret(name) : [user, secret(name)];
  return { host, port, tls: tls ? places.anyAuthority : null, auth: password === undefined ? null : auth };
}
