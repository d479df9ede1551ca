/**
 * Keeps Warden below AWS's request limits, which it shares with everything else in the account: all callers together
 * may use 70 % of a bucket, the rest is kept for heartbeats, which are never paced.
 */

/** Requests a second that AWS allows one account and Region. */
export interface Limit {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Figures of 2026-10. EC2 Auto Scaling shares one bucket between its actions and publishes no numbers, Systems
 * Manager publishes none for Run Command: both are estimates on the safe side. ELBv2 is from its API guide.
 */
export const limits = {
  autoScaling: { perSecond: 10, burst: 40 },
  completions: { perSecond: 10, burst: 40 },
  sendCommand: { perSecond: 5, burst: 10 },
  readCommands: { perSecond: 10, burst: 20 },
  describeTargets: { perSecond: 10, burst: 40 },
  registerTargets: { perSecond: 4, burst: 20 },
} as const satisfies Record<string, Limit>;

export type Bucket = keyof typeof limits;

/**
 * Completions are what a launch waits for, so a lane's two environments share out among them all that is not kept for
 * heartbeats. Without any pace their fifties would mostly be refused, and what is refused comes back later than what
 * waits.
 */
const completionShare = 0.35;

/** A part of every bucket, for one environment of one function. */
export interface Pace {
  /** Resolves when the call may be made. */
  take(bucket: Bucket): Promise<void>;
}

export const unpaced: Pace = { take: async () => {} };

export function paced(share: number, clock: { now(): number; sleep(ms: number): Promise<void> }): Pace {
  const state = new Map<Bucket, { tokens: number; at: number }>();
  return {
    async take(bucket) {
      const part = bucket === "completions" ? completionShare : share;
      const perSecond = limits[bucket].perSecond * part;
      const burst = Math.max(1, limits[bucket].burst * part);
      const now = clock.now();
      const last = state.get(bucket) ?? { tokens: burst, at: now };
      const filled = Math.min(burst, last.tokens + ((now - last.at) / 1000) * perSecond);
      // Tokens may go below zero: those who come later wait behind those who came first.
      state.set(bucket, { tokens: filled - 1, at: now });
      if (filled < 1) await clock.sleep(((1 - filled) / perSecond) * 1000);
    },
  };
}
