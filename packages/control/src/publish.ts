/** Publishing is a courtesy to listeners: what fails here stays in the outbox for the sweep. */
import { chunks } from "./act.ts";
import type { Deps } from "./deps.ts";
import type { LedgerEntry } from "./ledger.ts";

export async function publish(entries: readonly LedgerEntry[], deps: Deps): Promise<void> {
  try {
    for (const part of chunks(entries, 10)) await deps.ports.bus.publish(part);
    await deps.ports.store.published(entries);
  } catch (error) {
    deps.log.warn("could not publish; the sweep will", { error });
  }
}
