/** What one run leaves behind: enough to sum up many, and to draw one. */
import type { BilledUnits } from "../cost/control-plane.ts";
import type { Fact } from "../facts/fact.ts";
import type { ReportedViolation } from "./report.ts";

export interface RunRecord extends SampleRun {
  /** Calls that Warden and its nodes made, by `service:Operation`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, FunctionUse>>;
  readonly requests: { readonly served: number; readonly failed: number };
  readonly units: BilledUnits;
  readonly ownShare: {
    /** One for each call that something readable led to, in seconds. */
    readonly seconds: readonly number[];
    /** What the request buckets allow at best, in seconds. */
    readonly lowerBound: number;
  };
}

/** A run as it can be drawn. */
export interface SampleRun {
  readonly run: number;
  readonly seed: number;
  /** Milliseconds since the epoch, as the times of facts. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly facts: readonly Fact[];
  readonly violations: readonly ReportedViolation[];
}

export interface FunctionUse {
  readonly invocations: number;
  readonly gbSeconds: number;
  readonly crashes: number;
}
