/**
 * What a function may do, as data beside it: the stack attaches it to the function's role, the embedded AWS enforces
 * it, `warden doctor` compares it with what is there. One action a grant, so that a missing one can be named.
 */
export interface Grant {
  /** As IAM names it: `ssm:SendCommand`. */
  readonly action: string;
  readonly on: readonly Resource[];
}

/**
 * What a grant reaches, in the deployment's own terms; the world turns each into ARNs. `anything` stands for actions
 * that take no resource at all.
 */
export type Resource =
  | "anything"
  | "groups"
  | "target groups"
  | "documents"
  /** Of the stage, as their tag says. */
  | "instances"
  | "table"
  | "lanes"
  | "own lane"
  /** The normal lane's. */
  | "dead letters"
  | "bus"
  /** All of the account: it is asked which of them are on, not by name. */
  | "alarms"
  /** By which people are told. */
  | "topic"
  | "last good"
  /** Of configurations, and releases. */
  | "bundles"
  | "secrets";

/** Several actions on the same resources. */
export function allow(actions: readonly string[], ...on: readonly Resource[]): Grant[] {
  return actions.map((action) => ({ action, on }));
}
