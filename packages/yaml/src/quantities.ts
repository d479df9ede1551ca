/**
 * The small language of quantities in a scenario: `15m`, `40s±20s`, `0..30s`, `5%`. Durations come out in milliseconds.
 * Every message says what is allowed; the reader adds what was found, and where.
 */
import * as z from "zod";

export interface Span {
  readonly low: number;
  readonly high: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const units = { ms: 1, s: second, m: minute, h: hour, d: day } as const;

export const duration = quantity(readDuration, "a duration such as 90s, 15m or 1h30m");

/** One duration, one that varies around a middle, or a range. */
export const span = quantity(readSpan, "a duration, fixed or varying: 40s, 40s±20s or 10s..60s");

/** `5%`, or a number from 0 to 1. */
export const share = quantity(readShare, "a share from 0% to 100%, as 5% or 0.05");

export function whole(low = 0, high = Number.MAX_SAFE_INTEGER) {
  const allowed = high === Number.MAX_SAFE_INTEGER ? `${low} or more` : `from ${low} to ${high}`;
  return quantity(
    (value) => (isWhole(value) && value >= low && value <= high ? value : undefined),
    `a whole number, ${allowed}`,
  );
}

/** A plain number; a duration becomes seconds, as durations in the report are. */
export const limit = quantity((value) => {
  if (typeof value === "number") return value;
  const milliseconds = readDuration(value);
  return milliseconds === undefined ? undefined : milliseconds / second;
}, "a number, or a duration such as 4m for a figure in seconds");

/** Text that looks as `form` says: `pattern` must match all of it. */
export function text(pattern: RegExp, form: string) {
  return quantity((value) => (typeof value === "string" && pattern.test(value) ? value : undefined), form);
}

/** Mebibytes from `256M` or `2G`, as PHP and nginx write them. */
export const size = quantity((value) => {
  const parts = typeof value === "string" ? /^(\d{1,6})([MG])$/.exec(value) : null;
  const count = parts === null ? 0 : Number(parts[1]) * (parts[2] === "G" ? 1024 : 1);
  return count > 0 ? count : undefined;
}, "a size such as 256M or 2G");

function quantity<Value>(read: (found: unknown) => Value | undefined, allowed: string) {
  return z.unknown().transform((found, context): Value => {
    const value = read(found);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: allowed });
    return z.NEVER;
  });
}

const isWhole = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);

export function readDuration(found: unknown): number | undefined {
  if (found === 0) return 0;
  const text = typeof found === "string" ? found.replaceAll(" ", "") : "";
  if (text === "0") return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    sum += isUnit(unit) ? Number(count) * units[unit] : 0;
  return Math.round(sum);
}

const isUnit = (text: string | undefined): text is keyof typeof units =>
  text !== undefined && Object.hasOwn(units, text);

function readSpan(found: unknown): Span | undefined {
  const exact = readDuration(found);
  if (exact !== undefined) return { low: exact, high: exact };
  if (typeof found !== "string") return undefined;
  const around = found.split(/±|\+-/);
  if (around.length === 2) {
    const [middle, spread] = around.map(readDuration);
    if (middle === undefined || spread === undefined || spread > middle) return undefined;
    return { low: middle - spread, high: middle + spread };
  }
  const range = found.split("..");
  const [low, high] = range.map(readDuration);
  return range.length === 2 && low !== undefined && high !== undefined && low <= high ? { low, high } : undefined;
}

function readShare(found: unknown): number | undefined {
  const value = typeof found === "string" ? readPercent(found) : found;
  return typeof value === "number" && value >= 0 && value <= 1 ? value : undefined;
}

function readPercent(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  // Rounded, because 0.7 / 100 and the like leave a tail that no one wrote.
  return parts === null ? undefined : Number((Number(parts[1]) / 100).toPrecision(12));
}

// ---- And back ---------------------------------------------------------------------------------------------------------

/** In the largest unit that divides it; in two or more where that would be a big number. */
export function writeDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  const [name, size] = sizes.find(([, each]) => milliseconds % each === 0) ?? ["ms", 1];
  const count = milliseconds / size;
  const bigger = count < tooMany ? undefined : sizes.find(([, each]) => each > size && each < milliseconds);
  if (bigger === undefined) return `${count}${name}`;
  const rest = milliseconds % bigger[1];
  return `${(milliseconds - rest) / bigger[1]}${bigger[0]}${writeDuration(rest)}`;
}

const sizes = [
  ["d", day],
  ["h", hour],
  ["m", minute],
  ["s", second],
] as const;
const tooMany = 120;

export function writeSpan({ low, high }: Span): string {
  return low === high ? writeDuration(low) : `${writeDuration(low)}..${writeDuration(high)}`;
}

/** As a percentage where that reads back as the same number. */
export function writeShare(value: number): string | number {
  const percent = `${Number((value * 100).toPrecision(12))}%`;
  return readPercent(percent) === value ? percent : value;
}
