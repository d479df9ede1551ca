/** Delays inside AWS, in milliseconds: short ones for a laptop, and AWS's own (estimates of 2026-10 from public measurements). */
import type { Timings } from "./region.ts";

export const quickTimings: Timings = {
  instanceStart: { low: 300, high: 900 },
  instanceStop: { low: 300, high: 900 },
  eventDelivery: { low: 20, high: 120 },
  commandDelivery: { low: 50, high: 250 },
  commandVisible: { low: 100, high: 400 },
  groupPass: 1_000,
  cacheCreation: { low: 300, high: 900 },
  cacheModification: { low: 300, high: 900 },
  cacheDeletion: { low: 300, high: 900 },
  cacheFailover: { low: 1_000, high: 2_000 },
  cacheRecoveryStart: { low: 300, high: 900 },
  cacheRecovery: { low: 1_000, high: 2_000 },
  backupStart: { low: 300, high: 900 },
  backupCompletion: { low: 300, high: 900 },
  staleReads: { low: 0, high: 0 },
};

export const awsTimings: Timings = {
  instanceStart: { low: 8_000, high: 30_000 },
  instanceStop: { low: 15_000, high: 60_000 },
  eventDelivery: { low: 500, high: 3_000 },
  commandDelivery: { low: 1_000, high: 4_000 },
  commandVisible: { low: 500, high: 2_500 },
  groupPass: 10_000,
  cacheCreation: { low: 300_000, high: 900_000 },
  cacheModification: { low: 60_000, high: 300_000 },
  cacheDeletion: { low: 120_000, high: 600_000 },
  // The last three from event logs that people have published: 63 s to two minutes, 39 and 83 s, ten minutes.
  cacheFailover: { low: 60_000, high: 120_000 },
  cacheRecoveryStart: { low: 40_000, high: 85_000 },
  cacheRecovery: { low: 590_000, high: 620_000 },
  // A guess: AWS promises no more than a start within the window of eight hours.
  backupStart: { low: 5_000, high: 60_000 },
  backupCompletion: { low: 120_000, high: 900_000 },
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
  cacheCreation: { low: 0, high: 0 },
  cacheModification: { low: 0, high: 0 },
  cacheDeletion: { low: 0, high: 0 },
  cacheFailover: { low: 0, high: 0 },
  cacheRecoveryStart: { low: 0, high: 0 },
  cacheRecovery: { low: 0, high: 0 },
  backupStart: { low: 0, high: 0 },
  backupCompletion: { low: 0, high: 0 },
  staleReads: { low: 0, high: 0 },
};
