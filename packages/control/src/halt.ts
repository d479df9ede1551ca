/** Why nothing new may begin at a site: a person stopped Warden, or a freeze is in force. */
import { freezeAt, frozenText, type SiteName } from "@warden/fleet";
import type { Ports } from "./ports.ts";

/** @returns undefined when nothing is in the way */
export async function haltOf(
  site: SiteName,
  { store }: Pick<Ports, "store">,
  now: number,
): Promise<string | undefined> {
  const [stop, { calendar }] = await Promise.all([store.stopped(site), store.calendar(site)]);
  if (stop !== undefined) return `${stop.by} stopped Warden: ${stop.reason}`;
  const freeze = freezeAt(calendar.freezes, now);
  return freeze === undefined ? undefined : frozenText(freeze);
}
