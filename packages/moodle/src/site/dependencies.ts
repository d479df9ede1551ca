/**
 * What of AWS a site cannot do without, by the names that AWS's events use. They stand in the host names that the
 * operator gave: who reaches a database or a cache under a name of their own is not told of what happens to it.
 */
import { secretsOf } from "../bundle/secrets.ts";
import type { SiteConfiguration } from "./schema.ts";

export interface Dependency {
  readonly part: "database" | "sessions" | "cache" | "secrets";
  readonly service: "elasticache" | "rds" | "secretsmanager";
  /** Of a replication group, a DB instance or cluster, a secret (its name or its ARN). */
  readonly name: string;
}

export function dependenciesOf(configuration: SiteConfiguration): readonly Dependency[] {
  const { database, sessions, cache, administrator } = configuration;
  const references = [...Object.values(secretsOf(configuration)), ...(administrator ? [administrator.password] : [])];
  const secrets = new Set(references.map(({ secret }) => secret));
  return [
    ...[database.host, ...database.replicas].flatMap((host) => named("database", "rds", databaseIn(host))),
    ...("redis" in sessions ? named("sessions", "elasticache", cacheIn(sessions.redis.host)) : []),
    ...("redis" in cache ? named("cache", "elasticache", cacheIn(cache.redis.host)) : []),
    ...[...secrets].flatMap((name) => named("secrets", "secretsmanager", name)),
  ];
}

const named = (part: Dependency["part"], service: Dependency["service"], name: string | undefined): Dependency[] =>
  name === undefined ? [] : [{ part, service, name }];

/** `school.c9ab.eu-west-1.rds.amazonaws.com`; of an Aurora cluster `school.cluster-c9ab.…` (RDS and Aurora guides). */
const databaseIn = (host: string): string | undefined =>
  /^([a-z][a-z0-9-]*)\.[a-z0-9-]+\.[a-z0-9-]+\.rds\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];

/**
 * With TLS `master.school-cache.c9ab.euw1.cache.amazonaws.com`, without `school-cache.c9ab.ng.0001.euw1.…` (ElastiCache
 * guide, "Finding connection endpoints").
 */
const cacheIn = (host: string): string | undefined =>
  /^(?:master\.)?([a-z][a-z0-9-]*)\.[a-z0-9]+\.(?:ng\.\d{4}\.)?[a-z0-9]+\.cache\.amazonaws\.com(?:\.cn)?$/.exec(
    host,
  )?.[1];
