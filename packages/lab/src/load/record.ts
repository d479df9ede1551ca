/** What a load leaves behind: every request as a row, as it is stored. */
import * as z from "zod";
import { unanswereds } from "./client.ts";
import { wrongs } from "./visit.ts";

export const failures = [...wrongs, ...unanswereds] as const;

/** Times are milliseconds after the load's begin. */
const requestRow = z.object({
  visit: z.int(),
  page: z.string(),
  /** Set beforehand; latency counts from here. */
  due: z.number(),
  sent: z.number(),
  ended: z.number(),
  outcome: z.enum(["ok", ...failures]),
  /** A transfer that takes its time by intent. */
  slow: z.boolean(),
  status: z.int().optional(),
  bytes: z.int().optional(),
  machine: z.string().optional(),
});

const transfer = { bytes: z.number(), bytesPerSecond: z.number() };
const loadPlan = z.object({
  visitsPerSecond: z.number(),
  seconds: z.number(),
  seed: z.number(),
  slow: z.object({ uploads: z.number(), downloads: z.number(), ...transfer }).optional(),
});

export const loadRecord = z.object({
  v: z.literal(1),
  plan: loadPlan,
  /** Milliseconds since 1970. */
  began: z.number(),
  /** So many requests were due; a visit that lost its session leaves the rest of them out. */
  planned: z.int(),
  /** Before its time. */
  stopped: z.boolean(),
  rows: z.array(requestRow),
});

export type RequestRow = z.infer<typeof requestRow>;
export type LoadRecord = z.infer<typeof loadRecord>;
