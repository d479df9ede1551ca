/** Unix cron expressions of five fields, in any IANA time zone, as scheduled actions have them. */

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
  /** With both a day of month and a weekday given, either is enough. */
  readonly eitherDay: boolean;
}

/** Undefined where the expression is not valid. */
export function parseCron(expression: string): Cron | undefined {
  const [minute, hour, day, month, weekday, ...more] = expression.trim().split(/\s+/);
  if (minute === undefined || hour === undefined || day === undefined || month === undefined) return undefined;
  if (weekday === undefined || more.length > 0) return undefined;
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const days = parseField(day, 1, 31);
  const months = parseField(month, 1, 12, MONTHS);
  const weekdays = parseField(weekday, 0, 7, WEEKDAYS)?.map((number) => number % 7);
  if (minutes === undefined || hours === undefined || days === undefined) return undefined;
  if (months === undefined || weekdays === undefined) return undefined;
  return { minutes, hours, days, months, weekdays, eitherDay: !day.startsWith("*") && !weekday.startsWith("*") };
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The sorted numbers that a field stands for: `*`, `5`, `1-5`, every 15th, `1,15`, `MON-FRI`. */
function parseField(
  field: string,
  lowest: number,
  highest: number,
  names: readonly string[] = [],
): number[] | undefined {
  const numbers = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", stepText = "1", ...more] = part.split("/");
    const step = Number(stepText);
    const ends = range === "*" ? [lowest, highest] : range.split("-").map((text) => numberOf(text, lowest, names));
    const [from, to = part.includes("/") ? highest : from] = ends;
    if (more.length > 0 || ends.length > 2 || !Number.isInteger(step) || step < 1) return undefined;
    if (from === undefined || to === undefined || !(from >= lowest && to <= highest && from <= to)) return undefined;
    for (let number = from; number <= to; number += step) numbers.add(number);
  }
  return [...numbers].sort((one, other) => one - other);
}

function numberOf(text: string, lowest: number, names: readonly string[]): number {
  const index = names.indexOf(text.toUpperCase());
  if (index >= 0) return index + lowest;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

const DAY = 86_400_000;

/** The first time after `after` that the expression names; undefined when there is none within five years. */
export function nextTime(cron: Cron, timeZone: string, after: number): number | undefined {
  const offset = zoneOffset(timeZone);
  // A day early, so that no zone's date is skipped.
  const firstDay = Math.floor(after / DAY) - 1;
  for (let day = firstDay; day < firstDay + 5 * 366; day += 1) {
    if (!namesDay(cron, new Date(day * DAY))) continue;
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const local = day * DAY + hour * 3_600_000 + minute * 60_000;
        const time = local - offset(local - offset(local));
        if (time > after) return time;
      }
    }
  }
  return undefined;
}

function namesDay(cron: Cron, date: Date): boolean {
  if (!cron.months.includes(date.getUTCMonth() + 1)) return false;
  const day = cron.days.includes(date.getUTCDate());
  const weekday = cron.weekdays.includes(date.getUTCDay());
  return cron.eitherDay ? day || weekday : day && weekday;
}

/** How far local time is ahead of UTC at a moment. */
function zoneOffset(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    return local - Math.floor(time / 1000) * 1000;
  };
}
