/** A site's freezes and peaks, and what is held for them. */
import type { Freeze, HeldScaling, SiteName } from "@warden/fleet";
import type { LedgerEntry } from "./ledger.ts";

export interface Calendar {
  /** Those to come and in force; those that are over go when all is given back. */
  readonly freezes: readonly Freeze[];
  /** What is held for them, by group. */
  readonly held: Readonly<Record<string, HeldScaling>>;
}

export interface StoredCalendar {
  readonly calendar: Calendar;
  /** For the version check of the next write; 0 when the site never had one. */
  readonly version: number;
}

export interface CalendarChange extends StoredCalendar {
  readonly site: SiteName;
  readonly ledger: readonly LedgerEntry[];
}
