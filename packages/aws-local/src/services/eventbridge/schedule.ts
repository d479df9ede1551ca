/** Schedule expressions of rules: `rate(5 minutes)` and `cron(0 10 * * ? *)`, always UTC, to the minute. */
import { readCron } from "./cron.ts";

export interface Schedule {
  readonly expression: string;
  /** The next time strictly after `time` (milliseconds since the epoch); undefined when there is none. */
  next(time: number): number | undefined;
}

/** Undefined for an expression that EventBridge refuses. */
export function readSchedule(expression: string): Schedule | undefined {
  const [, kind, body] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (body === undefined) return undefined;
  const next = kind === "rate" ? readRate(body) : readCron(body);
  return next === undefined ? undefined : { expression, next };
}

function readRate(body: string): Schedule["next"] | undefined {
  const [, digits, unit] = /^(\d+) (minutes?|hours?|days?)$/.exec(body) ?? [];
  const value = Number(digits);
  const length = units.get(unit?.replace(/s$/, "") ?? "");
  if (unit === undefined || length === undefined || value < 1) return undefined;
  // EventBridge insists on grammar: rate(1 minute), rate(2 minutes).
  if ((value === 1) === unit.endsWith("s")) return undefined;
  return (time) => time + value * length;
}

const units: ReadonlyMap<string, number> = new Map([
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
]);
