/** Every function with what it needs, as data: the stack deploys it, the embedded AWS runs it. */
import type { Grant } from "./grant.ts";
import { grants as heartbeatGrants } from "./heartbeat/grants.ts";
import { grants as notifyGrants } from "./notify/grants.ts";
import { grants as reconcileGrants } from "./reconcile/grants.ts";
import { grants as sweepGrants } from "./sweep/grants.ts";

export interface WardenFunction {
  readonly name: FunctionName;
  /** The folder below `functions/` whose `index.ts` exports `handler`. */
  readonly entry: "reconcile" | "sweep" | "heartbeat" | "notify";
  /** MiB. */
  readonly memory: number;
  /** Seconds. */
  readonly timeout: number;
  readonly trigger: LaneTrigger | ScheduleTrigger | OwnEventTrigger;
  /** Environments that no other function can take; undefined shares the account's. */
  readonly reservedConcurrency: number | undefined;
  /** The part of AWS's request buckets that all its environments together may use; 70 % is shared out in all. */
  readonly share: number;
  readonly grants: readonly Grant[];
}

export type FunctionName = "reconcile-urgent" | "reconcile-normal" | "sweep" | "heartbeat" | "notify";

export interface LaneTrigger {
  readonly kind: "lane";
  readonly lane: "urgent" | "normal";
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill. */
  readonly window: number;
  readonly maximumConcurrency: number;
}

export interface ScheduleTrigger {
  readonly kind: "schedule";
  readonly expression: string;
}

/** What Warden says on its own bus. */
export interface OwnEventTrigger {
  readonly kind: "own event";
  readonly detailTypes: readonly string[];
}

/**
 * Short visibility: a message that came back, because its function died, must not wait long. So no function that reads
 * a lane may run longer than it.
 */
export const laneSettings = {
  urgent: { visibility: 30, deliveries: 5 },
  normal: { visibility: 30, deliveries: 5 },
} as const;

export const functions: readonly WardenFunction[] = [
  {
    name: "reconcile-urgent",
    entry: "reconcile",
    memory: 512,
    timeout: 25,
    trigger: { kind: "lane", lane: "urgent", batchSize: 10, window: 0, maximumConcurrency: 2 },
    reservedConcurrency: 2,
    share: 0.15,
    grants: reconcileGrants,
  },
  {
    name: "reconcile-normal",
    entry: "reconcile",
    memory: 512,
    timeout: 25,
    trigger: { kind: "lane", lane: "normal", batchSize: 50, window: 1, maximumConcurrency: 2 },
    reservedConcurrency: undefined,
    share: 0.45,
    grants: reconcileGrants,
  },
  {
    name: "sweep",
    entry: "sweep",
    memory: 512,
    timeout: 50,
    trigger: { kind: "schedule", expression: "rate(1 minute)" },
    reservedConcurrency: undefined,
    share: 0.1,
    grants: sweepGrants,
  },
  {
    name: "heartbeat",
    entry: "heartbeat",
    memory: 512,
    timeout: 50,
    trigger: { kind: "schedule", expression: "rate(1 minute)" },
    reservedConcurrency: 1,
    // Never paced: what the others leave is kept for it.
    share: 1,
    grants: heartbeatGrants,
  },
  {
    name: "notify",
    entry: "notify",
    memory: 256,
    timeout: 25,
    trigger: {
      kind: "own event",
      detailTypes: ["Incident Opened", "Incident Closed", "Peak Ready", "Peak Not Ready", "Approval Wanted"],
    },
    reservedConcurrency: undefined,
    // It asks nothing that has a bucket.
    share: 0,
    grants: notifyGrants,
  },
];
