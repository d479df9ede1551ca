/** Times as people of a site write them: by its own clock, which twice a year is put forward or back. */
import { Temporal } from "temporal-polyfill";
import { Problem, status } from "./errors.ts";

/** `2026-06-22 08:00`, with or without seconds. */
const byTheClock = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?$/;

/**
 * Milliseconds since 1970 of what is written by the clock of a site, or with an offset of its own.
 *
 * @param edge a time that comes twice, or not at all, makes the window longer: it begins with the earlier, and ends with the later
 */
export function instantOf(text: string, timeZone: string, edge: "from" | "to"): number {
  try {
    if (!byTheClock.test(text)) return Temporal.Instant.from(text.replace(" ", "T")).epochMilliseconds;
    const written = Temporal.PlainDateTime.from(text.replace(" ", "T"), { overflow: "reject" });
    const disambiguation = edge === "from" ? "earlier" : "later";
    return written.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Problem(
      status.usage,
      `${JSON.stringify(text)} is no time`,
      `write one like "2026-06-22 08:00", which is by the clock of ${timeZone}, or with an offset: 2026-06-22T06:00Z`,
    );
  }
}

/** `2026-06-22 08:00 +02:00` */
export function byClockOf(at: number, timeZone: string): string {
  const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return `${there.toPlainDateTime().toString({ smallestUnit: "minute" }).replace("T", " ")} ${there.offset}`;
}
