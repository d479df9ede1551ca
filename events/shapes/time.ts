/**
 * Times as AWS writes them, made one: ISO 8601 in UTC with milliseconds. Written out rather than left to `Date.parse`,
 * which takes a time without a zone for local and accepts much that is no time at all.
 */
import * as z from "zod/mini";

/** `time` has milliseconds in lifecycle events and seconds elsewhere; some services write `+0000` without the colon. */
const iso8601 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
/** AWS Health: `Thu, 1 Nov 2018 22:00:00 GMT`, the day with one digit or two. */
const rfc1123 = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC)$/;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A time that an event cannot do without. */
export const time = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const read = readTime(text);
    if (read !== undefined) return read;
    context.issues.push({ code: "custom", message: "is not a time", input: text });
    return z.NEVER;
  }),
);

/** A time that is only a hint: left out when it cannot be read. */
export const hintedTime = z.pipe(z.string(), z.transform(readTime));

export function readTime(text: string): string | undefined {
  return readIso8601(text) ?? readRfc1123(text);
}

function readIso8601(text: string): string | undefined {
  const match = iso8601.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", sign, zoneHour = "0", zoneMinute = "0"] = match;
  const millisecond = fraction.slice(0, 3).padEnd(3, "0");
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -60_000 : 60_000);
  return instant([year, month, day, hour, minute, second, millisecond].map(Number), offset);
}

function readRfc1123(text: string): string | undefined {
  const match = rfc1123.exec(text);
  if (match === null) return undefined;
  const [, day, month = "", year, hour, minute, second] = match;
  return instant([year, months.indexOf(month) + 1, day, hour, minute, second, 0].map(Number), 0);
}

/** Undefined for a 30 February: `Date.UTC` would make it the 2 March. */
function instant(parts: readonly number[], offset: number): string | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0] = parts;
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond));
  const same =
    local.getUTCFullYear() === year &&
    local.getUTCMonth() === month - 1 &&
    local.getUTCDate() === day &&
    local.getUTCHours() === hour &&
    local.getUTCMinutes() === minute &&
    local.getUTCSeconds() === second;
  return same ? new Date(local.getTime() - offset).toISOString() : undefined;
}
