/** Times for people: instants in UTC, as the logs of AWS have them, and lengths of time in their two largest units. */

/** `2026-11-21 20:05:02Z` */
export const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;

export const iso = (at: number): string => new Date(at).toISOString();

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** `45 s`, `2 min 5 s`, `3 h`, `2 d 4 h` */
export function length(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/** `in 20 s`, `now`, `2 min ago` */
export function relative(at: number, now: number): string {
  if (Math.abs(at - now) < 1000) return "now";
  return at > now ? `in ${length(at - now)}` : `${length(now - at)} ago`;
}
