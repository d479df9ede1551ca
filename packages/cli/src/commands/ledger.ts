/** `warden ledger`: what Warden decided about a site, and from what, as lines of JSON for `simulate --from-ledger`. */
import type { LedgerEntry, Site } from "@warden/control";
import { nodeKey } from "@warden/fleet";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { targetOf } from "../target.ts";

export interface LedgerFlags extends PlaceFlags {
  /** Milliseconds. */
  readonly since: number;
}

/** More than a node decides in a day of trouble. */
const mostEntries = 5000;

export async function ledger(context: WardenContext, flags: LedgerFlags): Promise<Status> {
  const { writeLedger } = await import("@warden/worlds/ledger");
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const from = context.now() - flags.since;
  const entries = (await entriesOf(site, reach)).filter(({ at }) => at >= from);
  context.out.write(writeLedger(site, entries));
  return status.done;
}

/** Of every node that is remembered: a record is kept for a week after its node is gone. */
async function entriesOf({ site, groups }: Site, { deps }: Reach): Promise<readonly LedgerEntry[]> {
  const { store } = deps.ports;
  const nodes = await Promise.all(groups.map((group) => store.nodesOf(site, group)));
  const rows = await Promise.all(nodes.flat().map(({ record }) => store.ledger(nodeKey(record), mostEntries)));
  return rows.flat();
}
