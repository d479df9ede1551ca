/**
 * Deletes expired items, as late as AWS does: an item stays readable after its time until a sweep finds it
 * (Developer Guide, "Using time to live": typically within a few days).
 */
import type { Clock } from "../../clock.ts";
import { settledTimeToLive } from "./table-settings.ts";
import type { TableRecord, Tables } from "./tables.ts";

/** Short for "a few days", so that a day's run sees items go; long enough that nobody can rely on it. */
const SWEEP_PERIOD = 60 * 60_000;
/** What expired longer ago than five years is taken for a mistake, and kept. */
const OLDEST_EXPIRY = 5 * 365 * 24 * 60 * 60;

export function sweepExpiredItems(tables: Tables, clock: Clock): void {
  clock.every(SWEEP_PERIOD, () => {
    for (const record of tables.records.values()) {
      if (settledTimeToLive(record, clock) === "ENABLED") sweep(record, Math.floor(clock.now() / 1000));
    }
  });
}

function sweep({ table, timeToLive }: TableRecord, now: number): void {
  if (timeToLive === undefined) return;
  const expired = [...table.items.segment(0, 1)].filter(({ item }) => {
    const expiry = item[timeToLive.attribute]?.N;
    return expiry !== undefined && Number(expiry) < now && Number(expiry) > now - OLDEST_EXPIRY;
  });
  for (const { id } of expired) table.replace(id, undefined);
}
