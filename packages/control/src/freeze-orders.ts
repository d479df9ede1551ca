/** What a person asks of a site's calendar: to freeze it for a time, and to end that. The sweep carries it out. */
import type { Freeze, SiteName } from "@warden/fleet";
import type { Calendar } from "./calendar.ts";
import type { Deps } from "./deps.ts";
import { freezeEntry } from "./freezes.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Asked } from "./orders.ts";

import { publish } from "./publish.ts";

export type FreezeWindow = Pick<Freeze, "from" | "to" | "nodes">;

/** @throws when the calendar is full */
export async function addFreeze(site: SiteName, window: FreezeWindow, asked: Asked, deps: Deps): Promise<Freeze> {
  const freeze: Freeze = { id: deps.id(), ...window, ...asked };
  const why = `${asked.by} freezes the site from ${iso(freeze.from)} to ${iso(freeze.to)}: ${asked.reason}`;
  await change(site, deps, (calendar) => {
    if (calendar.freezes.length >= mostFreezes) throw new Error(`a site can have at most ${mostFreezes} freezes`);
    return {
      calendar: { ...calendar, freezes: [...calendar.freezes, freeze] },
      ledger: freezeEntry({ site }, "planned", why, { freeze }, deps),
    };
  });
  return freeze;
}

/** @returns undefined when there is none of this id */
export async function endFreeze(site: SiteName, id: string, asked: Asked, deps: Deps): Promise<Freeze | undefined> {
  let ended: Freeze | undefined;
  await change(site, deps, (calendar) => {
    ended = calendar.freezes.find((each) => each.id === id);
    if (ended === undefined) return undefined;
    const why = `${asked.by} ends the freeze until ${iso(ended.to)}: ${asked.reason}`;
    return {
      calendar: { ...calendar, freezes: calendar.freezes.filter((each) => each.id !== id) },
      ledger: freezeEntry({ site }, "withdrawn", why, { freeze: ended }, deps),
    };
  });
  return ended;
}

/** They lie in one item of the table, which each pass reads. */
const mostFreezes = 200;

async function change(
  site: SiteName,
  deps: Deps,
  make: (calendar: Calendar) => { readonly calendar: Calendar; readonly ledger: LedgerEntry } | undefined,
): Promise<void> {
  const { store } = deps.ports;
  for (let round = 1; round <= mostRounds; round++) {
    const { calendar, version } = await store.calendar(site);
    const made = make(calendar);
    if (made === undefined) return;
    const ledger = [made.ledger];
    const outcome = await store.commitCalendar({ site, calendar: made.calendar, version, ledger });
    if (outcome === "done") return publish(ledger, deps);
  }
  throw new Error(`lost the race for the calendar of ${site} ${mostRounds} times`);
}

const mostRounds = 5;

const iso = (at: number): string => new Date(at).toISOString();
