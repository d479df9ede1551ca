/** The figures of a benchmark of the application cache, as they are written. When their shape changes, `v` grows. */
import * as z from "zod";
import { arrangements } from "./plan.ts";
import { things } from "./visit.ts";

const arrangement = z.enum(arrangements);
const milliseconds = z.number().nonnegative();
const thing = z.enum(things);

/**
 * What held the site back: the processors were busy, there were more users than workers of PHP, or neither, so that what a
 * page waits for is what made it slow.
 */
const limit = z.enum(["processors", "workers", "none"]);

const runSchema = z.object({
  ...{ repeat: z.int(), delay: milliseconds, arrangement, users: z.int(), seconds: z.number() },
  /** How busy the processors were, from 0 to 1. */
  ...{ busy: z.number(), limit },
  /** Pages that failed, by the reason. */
  failed: z.record(z.string(), z.int()),
  /** Right answers alone. A page that never came right is not there. */
  times: z.partialRecord(
    thing,
    z.object({ count: z.int(), median: milliseconds, p95: milliseconds, most: milliseconds }),
  ),
});

/** Over the repeats of a run: the median of their medians, and of their p95. */
const cellSchema = z.object({
  ...{ delay: milliseconds, arrangement, users: z.int(), thing },
  ...{ median: milliseconds, least: milliseconds, most: milliseconds, p95: milliseconds },
  /** Of all pages asked for, from 0 to 1. */
  failed: z.number(),
  limit,
});

/** In milliseconds; one end may be open. */
const said = z.union([
  z.object({ least: milliseconds.optional(), most: milliseconds.optional() }),
  z.literal("failed"),
]);

export const benchFigures = z.object({
  v: z.literal(1),
  bench: z.literal("cache"),
  date: z.iso.datetime(),
  moodle: z.string(),
  machine: z.object({ processors: z.int(), workers: z.int(), busyAtRest: z.number() }),
  scope: z.object({
    ...{ delays: z.array(milliseconds), visits: z.int(), crowds: z.array(z.int()), crowdDelays: z.array(milliseconds) },
    ...{ ramp: z.number(), seconds: z.number(), repeats: z.int() },
  }),
  runs: z.array(runSchema),
  cells: z.array(cellSchema),
  /** How many times as long it takes on the shared file system as on Redis, over the delay. */
  curves: z.array(
    z.object({
      ...{ users: z.int(), thing },
      /** The median of the repeats, each with its own neighbour, and their least and most. */
      points: z.array(z.object({ delay: milliseconds, ratio: z.number(), least: z.number(), most: z.number(), limit })),
      /** The delay at which it takes five times as long, between the points; or all of them lie on one side of that. */
      fiveTimes: z.discriminatedUnion("is", [
        z.object({ is: z.literal("at"), delay: milliseconds }),
        z.object({ is: z.literal("below"), delay: milliseconds }),
        z.object({ is: z.literal("beyond"), delay: milliseconds }),
      ]),
    }),
  ),
  bars: z.array(z.object({ what: z.string(), least: z.number(), value: z.number(), met: z.boolean() })),
  writeUp: z.object({
    of: z.string(),
    rows: z.array(z.object({ users: z.int(), shared: said, redis: said })),
    local: z.string(),
  }),
});

export type BenchFigures = z.infer<typeof benchFigures>;
export type RunFigures = BenchFigures["runs"][number];
export type Cell = BenchFigures["cells"][number];
export type Curve = BenchFigures["curves"][number];
export type Limit = z.infer<typeof limit>;
