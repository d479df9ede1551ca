/** The tokens that a replication group takes (User Guide, "Authenticating with the Valkey and Redis OSS AUTH command"). */
import { invalidCombination, invalidValue, notModelled } from "./errors.ts";

export interface AuthTokens {
  /** One or, after ROTATE, two, the older one first; undefined lets a client in that brings none. */
  readonly accepted: readonly (string | undefined)[];
  readonly changedAt: number | undefined;
}

export const withoutToken: AuthTokens = { accepted: [undefined], changedAt: undefined };

/** What a strategy of ModifyReplicationGroup makes of them; the token's own text never stands in a message. */
export function updated(auth: AuthTokens, token: string, strategy: string, now: number): AuthTokens {
  if (strategy === "DELETE") throw notModelled("DELETE, which is for groups that go over to user groups,");
  requireSound(token);
  if (strategy === "SET") requireAfterRotate(auth, token);
  return { accepted: strategy === "SET" ? [token] : [auth.accepted.at(-1), token], changedAt: now };
}

/** SET is only for the token that ROTATE brought. */
function requireAfterRotate({ accepted }: AuthTokens, token: string): void {
  if (accepted.length < 2) throw invalidCombination("The SET strategy is allowed only after the ROTATE strategy.");
  if (token !== accepted.at(-1)) throw invalidValue("With the SET strategy AuthToken must be the last AUTH token.");
}

export function requireSound(token: string): void {
  if (!/^[A-Za-z0-9!&#$^<>-]{16,128}$/.test(token)) {
    throw invalidValue(
      "Invalid AuthToken provided: it must be 16 to 128 letters, digits or characters of !, &, #, $, ^, <, >, and -.",
    );
  }
}
