/** Times for people: instants in UTC, as the logs of AWS have them. */
import { length } from "@warden/fleet";

/** `2026-11-21 20:05:02Z` */
export const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;

export const iso = (at: number): string => new Date(at).toISOString();

/** `in 20 s`, `now`, `2 min ago` */
export function relative(at: number, now: number): string {
  if (Math.abs(at - now) < 1000) return "now";
  return at > now ? `in ${length(at - now)}` : `${length(now - at)} ago`;
}
