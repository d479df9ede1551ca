/**
 * People are told how a site stands for a peak while there is time to do something: a day before it begins, and twenty minutes
 * before; and where something falls short then, once more when nothing does. The sweep does that.
 */
import { type Freeze, type PeakTelling, tellingDue } from "@warden/fleet";
import { type PeakNotice, peakText, type Shortfall } from "@warden/remediation";
import type { StoredCalendar } from "./calendar.ts";
import type { Deps } from "./deps.ts";
import { type LedgerEntry, siteKey } from "./ledger.ts";
import { publish } from "./publish.ts";
import { foreseen, readinessOf, type SiteSight } from "./readiness.ts";
import type { Site } from "./site.ts";
import { lookAtSite } from "./site-sight.ts";

export async function tellOfPeaks(site: Site, { calendar, version }: StoredCalendar, deps: Deps): Promise<void> {
  const now = deps.now();
  const due = calendar.freezes.flatMap((peak) => {
    const telling = tellingDue(peak, now);
    return telling === undefined ? [] : [{ peak, telling }];
  });
  if (due.length === 0) return;
  // Whoever asks is the sweep: that it is at work needs no other proof.
  const sight = { ...(await lookAtSite(site, deps)), lastSweep: now };
  const notices = due.flatMap(({ peak, telling }) => noticeOf(peak, telling, sight) ?? []);
  if (notices.length === 0) return;
  const ledger = notices.map((notice) => entryOf(site, notice, deps));
  const freezes = calendar.freezes.map((freeze) => notices.find(({ peak }) => peak.id === freeze.id)?.peak ?? freeze);
  // What this sweep has just held is a newer calendar: then the next one tells.
  const outcome = await deps.ports.store.commitCalendar({
    ...{ site: site.site, calendar: { ...calendar, freezes }, version, ledger },
  });
  if (outcome === "done") await publish(ledger, deps);
}

/** With the peak as it is when that is told; undefined when there is nothing new to say. */
function noticeOf(peak: Freeze, telling: PeakTelling, sight: SiteSight): PeakNotice | undefined {
  const shortfalls = shortfallsOf(peak, telling, sight);
  const ready = shortfalls.length === 0;
  if (telling === "again" && !ready) return undefined;
  const when = telling === "day-before" ? telling : "shortly-before";
  return { peak: { ...peak, told: { when, ready } }, telling, shortfalls, timeZone: sight.site.timeZone };
}

function shortfallsOf({ nodes = {} }: Freeze, telling: PeakTelling, sight: SiteSight): readonly Shortfall[] {
  return telling === "day-before" ? foreseen(sight, nodes) : readinessOf(sight, nodes).shortfalls;
}

const entryOf = ({ site }: Site, notice: PeakNotice, deps: Deps): LedgerEntry => ({
  ...{ v: 1, key: siteKey(site), at: deps.now(), id: deps.id(), kind: "peak" },
  ...{ phase: notice.shortfalls.length === 0 ? "ready" : "not-ready", phaseBefore: undefined, actions: [] },
  ...{ evidence: { notice }, why: peakText(notice) },
});
