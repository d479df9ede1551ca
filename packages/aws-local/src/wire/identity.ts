/** Who calls: temporary credentials for roles, as STS, the instance metadata service and Lambda hand them out. */
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { Principal } from "../service.ts";

/** Tells the caller from its access key. Throws `AwsError` `InvalidClientTokenId` or `ExpiredToken`. */
export type Identify = (accessKeyId: string, sessionToken: string | undefined) => Principal;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Sessions {
  readonly identify: Identify;
  /** Credentials for a role, good for `lifetime` milliseconds of the region's clock; without one for ever. */
  issue(principal: Principal, lifetime?: number): Credentials & { readonly expiration: Date | undefined };
}

/** The user of the account: may do anything. AWS's documentation uses this key as its example. */
export const userCredentials: Credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** Long-lived keys (and whatever the AWS CLI is configured with) belong to the account's user; temporary ones to a role. */
export function createSessions(clock: Clock, random: Random): Sessions {
  const sessions = new Map<string, { principal: Principal; token: string; expiresAt: number }>();

  function identify(accessKeyId: string, sessionToken: string | undefined): Principal {
    const session = sessions.get(accessKeyId);
    if (session === undefined && !accessKeyId.startsWith("ASIA")) return { kind: "user" };
    if (session === undefined || session.token !== sessionToken) throw new AwsError("InvalidClientTokenId", "", 403);
    if (clock.now() >= session.expiresAt) throw new AwsError("ExpiredToken", "", 403);
    return session.principal;
  }

  function issue(principal: Principal, lifetime = Number.POSITIVE_INFINITY) {
    const accessKeyId = `ASIA${random.hex(16).toUpperCase()}`;
    const token = random.hex(64);
    const expiresAt = clock.now() + lifetime;
    sessions.set(accessKeyId, { principal, token, expiresAt });
    const expiration = Number.isFinite(expiresAt) ? new Date(expiresAt) : undefined;
    return { accessKeyId, secretAccessKey: random.hex(40), sessionToken: token, expiration };
  }

  return { identify, issue };
}
