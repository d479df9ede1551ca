/**
 * StartMessageMoveTask: gives the messages of a dead-letter queue back to where they came from, or to another queue.
 * They are new messages there, with new ids and a new retention period (developer guide, dead-letter queue redrive).
 */
import { ResourceNotFoundException } from "@aws-sdk/client-sqs";
import type { Timer } from "../../clock.ts";
import type { Surroundings } from "../../region.ts";
import { invalidParameter, notModelled } from "./errors.ts";
import type { StoredMessage } from "./message.ts";
import type { Queue } from "./queue.ts";
import type { Registry } from "./registry.ts";

/** SQS chooses the rate itself when none is given; up to 500 a second. */
const highestRate = 500;

interface MoveTask {
  readonly handle: string;
  readonly source: Queue;
  readonly destination: Queue | undefined;
  readonly rate: number;
  readonly startedAt: number;
  readonly toMove: number;
  moved: number;
  status: "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";
  failureReason: string | undefined;
  timer: Timer | undefined;
}

export function createMoveTasks(surroundings: Surroundings, registry: Registry) {
  const { clock, random } = surroundings;
  const tasks: MoveTask[] = [];

  function start(sourceArn: string, destinationArn: string | undefined, rate = highestRate): string {
    const source = needed(sourceArn);
    if (source.settings.isFifo) throw notModelled("StartMessageMoveTask of a FIFO queue");
    if (rate < 1 || rate > highestRate)
      throw invalidParameter(
        "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: must be from 1 to 500.",
      );
    if (!registry.all().some((queue) => queue.settings.redrive?.deadLetterTargetArn === sourceArn))
      throw invalidParameter("Source queue must be configured as a Dead Letter Queue.");
    if (tasks.some((task) => task.source === source && task.status === "RUNNING"))
      throw invalidParameter(
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
      );
    const task: MoveTask = {
      handle: Buffer.from(JSON.stringify({ taskId: random.uuid(), sourceArn })).toString("base64"),
      source,
      destination: destinationArn === undefined ? undefined : needed(destinationArn),
      rate,
      startedAt: clock.now(),
      toMove: source.counts().visible,
      moved: 0,
      status: "RUNNING",
      failureReason: undefined,
      timer: undefined,
    };
    tasks.unshift(task);
    task.timer = clock.after(0, () => moveSome(task));
    return task.handle;
  }

  /** One second's worth. */
  function moveSome(task: MoveTask): void {
    for (let count = 0; count < task.rate; count++) {
      const message = task.source.takeOut();
      if (message === undefined) {
        task.status = "COMPLETED";
        return;
      }
      if (!moved(task, message)) return;
    }
    task.timer = clock.after(1000, () => moveSome(task));
  }

  /** A message that its destination does not take goes back, and ends the task. */
  function moved(task: MoveTask, message: StoredMessage): boolean {
    try {
      const target = task.destination ?? registry.need(message.deadLetterSourceArn ?? "");
      const withoutFifo = { messageGroupId: undefined, messageDeduplicationId: undefined };
      registry.send(target, { ...message, ...withoutFifo, delay: undefined });
      task.moved += 1;
      return true;
    } catch (error) {
      task.source.add(message, 0, message.receiveCount);
      task.status = "FAILED";
      task.failureReason = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  function cancel(handle: string): number {
    const task = tasks.find((other) => other.handle === handle);
    if (task?.status !== "RUNNING")
      throw new ResourceNotFoundException({ message: "Task does not exist.", $metadata: {} });
    task.timer?.cancel();
    task.status = "CANCELLED";
    return task.moved;
  }

  function list(sourceArn: string, most = 1) {
    const source = needed(sourceArn);
    return tasks
      .filter((task) => task.source === source)
      .slice(0, most)
      .map((task) => ({
        ...(task.status === "RUNNING" && { TaskHandle: task.handle }),
        ...(task.destination !== undefined && { DestinationArn: task.destination.arn }),
        ...(task.failureReason !== undefined && { FailureReason: task.failureReason }),
        Status: task.status,
        SourceArn: sourceArn,
        MaxNumberOfMessagesPerSecond: task.rate,
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.toMove,
        StartedTimestamp: task.startedAt,
      }));
  }

  function needed(arn: string): Queue {
    const queue = registry.find(arn);
    if (queue === undefined)
      throw new ResourceNotFoundException({
        message: "The resource that you specified for the SourceArn parameter doesn't exist.",
        $metadata: {},
      });
    return queue;
  }

  return { start, cancel, list };
}
