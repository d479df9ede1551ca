/**
 * What each Moodle release needs and can do, as far as a node's configuration depends on it. From the releases' own
 * `environment.xml`, release notes and source, read in October 2026; `booted` says whether Warden's tests have started
 * that release with the files that Warden writes.
 */

export const releaseNames = ["4.5", "5.0", "5.1", "5.2", "5.3"] as const;
export type ReleaseName = (typeof releaseNames)[number];

export const databaseKinds = ["aurora-mysql", "mysql", "mariadb", "postgresql"] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

export interface ReleaseFacts {
  readonly php: { readonly least: string; readonly highest: string };
  /** Of PHP, by the names that PHP itself has for them. */
  readonly extensions: readonly string[];
  /** The oldest version of each that the release accepts. */
  readonly databases: Readonly<Record<DatabaseKind, string>>;
  /** What the web server serves, below the root of the code: `public` since 5.1 (MDL-83424). */
  readonly documentRoot: "" | "public";
  readonly booted: boolean;
}

/** Required by each of these releases; that of the database, Redis and others depend on the site (`php-needs.ts`). */
const extensions = [
  ...["ctype", "curl", "dom", "fileinfo", "filter", "gd", "hash", "iconv", "intl", "json", "mbstring", "openssl"],
  ...["pcre", "SimpleXML", "sodium", "SPL", "xml", "xmlreader", "zip", "zlib"],
] as const;

export const releases: Readonly<Record<ReleaseName, ReleaseFacts>> = {
  "4.5": {
    php: { least: "8.1", highest: "8.3" },
    extensions,
    databases: { "aurora-mysql": "8.0", mysql: "8.0", mariadb: "10.6.7", postgresql: "13" },
    documentRoot: "",
    booted: true,
  },
  "5.0": {
    php: { least: "8.2", highest: "8.4" },
    extensions,
    databases: { "aurora-mysql": "8.0", mysql: "8.4", mariadb: "10.11", postgresql: "14" },
    documentRoot: "",
    booted: false,
  },
  "5.1": {
    php: { least: "8.2", highest: "8.4" },
    extensions,
    // Its environment.xml says MariaDB 10.4, its release notes 10.11: the notes are safe either way.
    databases: { "aurora-mysql": "8.0", mysql: "8.4", mariadb: "10.11", postgresql: "15" },
    documentRoot: "public",
    booted: true,
  },
  "5.2": {
    php: { least: "8.3", highest: "8.4" },
    extensions,
    databases: { "aurora-mysql": "8.0", mysql: "8.4", mariadb: "10.11", postgresql: "16" },
    documentRoot: "public",
    booted: false,
  },
  "5.3": {
    php: { least: "8.3", highest: "8.4" },
    extensions,
    databases: { "aurora-mysql": "8.0", mysql: "8.4", mariadb: "10.11", postgresql: "16" },
    documentRoot: "public",
    booted: false,
  },
};

/** Compares `10.6.7` with `10.11` number by number. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, need] = [version, least].map((each) => each.split(".").map(Number));
  for (const [index, number] of (need ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
