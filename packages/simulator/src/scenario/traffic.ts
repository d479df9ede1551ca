/**
 * Users over time, and how much of a node they keep busy. The model is Little's law and nothing more: it says how many
 * requests are in flight when a node is drained or dies, not how fast a page is.
 */

import { inWords, readDuration } from "@warden/yaml";
import type { Curve } from "./schema.ts";

/** Users at a time, in milliseconds since the start of the scenario, which is a Monday at 8 o'clock. */
export type UsersAt = (sinceStart: number) => number;

/**
 * Requests a second that one user who is online makes: a page each 20 s. [E] An estimate, as is the time below: with
 * them scenarios are compared with each other, and no site is sized.
 */
export const requestsPerUser = 0.05;

/** Seconds that PHP needs for a request with warm caches. [E] */
export const secondsPerRequest = 0.3;

/** Requests in flight on each node that serves. */
export function requestsInFlight(users: number, nodesServing: number): number {
  return nodesServing <= 0 ? 0 : (users * requestsPerUser * secondsPerRequest) / nodesServing;
}

/** Requests of all users that arrive in so many milliseconds. */
export const requestsIn = (users: number, milliseconds: number): number =>
  users * requestsPerUser * (milliseconds / 1_000);

const hour = 3_600_000;
const day = 24 * hour;
const startOfStory = 8 * hour;

/** Shapes from 0 to 1 over the week that begins on Monday at midnight; between two points the line is straight. */
const shapes: Readonly<Record<Curve, (sinceMonday: number) => number>> = {
  flat: () => 1,
  /** Lessons from 8 to 16, some homework in the evening, little at the weekend. */
  "school-day": (time) =>
    along(
      [
        [0, 0.03],
        [6, 0.05],
        [8, 0.7],
        [10, 1],
        [12, 0.75],
        [14, 0.95],
        [16, 0.4],
        [20, 0.3],
        [24, 0.03],
      ],
      hourOf(time),
    ) * (isWeekend(time) ? 0.15 : 1),
  /** Everybody comes within ten minutes of 9 o'clock and leaves within ten of 11. */
  exam: (time) =>
    along(
      [
        [0, 0.02],
        [8.5, 0.1],
        [8.9, 0.3],
        [9.07, 1],
        [10.9, 1],
        [11.1, 0.15],
        [24, 0.02],
      ],
      hourOf(time),
    ),
  /** Pupils come after school and at the weekend; Wednesday and the evenings before a test day are the busiest. */
  "tutoring-week": (time) =>
    along(
      [
        [0, 0.03],
        [7, 0.03],
        [13, 0.15],
        [15, 0.6],
        [17, 1],
        [19, 0.9],
        [21, 0.3],
        [24, 0.03],
      ],
      hourOf(time),
    ) * (tutoringDays[Math.floor(time / day) % 7] ?? 1),
};

const tutoringDays = [0.7, 0.8, 1, 0.8, 0.4, 0.6, 0.75] as const;

export function usersOfCurve(curve: Curve, peak: number): UsersAt {
  return (sinceStart) => peak * shapes[curve]((sinceStart + startOfStory) % (7 * day));
}

const hourOf = (time: number): number => (time % day) / hour;
const isWeekend = (time: number): boolean => Math.floor(time / day) % 7 >= 5;

type Points = readonly (readonly [number, number])[];

function along(points: Points, at: number): number {
  const next = points.findIndex(([x]) => x > at);
  const [x1, y1] = points[next === -1 ? points.length - 1 : Math.max(0, next - 1)] ?? [0, 0];
  const [x2, y2] = points[next] ?? [x1, y1];
  return x2 === x1 ? y1 : y1 + ((y2 - y1) * (at - x1)) / (x2 - x1);
}

// ---- Traces -----------------------------------------------------------------------------------------------------------

export type TraceRead =
  | { readonly ok: true; readonly usersAt: UsersAt }
  | { readonly ok: false; readonly problems: readonly TraceProblem[] };

export interface TraceProblem {
  readonly line: number;
  readonly found: string;
  readonly allowed: string;
}

const columns = ["at", "users"];

/** Two columns, `at,users`: a duration since the start, or seconds, and a count. Between two rows the line is straight. */
export function readTrace(csv: string): TraceRead {
  const rows = csv
    .split(/\r?\n/)
    .map((text, index) => ({ line: index + 1, cells: text.split(",").map((cell) => cell.trim()) }));
  const [header, ...body] = rows.filter(({ cells }) => cells.some((cell) => cell !== ""));
  const names = header?.cells.join(",") ?? "";
  if (names !== columns.join(",")) return refused(header?.line ?? 1, names, `the columns ${inWords(columns)}`);
  if (body.length === 0) return refused(header?.line ?? 1, "no rows", "at least one row below the columns");

  const problems: TraceProblem[] = [];
  const points: [number, number][] = [];
  for (const { line, cells } of body) {
    const [at = "", users = "", ...more] = cells;
    const time = /^\d+(\.\d+)?$/.test(at) ? Number(at) * 1_000 : readDuration(at);
    const last = points.at(-1)?.[0] ?? -1;
    if (more.length > 0) problems.push({ line, found: cells.join(","), allowed: "two cells" });
    else if (time === undefined)
      problems.push({ line, found: at, allowed: "seconds since the start, or a duration such as 90s" });
    else if (time <= last) problems.push({ line, found: at, allowed: "a time after that of the row before" });
    else if (!/^\d+(\.\d+)?$/.test(users))
      problems.push({ line, found: users, allowed: "a number of users, 0 or more" });
    else points.push([time, Number(users)]);
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, usersAt: (sinceStart) => held(points, sinceStart) };
}

/** Before the first row as in the first. */
const held = (points: Points, at: number): number => along(points, Math.max(at, points[0]?.[0] ?? 0));

const refused = (line: number, found: string, allowed: string): TraceRead => ({
  ok: false,
  problems: [{ line, found: found === "" ? "nothing" : found, allowed }],
});
