/**
 * What PHP must be on a node of this site, for the node to judge itself by. `igbinary` and `zstd` are never among it: the
 * cache configuration asks for neither (`muc.ts`).
 */
import { releases } from "../site/releases.ts";
import type { SiteConfiguration } from "../site/schema.ts";

export interface PhpNeeds {
  readonly php: { readonly least: string; readonly highest: string };
  /** In PHP-FPM and in the command line alike. */
  readonly extensions: readonly string[];
  /** Cron ends its task at a signal, which PHP-FPM's workers never get. */
  readonly commandLine: readonly string[];
  /** Versions that an extension must be newer than. */
  readonly newerThan: Readonly<Record<string, string>>;
  readonly inputs: number;
}

/** Moodle refuses to install with fewer (`environment.xml`). */
export const inputs = 5000;

export function phpNeeds({ release, database, sessions, cache }: SiteConfiguration): PhpNeeds {
  const { php, extensions } = releases[release];
  const driver = database.kind === "postgresql" ? "pgsql" : "mysqli";
  const redis = "redis" in sessions || "redis" in cache;
  return {
    php,
    extensions: [...extensions, driver, ...(redis ? ["redis"] : []), ...("memcached" in sessions ? ["memcached"] : [])],
    commandLine: ["pcntl"],
    // Strictly: Moodle's session handler takes no 5.1.0, and its installer does not look.
    newerThan: redis ? { redis: "5.1.0" } : {},
    inputs,
  };
}
