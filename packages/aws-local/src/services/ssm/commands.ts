/**
 * The life of a command: dispatched to at most `MaxConcurrency` instances at a time, delivered to the agent or
 * retried when the agent is back, run, and ended, by the agent's report or by the clock. Nothing here looks into
 * a machine: an agent that died in the middle of a run only shows by its silence until the command expires.
 */
import type { DocumentResult, EventIntake, Hosts, Instances, RunningDocument, Surroundings } from "../../region.ts";
import { drawn, type ManagedNodes } from "./agents.ts";
import {
  type Command,
  type CommandRequest,
  commandDetails,
  detailsOf,
  type Invocation,
  newInvocation,
} from "./command.ts";
import { commandEvent, invocationEvent } from "./command-events.ts";
import { type CommandDetails, commandOutcome, type InvocationDetails, isError, isTerminal } from "./command-status.ts";

export interface Commands {
  send(request: CommandRequest): Command;
  cancel(command: Command, instanceIds: readonly string[] | undefined): void;
  find(commandId: string): Command | undefined;
  /** Newest first; with an instance, those that were sent to it. */
  all(instanceId?: string): readonly Command[];
}

interface Neighbours {
  readonly hosts: Hosts;
  readonly instances: Instances;
  readonly events: EventIntake;
  readonly nodes: ManagedNodes;
}

/** Run Command keeps the history of commands for thirty days. */
const historyKept = 30 * 24 * 3_600_000;

