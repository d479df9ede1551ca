/** What a load comes to: how many requests went well, how long they took, and where it was that they did not. */
import { ascending, rank } from "@warden/simulator/percentiles";
import * as z from "zod";
import { failures, type LoadRecord, type RequestRow } from "./record.ts";

/** Milliseconds from the moment at which a request was due. */
const latency = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() });

const group = z.object({
  requests: z.int(),
  failed: z.int(),
  /** Of all that were answered or given up; null without any. */
  latency: z.nullable(latency),
});

export const loadFigures = z.object({
  v: z.literal(1),
  /** Milliseconds since 1970. */
  began: z.number(),
  stopped: z.boolean(),
  requests: z.object({
    planned: z.int(),
    sent: z.int(),
    ok: z.int(),
    failed: z.int(),
    /** Left out, because of what had failed before or because the load was stopped. */
    notSent: z.int(),
    /** Sent more than 100 ms after they were due. */
    late: z.int(),
  }),
  /** By what was wrong. */
  failures: z.record(z.enum(failures), z.int()),
  lostSessions: z.int(),
  /** Without the slow transfers, which take their time by intent: they are among the pages. */
  latency: z.nullable(latency),
  pages: z.array(group.extend({ page: z.string() })),
  /** `last`: when its last answer had come whole, slow ones too, in milliseconds after the load's begin. */
  machines: z.array(group.extend({ machine: z.string(), last: z.number() })),
  /** By the second in which requests were due. */
  seconds: z.array(group.extend({ second: z.int() })),
});

export type LoadFigures = z.infer<typeof loadFigures>;
type Latency = z.infer<typeof latency>;

export function figuresOf({ began, stopped, planned, rows }: LoadRecord): LoadFigures {
  const failed = rows.filter(({ outcome }) => outcome !== "ok");
  const of = (kind: RequestRow["outcome"]): number => failed.filter(({ outcome }) => outcome === kind).length;
  const prompt = rows.filter(({ slow }) => !slow);
  return {
    v: 1,
    began,
    stopped,
    requests: {
      planned,
      sent: rows.length,
      ok: rows.length - failed.length,
      failed: failed.length,
      notSent: planned - rows.length,
      late: rows.filter(({ due, sent }) => sent - due > 100).length,
    },
    failures: {
      status: of("status"),
      "lost-session": of("lost-session"),
      "wrong-user": of("wrong-user"),
      "wrong-bytes": of("wrong-bytes"),
      connection: of("connection"),
      "time-out": of("time-out"),
    },
    lostSessions: of("lost-session"),
    latency: latencyOf(prompt),
    pages: grouped(rows, ({ page }) => page).map(([page, own]) => ({ page, ...groupOf(own) })),
    machines: grouped(rows, ({ machine }) => machine)
      .map(([machine, own]) => ({
        ...{ machine, ...groupOf(own.filter(({ slow }) => !slow)) },
        last: Math.max(...own.map(({ ended }) => ended)),
      }))
      .sort((one, other) => one.machine.localeCompare(other.machine)),
    seconds: grouped(prompt, ({ due }) => Math.floor(due / 1000))
      .map(([second, own]) => ({ second, ...groupOf(own) }))
      .sort((one, other) => one.second - other.second),
  };
}

/** Rows for which it is undefined are in no group. */
function grouped<Key>(
  rows: readonly RequestRow[],
  keyOf: (row: RequestRow) => Key | undefined,
): readonly (readonly [Key, readonly RequestRow[]])[] {
  const groups = new Map<Key, RequestRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [row]);
    else own.push(row);
  }
  return [...groups];
}

const groupOf = (rows: readonly RequestRow[]): z.infer<typeof group> => ({
  requests: rows.length,
  failed: rows.filter(({ outcome }) => outcome !== "ok").length,
  latency: latencyOf(rows),
});

function latencyOf(rows: readonly RequestRow[]): Latency | null {
  if (rows.length === 0) return null;
  const sorted = ascending(rows.map(({ due, ended }) => ended - due));
  const at = (percent: number): number => Math.round(rank(sorted, percent) * 10) / 10;
  return { p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}
