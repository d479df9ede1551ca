/** `warden ledger`: what Warden decided about a site, and from what, as lines of JSON for `simulate --from-ledger`. */
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { targetOf } from "../target.ts";

export interface LedgerFlags extends PlaceFlags {
  /** Milliseconds. */
  readonly since: number;
}

export async function ledger(context: WardenContext, flags: LedgerFlags): Promise<Status> {
  const { ledgerOf, writeLedger } = await import("@warden/worlds/ledger");
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const from = context.now() - flags.since;
  const entries = (await ledgerOf(site, reach.deps.ports.store)).filter(({ at }) => at >= from);
  context.out.write(writeLedger(site, entries));
  return status.done;
}
