/** A password that nobody chose, and the secret from which nodes read it. */
import { named } from "./named.ts";

export type Secret = ReturnType<typeof secret>;

/** @param name of the secret, after the stage */
export function secret(title: string, name: string) {
  // Letters and digits only: ElastiCache and RDS each refuse other signs, and a shell none of these.
  const password = new random.RandomPassword(`${title}Password`, { length: 32, special: false }).result;
  const kept = new aws.secretsmanager.Secret(`${title}Secret`, {
    name: named(name),
    // A secret that can still be recovered keeps its name from the next stage of this name.
    recoveryWindowInDays: $app.protect ? 30 : 0,
  });
  new aws.secretsmanager.SecretVersion(`${title}SecretVersion`, {
    secretId: kept.id,
    secretString: $jsonStringify({ password }),
  });
  return { password, arn: kept.arn, reference: { secret: kept.arn, key: "password" } };
}
