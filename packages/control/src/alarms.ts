/**
 * Alarms of CloudWatch that speak of a site. An event tells that one came on, so that its incident is opened at once; which of
 * them are on, the sweep asks: CloudWatch's events are not lost, but whoever is told may fail, and an alarm that goes off does not say
 * that all is well. A site lists its alarms by name: others of the account are none of Warden's business.
 */
import type { Pointer } from "@warden/events";
import type { RaisedAlarm } from "@warden/remediation";
import type { Deps } from "./deps.ts";
import { openForAlarms } from "./incidents.ts";
import type { Site } from "./site.ts";
import type { Alarm, AlarmsPort } from "./sweep-ports.ts";

export type AlarmPointer = Extract<Pointer, { kind: "alarm" }>;

export async function noteAlarms(told: readonly AlarmPointer[], deps: Deps): Promise<void> {
  if (told.length === 0) return;
  for (const site of await deps.settings.sites()) {
    const raised = alarmsOf(site, told);
    if (raised.length > 0) await openForAlarms(site, raised, deps);
  }
}

/** One call, whatever the number of sites; none where no site has alarms. */
export async function alarmsThatAreOn(alarms: AlarmsPort, sites: readonly Site[]): Promise<readonly Alarm[]> {
  return sites.some((site) => site.alarms.length > 0) ? alarms.on() : [];
}

/** Pure: those that speak of this site. */
export function alarmsOf(site: Pick<Site, "alarms">, on: readonly Alarm[]): RaisedAlarm[] {
  const reasons = new Map(on.map(({ name, reason }) => [name, reason]));
  return site.alarms.flatMap(({ name, part }) => {
    const reason = reasons.get(name);
    return reason === undefined ? [] : [{ name, part, reason }];
  });
}
