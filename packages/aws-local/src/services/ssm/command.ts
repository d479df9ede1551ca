/** A command and its invocations, as Run Command keeps them. */
import type { DocumentResult, RunningDocument } from "../../region.ts";
import type { CommandDetails, InvocationDetails } from "./command-status.ts";
import type { DocumentStep, ParameterValues } from "./document-content.ts";
import type { DocumentVersion } from "./document-versions.ts";

/** What a command was sent with, after all checks. */
export interface CommandRequest {
  readonly document: DocumentVersion;
  readonly step: DocumentStep;
  /** As the caller wrote it: `$DEFAULT`, `$LATEST` or a number. */
  readonly documentVersion: string;
  readonly parameters: ParameterValues;
  readonly effectiveParameters: ParameterValues;
  readonly instanceIds: readonly string[];
  readonly targets: readonly { readonly key: string; readonly values: readonly string[] }[];
  readonly comment: string;
  /** Seconds within which an invocation has to start. */
  readonly timeoutSeconds: number;
  readonly executionTimeout: number;
  readonly maxConcurrency: Limit;
  readonly maxErrors: Limit;
}

/** As written (`10`, `10%`), and what it comes to for this command's targets. */
export interface Limit {
  readonly written: string;
  readonly count: number;
}

export interface Command extends CommandRequest {
  readonly commandId: string;
  readonly requestedAt: number;
  /** Reads do not know the command before. */
  readonly visibleAt: number;
  /** When the total of delivery and execution time-out has passed. */
  readonly expiresAt: number;
  readonly invocations: ReadonlyMap<string, Invocation>;
  readonly statuses: StatusHistory<CommandDetails>;
  readonly ended: Map<InvocationDetails, number>;
  endedCount: number;
  errors: number;
  cancelled: boolean;
}

export interface Invocation {
  readonly command: Command;
  readonly instanceId: string;
  readonly statuses: StatusHistory<InvocationDetails>;
  startedAt: number | undefined;
  endedAt: number | undefined;
  result: DocumentResult | undefined;
  running: RunningDocument | undefined;
}

/** Every status with its time: reads may be a little behind. Never empty. */
export type StatusHistory<Details> = { readonly at: number; readonly details: Details }[];

export const newInvocation = (command: Command, instanceId: string, now: number): Invocation => ({
  command,
  instanceId,
  statuses: [{ at: now, details: "Pending" }],
  startedAt: undefined,
  endedAt: undefined,
  result: undefined,
  running: undefined,
});

export const detailsOf = (invocation: Invocation): InvocationDetails => latest(invocation.statuses);
export const commandDetails = (command: Command): CommandDetails => latest(command.statuses);

function latest<Details>(statuses: StatusHistory<Details>): Details {
  const last = statuses.at(-1);
  if (last === undefined) throw new Error("a status history is never empty");
  return last.details;
}

/** The status as a read sees it that is behind by the time since `asOf`. */
export function statusAsOf<Details>(statuses: StatusHistory<Details>, asOf: number): Details {
  return (statuses.findLast(({ at }) => at <= asOf) ?? statuses[0])?.details ?? latest(statuses);
}
