/** How long things take on a modelled Moodle node, in milliseconds: short for a laptop, or as in AWS. */
import type { Range } from "@warden/aws-local/region";

export interface NodeTimings {
  /** The whole of `Warden-Bootstrap`. */
  readonly bootstrap: Range;
  readonly verify: Range;
  /** A release that is not on the node yet. */
  readonly fetch: Range;
  /** Reading every file of a release as PHP. */
  readonly parse: Range;
  readonly install: Range;
  readonly upgrade: Range;
  /** Documents that only ask or signal. */
  readonly ask: Range;
  /** A request that was in flight when the node began to drain, until its end. */
  readonly request: Range;
  /** How often the watcher reads the instance metadata. */
  readonly watch: number;
  /** Without a command for this long after boot, the node brings itself into service. */
  readonly waitForCommand: number;
  /** Until the watcher tries again what failed. */
  readonly retry: number;
}

export const quickNode: NodeTimings = {
  bootstrap: { low: 1_000, high: 2_000 },
  verify: { low: 300, high: 600 },
  fetch: { low: 500, high: 1_000 },
  parse: { low: 500, high: 1_000 },
  install: { low: 3_000, high: 5_000 },
  upgrade: { low: 2_000, high: 5_000 },
  ask: { low: 20, high: 80 },
  request: { low: 50, high: 1_500 },
  watch: 1_000,
  waitForCommand: 30_000,
  retry: 5_000,
};

/** Bootstrap from an image with everything on it: 30 s in the middle, 60 s for one in ten. */
export const awsNode: NodeTimings = {
  bootstrap: { low: 25_000, high: 60_000 },
  verify: { low: 1_500, high: 5_000 },
  fetch: { low: 5_000, high: 20_000 },
  parse: { low: 5_000, high: 20_000 },
  install: { low: 30_000, high: 60_000 },
  upgrade: { low: 30_000, high: 180_000 },
  ask: { low: 100, high: 500 },
  request: { low: 50, high: 8_000 },
  watch: 5_000,
  waitForCommand: 120_000,
  retry: 30_000,
};