export function createCommands(surroundings: Surroundings, { hosts, instances, events, nodes }: Neighbours): Commands {
  const { clock, random, timings } = surroundings;
  const commands = new Map<string, Command>();
  const byInstance = new Map<string, Command[]>();
  /** Invocations that found no agent, by instance. */
  const delayed = new Map<string, Set<Invocation>>();
  /** Invocations that wait for a free place under `MaxConcurrency`. */
  const queues = new Map<Command, Invocation[]>();
  nodes.onPing(retry);

  function send(request: CommandRequest): Command {
    forgetOld();
    const command = register(request);
    clock.after(command.expiresAt - clock.now(), () => expire(command));
    dispatch(command);
    if (command.invocations.size === 0) settle(command);
    return command;
  }

  function register(request: CommandRequest): Command {
    const now = clock.now();
    const invocations = new Map<string, Invocation>();
    const command: Command = {
      ...request,
      commandId: random.uuid(),
      requestedAt: now,
      visibleAt: now + drawn(timings.commandVisible, random.next()),
      expiresAt: now + (request.timeoutSeconds + request.executionTimeout) * 1000,
      invocations,
      statuses: [{ at: now, details: "Pending" }],
      ended: new Map(),
      endedCount: 0,
      errors: 0,
      cancelled: false,
    };
    for (const instanceId of request.instanceIds) {
      invocations.set(instanceId, newInvocation(command, instanceId, now));
      const sent = byInstance.get(instanceId);
      if (sent === undefined) byInstance.set(instanceId, [command]);
      else sent.push(command);
    }
    commands.set(command.commandId, command);
    queues.set(command, [...invocations.values()]);
    return command;
  }

  /** Gives free places to invocations that wait, unless too many have failed. */
  function dispatch(command: Command): void {
    const queue = queues.get(command) ?? [];
    if (command.errors > command.maxErrors.count) {
      terminate(command, queue);
      return;
    }
    let free = command.maxConcurrency.count - (command.invocations.size - queue.length - command.endedCount);
    for (; free > 0 && queue.length > 0; free -= 1) {
      const invocation = queue.shift();
      if (invocation !== undefined)
        clock.after(drawn(timings.commandDelivery, random.next()), () => deliver(invocation));
    }
  }

  /** Those that already run still finish. */
  function terminate(command: Command, queue: Invocation[]): void {
    queues.delete(command);
    for (const invocation of queue) end(invocation, "Terminated");
  }

  function deliver(invocation: Invocation): void {
    const { command, instanceId } = invocation;
    if (invocation.running !== undefined || isTerminal(detailsOf(invocation))) return;
    // Past its time to start it does not run any more; it ends when the command expires.
    if (clock.now() > command.requestedAt + command.timeoutSeconds * 1000) return;
    if (isGone(instanceId) || !nodes.isRegistered(instanceId)) end(invocation, "Undeliverable");
    else if (command.step.action !== "aws:runShellScript") end(invocation, "InvalidPlatform");
    else handToAgent(invocation);
  }

  function handToAgent(invocation: Invocation): void {
    const { command, instanceId } = invocation;
    const running = hosts.find(instanceId)?.run({
      commandId: command.commandId,
      documentName: command.document.name,
      documentVersion: command.document.version,
      parameters: command.effectiveParameters,
      content: command.document.parsed,
      executionTimeout: command.executionTimeout,
    });
    if (running === undefined) delay(invocation);
    else start(invocation, running);
  }

  function isGone(instanceId: string): boolean {
    const state = instances.find(instanceId)?.state;
    return state === undefined || state === "shutting-down" || state === "terminated";
  }

  function delay(invocation: Invocation): void {
    const waiting = delayed.get(invocation.instanceId) ?? new Set();
    delayed.set(invocation.instanceId, waiting.add(invocation));
    change(invocation, "Delayed");
  }

  /** The agent is there again. */
  function retry(instanceId: string): void {
    const waiting = delayed.get(instanceId);
    if (waiting === undefined) return;
    delayed.delete(instanceId);
    for (const invocation of waiting)
      clock.after(drawn(timings.commandDelivery, random.next()), () => deliver(invocation));
  }

  function start(invocation: Invocation, running: RunningDocument): void {
    invocation.running = running;
    invocation.startedAt = clock.now();
    change(invocation, "InProgress");
    if (commandDetails(invocation.command) === "Pending") changeCommand(invocation.command, "InProgress");
    void running.finished.then((result) => {
      invocation.result = result;
      end(invocation, resultDetails(invocation, result));
    });
  }

  function resultDetails(invocation: Invocation, result: DocumentResult): InvocationDetails {
    if (result.timedOut === true) return "ExecutionTimedOut";
    if (result.exitCode === 0) return "Success";
    return detailsOf(invocation) === "Cancelling" ? "Cancelled" : "Failed";
  }

  function end(invocation: Invocation, details: InvocationDetails): void {
    // The agent's report about a run that already expired changes nothing.
    if (isTerminal(detailsOf(invocation))) return;
    const { command } = invocation;
    delayed.get(invocation.instanceId)?.delete(invocation);
    invocation.endedAt = clock.now();
    command.ended.set(details, (command.ended.get(details) ?? 0) + 1);
    command.endedCount += 1;
    if (isError(details)) command.errors += 1;
    change(invocation, details);
    if (command.endedCount === command.invocations.size) settle(command);
    else dispatch(command);
  }

  function settle(command: Command): void {
    if (isTerminal(commandDetails(command))) return;
    queues.delete(command);
    const { ended, cancelled, invocations, maxErrors } = command;
    changeCommand(command, commandOutcome({ ended, cancelled, targets: invocations.size, maxErrors: maxErrors.count }));
  }

  /** Whatever has not ended when the total time-out has passed: nobody knows what became of it. */
  function expire(command: Command): void {
    queues.delete(command);
    for (const invocation of command.invocations.values())
      end(invocation, detailsOf(invocation) === "Cancelling" ? "Cancelled" : "DeliveryTimedOut");
  }

  function cancel(command: Command, instanceIds: readonly string[] | undefined): void {
    if (isTerminal(commandDetails(command))) return;
    if (instanceIds === undefined) {
      command.cancelled = true;
      changeCommand(command, "Cancelling");
    }
    for (const invocation of command.invocations.values())
      if (instanceIds === undefined || instanceIds.includes(invocation.instanceId)) cancelInvocation(invocation);
  }

  /** There is no guarantee that what runs is stopped: the agent has to do it. */
  function cancelInvocation(invocation: Invocation): void {
    if (isTerminal(detailsOf(invocation))) return;
    if (invocation.running === undefined) {
      leaveQueue(invocation);
      end(invocation, "Cancelled");
    } else {
      change(invocation, "Cancelling");
      invocation.running.cancel();
    }
  }

  function leaveQueue(invocation: Invocation): void {
    const queue = queues.get(invocation.command) ?? [];
    const place = queue.indexOf(invocation);
    if (place >= 0) queue.splice(place, 1);
  }

  function change(invocation: Invocation, details: InvocationDetails): void {
    if (detailsOf(invocation) === details) return;
    invocation.statuses.push({ at: clock.now(), details });
    events.emit(invocationEvent(invocation, details, surroundings));
  }

  function changeCommand(command: Command, details: CommandDetails): void {
    command.statuses.push({ at: clock.now(), details });
    events.emit(commandEvent(command, details, surroundings));
  }

  function forgetOld(): void {
    for (const command of commands.values()) {
      if (command.requestedAt + historyKept > clock.now()) return;
      commands.delete(command.commandId);
      for (const instanceId of command.instanceIds) forgetFor(instanceId, command);
    }
  }

  function forgetFor(instanceId: string, command: Command): void {
    const left = (byInstance.get(instanceId) ?? []).filter((each) => each !== command);
    if (left.length === 0) byInstance.delete(instanceId);
    else byInstance.set(instanceId, left);
  }

  return {
    send,
    cancel,
    find: (commandId) => commands.get(commandId),
    all: (instanceId) =>
      (instanceId === undefined ? [...commands.values()] : [...(byInstance.get(instanceId) ?? [])]).reverse(),
  };
}
