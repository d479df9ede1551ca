/**
 * What callers may know of commands: GetCommandInvocation, ListCommands, ListCommandInvocations. All are eventually
 * consistent: a new command is unknown at first, and a status may be a little old.
 */
import * as ssm from "@aws-sdk/client-ssm";
import type { Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { drawn } from "./agents.ts";
import { type Command, type Invocation, statusAsOf } from "./command.ts";
import { type InvocationDetails, isTerminal, statusOfCommand, statusOfInvocation } from "./command-status.ts";
import type { Commands } from "./commands.ts";
import { page } from "./paging.ts";
import { validationError } from "./validation-error.ts";

/** Longest outputs in characters: stdout and stderr of GetCommandInvocation, and both together in a list. */
const mostStandardOutput = 24_000;
const mostStandardError = 8_000;
const mostListedOutput = 2_500;

type Reads = Pick<
  Operations<typeof ssm>,
  "GetCommandInvocation" | "ListCommands" | "ListCommandInvocations" | "CancelCommand"
>;

export function commandReads({ clock, random, timings }: Surroundings, commands: Commands): Reads {
  const asOf = (): number => clock.now() - drawn(timings.staleReads, random.next());
  const isVisible = (command: Command): boolean => command.visibleAt <= clock.now();

  function getInvocation(input: Validated<ssm.GetCommandInvocationRequest>): ssm.GetCommandInvocationResult {
    const command = commands.find(input.CommandId);
    const invocation = command?.invocations.get(input.InstanceId);
    if (command === undefined || invocation === undefined || !isVisible(command))
      throw new ssm.InvocationDoesNotExist({ message: "", $metadata: {} });
    if (input.PluginName !== undefined && input.PluginName !== command.step.name)
      throw new ssm.InvalidPluginName({ message: "The plugin name isn't valid.", $metadata: {} });
    return describeResult(invocation, statusAsOf(invocation.statuses, asOf()));
  }

  function listCommands(input: Validated<ssm.ListCommandsRequest>): ssm.ListCommandsResult {
    const at = asOf();
    const filters = readFilters(input.Filters, (command: Command) => statusAsOf(command.statuses, at));
    const matching = candidates(input, isVisible).filter((command) => filters.every((matches) => matches(command)));
    const { items, next } = page(matching, ({ commandId }) => commandId, input, 50);
    return { Commands: items.map((command) => describeCommand(command, at)), ...next };
  }

  function listInvocations(input: Validated<ssm.ListCommandInvocationsRequest>): ssm.ListCommandInvocationsResult {
    if (input.Filters?.some(({ key }) => key === "ExecutionStage"))
      throw new ssm.InvalidFilterKey({
        message: "ExecutionStage can't be used with ListCommandInvocations.",
        $metadata: {},
      });
    const at = asOf();
    const filters = readFilters(input.Filters, (_: Command, invocation: Invocation | undefined) =>
      invocation === undefined ? "Pending" : statusAsOf(invocation.statuses, at),
    );
    const matching = candidates(input, isVisible)
      .flatMap((command) => invocationsOf(command, input.InstanceId))
      .filter((invocation) => filters.every((matches) => matches(invocation.command, invocation)));
    const { items, next } = page(matching, invocationKey, input, 50);
    const describe = (invocation: Invocation) => describeInvocation(invocation, at, input.Details === true);
    return { CommandInvocations: items.map(describe), ...next };
  }

  function candidates(
    input: { CommandId?: string | undefined; InstanceId?: string | undefined },
    isCandidate: (command: Command) => boolean,
  ): readonly Command[] {
    if (input.CommandId === undefined) return commands.all(input.InstanceId).filter(isCandidate);
    const command = commands.find(input.CommandId);
    if (command === undefined || !isCandidate(command)) return [];
    return input.InstanceId === undefined || command.invocations.has(input.InstanceId) ? [command] : [];
  }

  function cancel(input: Validated<ssm.CancelCommandRequest>): ssm.CancelCommandResult {
    const command = commands.find(input.CommandId);
    if (command === undefined)
      throw new ssm.InvalidCommandId({ message: "The specified command ID isn't valid.", $metadata: {} });
    const unknown = (input.InstanceIds ?? []).some((instanceId) => !command.invocations.has(instanceId));
    if (unknown) throw new ssm.InvalidInstanceId({ message: "", $metadata: {} });
    const some = input.InstanceIds !== undefined && input.InstanceIds.length > 0;
    commands.cancel(command, some ? input.InstanceIds : undefined);
    return {};
  }

  return {
    GetCommandInvocation: getInvocation,
    ListCommands: listCommands,
    ListCommandInvocations: listInvocations,
    CancelCommand: cancel,
  };
}

const invocationKey = ({ command, instanceId }: Invocation): string => `${command.commandId} ${instanceId}`;

function invocationsOf(command: Command, instanceId: string | undefined): readonly Invocation[] {
  if (instanceId === undefined) return [...command.invocations.values()];
  const invocation = command.invocations.get(instanceId);
  return invocation === undefined ? [] : [invocation];
}

// ---- Descriptions -----------------------------------------------------------------------------------------------

export function describeCommand(command: Command, asOf: number): ssm.Command {
  const details = statusAsOf(command.statuses, asOf);
  const count = (ended: InvocationDetails): number => command.ended.get(ended) ?? 0;
  return {
    CommandId: command.commandId,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    Comment: command.comment,
    ExpiresAfter: new Date(command.expiresAt),
    Parameters: mutable(command.parameters),
    InstanceIds: command.targets.length > 0 ? [] : [...command.instanceIds],
    Targets: command.targets.map(({ key, values }) => ({ Key: key, Values: [...values] })),
    RequestedDateTime: new Date(command.requestedAt),
    Status: statusOfCommand(details),
    StatusDetails: details,
    OutputS3BucketName: "",
    OutputS3KeyPrefix: "",
    MaxConcurrency: command.maxConcurrency.written,
    MaxErrors: command.maxErrors.written,
    TargetCount: command.invocations.size,
    CompletedCount: command.endedCount,
    ErrorCount: command.errors,
    DeliveryTimedOutCount: count("DeliveryTimedOut"),
    TimeoutSeconds: command.timeoutSeconds,
  };
}

function describeInvocation(invocation: Invocation, asOf: number, withDetails: boolean): ssm.CommandInvocation {
  const { command, instanceId } = invocation;
  const details = statusAsOf(invocation.statuses, asOf);
  return {
    CommandId: command.commandId,
    InstanceId: instanceId,
    InstanceName: "",
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    RequestedDateTime: new Date(command.requestedAt),
    Status: statusOfInvocation(details),
    StatusDetails: details,
    StandardOutputUrl: "",
    StandardErrorUrl: "",
    CommandPlugins: withDetails ? [describePlugin(invocation, details)] : [],
  };
}

function describePlugin(invocation: Invocation, details: InvocationDetails): ssm.CommandPlugin {
  const { command, startedAt, endedAt } = invocation;
  const result = visibleResult(invocation, details);
  const status = statusOfInvocation(details);
  return {
    Name: command.step.name,
    // A plugin knows neither Delayed nor Cancelling.
    Status: status === "Delayed" ? "Pending" : status === "Cancelling" ? "InProgress" : status,
    StatusDetails: details,
    ResponseCode: result?.exitCode ?? -1,
    Output: listedOutput(result),
    StandardOutputUrl: "",
    StandardErrorUrl: "",
    ...(startedAt === undefined ? {} : { ResponseStartDateTime: new Date(startedAt) }),
    ...(endedAt === undefined || !isTerminal(details) ? {} : { ResponseFinishDateTime: new Date(endedAt) }),
  };
}

function listedOutput(result: Invocation["result"]): string {
  if (result === undefined) return "";
  const error = result.stderr === "" ? "" : `\n----------ERROR-------\n${result.stderr}`;
  return `${result.stdout}${error}`.slice(0, mostListedOutput);
}

function describeResult(invocation: Invocation, details: InvocationDetails): ssm.GetCommandInvocationResult {
  const { command, instanceId, startedAt, endedAt } = invocation;
  const result = visibleResult(invocation, details);
  const ended = isTerminal(details) && startedAt !== undefined ? endedAt : undefined;
  return {
    CommandId: command.commandId,
    InstanceId: instanceId,
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    PluginName: command.step.name,
    ResponseCode: result?.exitCode ?? -1,
    ExecutionStartDateTime: startedAt === undefined || details === "Pending" ? "" : new Date(startedAt).toISOString(),
    ExecutionElapsedTime:
      ended === undefined || startedAt === undefined ? "" : `PT${((ended - startedAt) / 1000).toFixed(3)}S`,
    ExecutionEndDateTime: ended === undefined ? "" : new Date(ended).toISOString(),
    Status: statusOfInvocation(details),
    StatusDetails: details,
    StandardOutputContent: result?.stdout.slice(0, mostStandardOutput) ?? "",
    StandardOutputUrl: "",
    StandardErrorContent: result?.stderr.slice(0, mostStandardError) ?? "",
    StandardErrorUrl: "",
    CloudWatchOutputConfig: { CloudWatchLogGroupName: "", CloudWatchOutputEnabled: false },
  };
}

/** Output is empty until the run has ended, also for a reader who does not know yet that it has. */
const visibleResult = (invocation: Invocation, details: InvocationDetails): Invocation["result"] =>
  isTerminal(details) ? invocation.result : undefined;

const mutable = (parameters: Command["parameters"]): Record<string, string[]> =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]]));

