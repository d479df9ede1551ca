/** Delays inside AWS, in milliseconds: short ones for a laptop, and AWS's own (estimates of 2026-10 from public measurements). */
import type { Timings } from "./region.ts";

export const quickTimings: Timings = {
  instanceStart: { low: 300, high: 900 },
  instanceStop: { low: 300, high: 900 },
  eventDelivery: { low: 20, high: 120 },
  commandDelivery: { low: 50, high: 250 },
  commandVisible: { low: 100, high: 400 },
  groupPass: 1_000,
  staleReads: { low: 0, high: 0 },
};

export const awsTimings: Timings = {
  instanceStart: { low: 8_000, high: 30_000 },
  instanceStop: { low: 15_000, high: 60_000 },
  eventDelivery: { low: 500, high: 3_000 },
  commandDelivery: { low: 1_000, high: 4_000 },
  commandVisible: { low: 500, high: 2_500 },
  groupPass: 10_000,
  staleReads: { low: 0, high: 3_000 },
};

/** Nothing takes time but what a test says takes time; the group's rhythm stays AWS's. */
export const noDelays: Timings = {
  instanceStart: { low: 0, high: 0 },
  instanceStop: { low: 0, high: 0 },
  eventDelivery: { low: 0, high: 0 },
  commandDelivery: { low: 0, high: 0 },
  commandVisible: { low: 0, high: 0 },
  groupPass: 10_000,
  staleReads: { low: 0, high: 0 },
};
