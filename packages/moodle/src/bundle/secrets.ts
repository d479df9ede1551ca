/**
 * Secrets are named in the bundle and resolved on the node, by its own role, into one PHP file that returns them by
 * name. So no bundle, parameter or log holds one, and a rotation does not change the bundle's digest.
 */
import type { SecretReference, SiteConfiguration } from "../site/schema.ts";
import { PhpExpression } from "./php.ts";
import { places } from "./places.ts";

export const secretNames = ["database", "sessions", "cache"] as const;
export type SecretName = (typeof secretNames)[number];

/** What the node has to resolve. */
export function secretsOf({
  database,
  sessions,
  cache,
}: SiteConfiguration): Partial<Record<SecretName, SecretReference>> {
  const ofSessions = "redis" in sessions ? sessions.redis.password : undefined;
  const ofCache = "redis" in cache ? cache.redis.password : undefined;
  return {
    database: database.password,
    ...(ofSessions !== undefined && { sessions: ofSessions }),
    ...(ofCache !== undefined && { cache: ofCache }),
  };
}

/** Opens a PHP file that uses secrets; `forgetSecrets` closes it, so that no global variable keeps them. */
export const requireSecrets = `$wardensecrets = require '${places.secrets}';`;
/** The same for whoever tries a secret before it is written: what is there already is used (`node/lib/secrets.php`). */
export const requireSecretsUnlessGiven = `$wardensecrets ??= require '${places.secrets}';`;
export const forgetSecrets = "unset($wardensecrets);";

export const secret = (name: SecretName): PhpExpression => new PhpExpression(`$wardensecrets['${name}']`);