// ---- Filters ----------------------------------------------------------------------------------------------------

type Matcher = (command: Command, invocation?: Invocation) => boolean;

function readFilters(
  filters: readonly ssm.CommandFilter[] | undefined,
  detailsOf: (command: Command, invocation: Invocation | undefined) => string,
): Matcher[] {
  return (filters ?? []).map(({ key, value }) => matcher(String(key), value ?? "", detailsOf));
}

function matcher(
  key: string,
  value: string,
  detailsOf: (command: Command, invocation: Invocation | undefined) => string,
): Matcher {
  switch (key) {
    case "InvokedAfter":
      return ({ requestedAt }) => requestedAt >= instant(value);
    case "InvokedBefore":
      return ({ requestedAt }) => requestedAt < instant(value);
    case "DocumentName":
      return ({ document }) => document.name === value;
    case "Status":
      return (command, invocation) => matchesStatus(detailsOf(command, invocation), value);
    case "ExecutionStage":
      return (command) => isComplete(detailsOf(command, undefined)) === (value === "Complete");
    default:
      throw new ssm.InvalidFilterKey({ message: `The filter key ${key} isn't valid.`, $metadata: {} });
  }
}

/** `TimedOut` stands for both kinds of time-out. */
const matchesStatus = (details: string, value: string): boolean =>
  details === value || (value === "TimedOut" && details.endsWith("TimedOut"));

const isComplete = (details: string): boolean => !["Pending", "InProgress", "Delayed", "Cancelling"].includes(details);

function instant(value: string): number {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw validationError(`${value} isn't a valid timestamp.`);
  return time;
}
