/**
 * Auto Scaling's lifecycle states, grouped by what Warden may do in them. The list is that of the 2026 API; a state
 * that is not in it is observed and never acted upon, because ABANDON on a guess kills a good node.
 */

export type Station =
  /** On its way in and not waiting for anyone. */
  | "pending"
  /** Held by the launch hooks. */
  | "pending-wait"
  | "in-service"
  /** Auto Scaling decided to end it: it is being deregistered, or past its hooks. */
  | "terminating"
  /** Held by the terminate hooks. */
  | "terminating-wait"
  /** Kept by its group's retention policy after an abandoned terminate hook, until someone ends it. */
  | "retained"
  /** In the group but out of service on purpose. */
  | "standby"
  /** Its root volume is being replaced: whatever was verified on it no longer counts. */
  | "root-volume"
  /** Waits in the warm pool. */
  | "pooled"
  | "ended"
  | "unknown";

const stations: Readonly<Record<string, Station>> = {
  Pending: "pending",
  "Pending:Wait": "pending-wait",
  "Pending:Proceed": "pending",
  InService: "in-service",
  Terminating: "terminating",
  "Terminating:Wait": "terminating-wait",
  "Terminating:Proceed": "terminating",
  "Terminating:Retained": "retained",
  Terminated: "ended",
  Detaching: "standby",
  Detached: "ended",
  EnteringStandby: "standby",
  Standby: "standby",
  Quarantined: "standby",
  ReplacingRootVolume: "root-volume",
  "ReplacingRootVolume:Wait": "root-volume",
  "ReplacingRootVolume:Proceed": "root-volume",
  "Warmed:Pending": "pending",
  "Warmed:Pending:Wait": "pending-wait",
  "Warmed:Pending:Proceed": "pending",
  "Warmed:Pending:Retained": "retained",
  "Warmed:Running": "pooled",
  "Warmed:Stopped": "pooled",
  "Warmed:Hibernated": "pooled",
  "Warmed:Terminating": "terminating",
  "Warmed:Terminating:Wait": "terminating-wait",
  "Warmed:Terminating:Proceed": "terminating",
  "Warmed:Terminating:Retained": "retained",
  "Warmed:Terminated": "ended",
};

export const stationOf = (lifecycleState: string): Station => stations[lifecycleState] ?? "unknown";

/** Pooled states belong to another passage than their namesakes without the prefix. */
export const inWarmPool = (lifecycleState: string): boolean => lifecycleState.startsWith("Warmed:");
