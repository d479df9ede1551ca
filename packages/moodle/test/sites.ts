/** Site configurations for tests: a whole one, and what of it is to be another. */

import { problemInWords } from "@warden/yaml";
import { readSiteConfiguration, type SiteConfiguration } from "../src/site/index.ts";

export const usual = {
  site: "school",
  address: "https://moodle.school.example",
  timeZone: "Europe/Vienna",
  release: "5.1",
  nodes: { min: 2, max: 6 },
  php: { version: "8.3", children: 20 },
  database: {
    kind: "mariadb",
    version: "10.11",
    host: "db.school.example",
    name: "moodle",
    user: "moodle",
    password: { secret: "school/database", key: "password" },
    connections: 500,
  },
  sessions: { redis: { host: "sessions.school.example", password: { secret: "school/sessions" } } },
  cache: { redis: { host: "cache.school.example", user: "moodle", password: { secret: "school/cache" } } },
  files: { efs: "fs-0123456789abcdef0" },
} as const;

type Changes = Readonly<Record<string, unknown>>;

/** As text (JSON is YAML), with parts replaced; `undefined` takes a part out. */
export const written = (changes: Changes = {}): string => JSON.stringify({ ...usual, ...changes });

export function siteWith(changes: Changes = {}): SiteConfiguration {
  const read = readSiteConfiguration(written(changes));
  if (!read.ok) throw new Error(read.problems.map(problemInWords).join("\n"));
  return read.value;
}
