/** A password that nobody chose, and the secret from which the nodes of one site read it. */
import { namedOf, titled } from "./named.ts";
import type { Site } from "./stage.ts";

/** Where a site's configuration finds a password. */
export interface SecretReference {
  readonly secret: $util.Input<string>;
  readonly key: string;
}

export function secret(site: Site, title: string, name: string) {
  // Letters and digits only: ElastiCache and RDS each refuse other signs, and a shell none of these.
  const password = new random.RandomPassword(titled(site, `${title}Password`), { length: 32, special: false }).result;
  const kept = new aws.secretsmanager.Secret(titled(site, `${title}Secret`), {
    name: namedOf(site, name),
    // A secret that can still be recovered keeps its name from the next stage of this name.
    recoveryWindowInDays: $app.protect ? 30 : 0,
  });
  new aws.secretsmanager.SecretVersion(titled(site, `${title}SecretVersion`), {
    secretId: kept.id,
    secretString: $jsonStringify({ password }),
  });
  return { password, reference: { secret: kept.arn, key: "password" } };
}
