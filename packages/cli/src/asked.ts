/** Who asks for a change, and why: written into orders and switches. */
import type { Surroundings } from "./context.ts";
import type { ChangeFlags } from "./flags.ts";

export interface Asked {
  readonly by: string;
  readonly reason: string;
}

export const askedOf = (flags: ChangeFlags, surroundings: Pick<Surroundings, "user">): Asked => ({
  by: flags.by ?? surroundings.user(),
  reason: flags.reason ?? "no reason given",
});
