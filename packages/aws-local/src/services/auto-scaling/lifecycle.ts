/**
 * The life of an instance in a group or in its warm pool, as a discriminated union: what AWS calls the lifecycle
 * state, with what must be known while the instance is in it. `members.ts` moves instances from state to state.
 */
import type { LifecycleState } from "@aws-sdk/client-auto-scaling";
import type { ScalingActivity } from "./activities.ts";
import type { LifecycleAction } from "./hooks.ts";

/** Where an instance comes from and goes to, in the words of lifecycle events. */
export type Place = "EC2" | "AutoScalingGroup" | "WarmPool";

interface Launching {
  /** On its way into the warm pool rather than into the group. */
  readonly pool: boolean;
  readonly origin: Place;
  /** Launch hooks run, which they do not for attached instances and on the way back from standby. */
  readonly hooks: boolean;
  readonly activity: ScalingActivity;
}

interface Leaving {
  /** Leaves the warm pool rather than the group. */
  readonly pool: boolean;
  readonly destination: Place;
  readonly activity: ScalingActivity;
}

/** Target groups that still drain the instance. */
interface Draining {
  readonly draining: readonly string[];
}

export type Lifecycle =
  | ({ readonly state: "Pending" } & Launching)
  | ({ readonly state: "Pending:Wait"; readonly actions: readonly LifecycleAction[] } & Launching)
  | ({ readonly state: "Pending:Proceed" } & Launching)
  | { readonly state: "InService"; readonly pool: false; readonly since: number }
  /** `hooks`: terminate hooks run, which they do not for an instance that is already dead. */
  | ({ readonly state: "Terminating"; readonly hooks: boolean } & Leaving & Draining)
  | ({ readonly state: "Terminating:Wait"; readonly actions: readonly LifecycleAction[] } & Leaving)
  /** `asked`: EC2 was told to terminate or stop the instance. */
  | ({ readonly state: "Terminating:Proceed"; readonly asked: boolean } & Leaving)
  | { readonly state: "Terminating:Retained"; readonly pool: boolean }
  | { readonly state: "Terminated"; readonly pool: boolean }
  | ({ readonly state: "Detaching"; readonly pool: boolean; readonly activity: ScalingActivity } & Draining)
  | { readonly state: "Detached"; readonly pool: boolean }
  | ({ readonly state: "EnteringStandby"; readonly pool: false; readonly activity: ScalingActivity } & Draining)
  | { readonly state: "Standby"; readonly pool: false }
  | { readonly state: "Running" | "Stopped"; readonly pool: true };

/** As AWS writes it: `Warmed:` stands before every state of the warm pool. */
export function lifecycleState(lifecycle: Lifecycle): LifecycleState {
  if (!lifecycle.pool) return groupState(lifecycle);
  return poolState(lifecycle);
}

function groupState(lifecycle: Exclude<Lifecycle, { pool: true }>): LifecycleState {
  return lifecycle.state;
}

function poolState(lifecycle: Lifecycle): LifecycleState {
  switch (lifecycle.state) {
    case "Pending":
      return "Warmed:Pending";
    case "Pending:Wait":
      return "Warmed:Pending:Wait";
    case "Pending:Proceed":
      return "Warmed:Pending:Proceed";
    case "Running":
      return "Warmed:Running";
    case "Stopped":
      return "Warmed:Stopped";
    case "Terminating":
      return "Warmed:Terminating";
    case "Terminating:Wait":
      return "Warmed:Terminating:Wait";
    case "Terminating:Proceed":
      return "Warmed:Terminating:Proceed";
    case "Terminating:Retained":
      return "Warmed:Terminating:Retained";
    case "Terminated":
      return "Warmed:Terminated";
    // AWS has no words of its own for the last three in a warm pool.
    case "InService":
    case "Detaching":
    case "Detached":
    case "EnteringStandby":
    case "Standby":
      return lifecycle.state;
  }
}

/** Counts toward desired capacity: in service or on the way there. Standby, retained and leaving ones do not. */
export function countsAsCapacity(lifecycle: Lifecycle): boolean {
  return !lifecycle.pool && (lifecycle.state === "InService" || isLaunching(lifecycle));
}

export function isLaunching(lifecycle: Lifecycle): lifecycle is Extract<Lifecycle, { origin: Place }> {
  return lifecycle.state === "Pending" || lifecycle.state === "Pending:Wait" || lifecycle.state === "Pending:Proceed";
}

/** In the warm pool, ready for the group. */
export const isResting = ({ state }: Lifecycle): boolean => state === "Running" || state === "Stopped";

export function isLeaving(lifecycle: Lifecycle): boolean {
  return lifecycle.state.startsWith("Terminat") || lifecycle.state === "Detaching" || lifecycle.state === "Detached";
}
