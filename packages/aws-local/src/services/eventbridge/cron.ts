/**
 * EventBridge's six-field cron: minutes, hours, day of month, month, day of week, year. One of the two day fields
 * has to be `?`; Sunday is 1; `L`, `W` and `#` as in the EventBridge guide, "Cron expressions".
 */

/** Gives the next time strictly after a time, or undefined for an expression that EventBridge refuses. */
export function readCron(body: string): ((time: number) => number | undefined) | undefined {
  const fields = body.trim().split(/\s+/);
  if (fields.length !== 6) return undefined;
  const [minuteField = "", hourField = "", dayOfMonth = "", monthField = "", dayOfWeek = "", yearField = ""] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) return undefined;
  const minutes = readField(minuteField, 0, 59);
  const hours = readField(hourField, 0, 23);
  const months = readField(monthField, 1, 12, monthNames);
  const years = readField(yearField, 1970, 2199);
  const isDay = dayOfMonth === "?" ? readDayOfWeek(dayOfWeek) : readDayOfMonth(dayOfMonth);
  if (!minutes || !hours || !months || !years || !isDay) return undefined;

  function* daysFrom(time: number): Generator<Day> {
    const from = new Date(time);
    for (const year of years ?? []) {
      if (year < from.getUTCFullYear()) continue;
      for (const month of months ?? []) {
        if (year === from.getUTCFullYear() && month < from.getUTCMonth() + 1) continue;
        for (let date = 1; date <= lastDate(year, month); date++)
          if (isDay?.({ year, month, date })) yield { year, month, date };
      }
    }
  }

  return (time) => {
    for (const { year, month, date } of daysFrom(time))
      for (const hour of hours)
        for (const minute of minutes) {
          const at = Date.UTC(year, month - 1, date, hour, minute);
          if (at > time) return at;
        }
    return undefined;
  };
}

interface Day {
  readonly year: number;
  /** 1–12 */
  readonly month: number;
  readonly date: number;
}

const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The values of a field such as `*`, `1,5`, `MON-FRI`, `0/15` or `10-50/10`, in order. */
function readField(field: string, low: number, high: number, names: readonly string[] = []): number[] | undefined {
  const values = new Set<number>();
  for (const part of field.toUpperCase().split(",")) {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const bounds = readRange(range, low, high, names, step !== undefined);
    if (bounds === undefined || Number(step ?? 1) < 1) return undefined;
    for (let value = bounds[0]; value <= bounds[1]; value += Number(step ?? 1)) values.add(value);
  }
  return [...values].sort((one, other) => one - other);
}

function readRange(
  range: string,
  low: number,
  high: number,
  names: readonly string[],
  stepped: boolean,
): readonly [number, number] | undefined {
  if (range === "*") return [low, high];
  const numberOf = (text: string): number =>
    names.includes(text) ? names.indexOf(text) + low : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const [first = "", last] = range.split("-");
  const from = numberOf(first);
  const to = last === undefined ? (stepped ? high : from) : numberOf(last);
  return from >= low && to <= high && from <= to ? [from, to] : undefined;
}

function readDayOfMonth(field: string): ((day: Day) => boolean) | undefined {
  if (field === "L") return ({ year, month, date }) => date === lastDate(year, month);
  const [, near] = /^(\d+)W$/.exec(field) ?? [];
  if (near !== undefined)
    return Number(near) >= 1 && Number(near) <= 31
      ? (day) => day.date === nearestWeekday(day.year, day.month, Number(near))
      : undefined;
  const dates = readField(field, 1, 31);
  return dates && (({ date }) => dates.includes(date));
}

function readDayOfWeek(field: string): ((day: Day) => boolean) | undefined {
  const [, lastOf] = /^([1-7])?L$/.exec(field) ?? [];
  if (field === "L") return (day) => weekday(day) === 7;
  if (lastOf !== undefined)
    return (day) => weekday(day) === Number(lastOf) && day.date + 7 > lastDate(day.year, day.month);
  const [, which, nth] = /^([1-7]|[A-Z]{3})#([1-5])$/.exec(field) ?? [];
  if (which !== undefined && nth !== undefined) {
    const [wanted] = readField(which, 1, 7, dayNames) ?? [];
    return wanted === undefined
      ? undefined
      : (day) => weekday(day) === wanted && Math.ceil(day.date / 7) === Number(nth);
  }
  const days = readField(field, 1, 7, dayNames);
  return days && ((day) => days.includes(weekday(day)));
}

/** 1 is Sunday. */
const weekday = ({ year, month, date }: Day): number => new Date(Date.UTC(year, month - 1, date)).getUTCDay() + 1;

const lastDate = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** The weekday closest to a date, inside the month. */
function nearestWeekday(year: number, month: number, date: number): number {
  const last = lastDate(year, month);
  const wanted = Math.min(date, last);
  const day = weekday({ year, month, date: wanted });
  if (day === 7) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (day === 1) return wanted < last ? wanted + 1 : wanted - 2;
  return wanted;
}
