/**
 * The statuses of Run Command and how a command's own status follows from those of its invocations (Systems Manager
 * guide, "Understanding command statuses"). `StatusDetails` is written without spaces on the wire, with spaces in the
 * guide.
 */
import type { CommandInvocationStatus, CommandStatus } from "@aws-sdk/client-ssm";

export type InvocationDetails =
  | "Pending"
  | "InProgress"
  | "Delayed"
  | "Cancelling"
  | "Success"
  | "DeliveryTimedOut"
  | "ExecutionTimedOut"
  | "Failed"
  | "Cancelled"
  | "Undeliverable"
  | "Terminated"
  | "InvalidPlatform";

export type CommandDetails = InvocationDetails | "Incomplete" | "NoInstancesInTag";

/** A command to which no instance answered by its tags is `Success`: nothing ran, and nothing failed either. */
const commandStatuses: Readonly<Record<CommandDetails, CommandStatus>> = {
  Pending: "Pending",
  InProgress: "InProgress",
  Delayed: "InProgress",
  Cancelling: "Cancelling",
  Success: "Success",
  DeliveryTimedOut: "TimedOut",
  ExecutionTimedOut: "TimedOut",
  Failed: "Failed",
  Cancelled: "Cancelled",
  Undeliverable: "Failed",
  Terminated: "Cancelled",
  InvalidPlatform: "Failed",
  Incomplete: "Failed",
  NoInstancesInTag: "Success",
};

const underWay: ReadonlySet<CommandDetails> = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);

export const statusOfCommand = (details: CommandDetails): CommandStatus => commandStatuses[details];
export const statusOfInvocation = (details: InvocationDetails): CommandInvocationStatus =>
  details === "Delayed" ? "Delayed" : statusOfCommand(details);
export const isTerminal = (details: CommandDetails): boolean => !underWay.has(details);

/** What counts against `MaxErrors`. A delivery time-out and an undeliverable invocation do not. */
export const isError = (details: InvocationDetails): boolean =>
  details === "Failed" || details === "ExecutionTimedOut" || details === "InvalidPlatform";

export interface Outcome {
  /** How many invocations ended with each status. */
  readonly ended: ReadonlyMap<InvocationDetails, number>;
  readonly targets: number;
  readonly maxErrors: number;
  readonly cancelled: boolean;
}

/** The status of a command whose invocations have all ended. */
export function commandOutcome({ ended, targets, maxErrors, cancelled }: Outcome): CommandDetails {
  const count = (details: InvocationDetails): number => ended.get(details) ?? 0;
  if (targets === 0) return "NoInstancesInTag";
  if (cancelled) return "Cancelled";
  const failed = count("Failed") + count("InvalidPlatform");
  const timedOut = count("ExecutionTimedOut");
  if (failed + timedOut > maxErrors) return failed > 0 ? "Failed" : "ExecutionTimedOut";
  if (count("DeliveryTimedOut") > maxErrors) return "DeliveryTimedOut";
  if (count("Undeliverable") === targets) return "Undeliverable";
  // Undeliverable invocations do not decide between Success and Incomplete.
  return count("Success") + count("Undeliverable") === targets ? "Success" : "Incomplete";
}
