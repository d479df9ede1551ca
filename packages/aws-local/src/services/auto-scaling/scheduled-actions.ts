/** Scheduled actions: a new size at a time, or at every time of a cron expression in a time zone. */
import { AwsError } from "../../aws-error.ts";
import type { Timer } from "../../clock.ts";
import type { Surroundings } from "../../region.ts";
import { type Activities, secondsText } from "./activities.ts";
import { nextTime, parseCron } from "./cron.ts";
import { type Group, isSuspended } from "./groups.ts";
import type { Sizes } from "./sizes.ts";

export interface ScheduledAction {
  readonly name: string;
  readonly arn: string;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly recurrence: string | undefined;
  readonly timeZone: string | undefined;
  readonly minSize: number | undefined;
  readonly maxSize: number | undefined;
  readonly desiredCapacity: number | undefined;
  timer: Timer | undefined;
}

export interface ScheduledActionRequest {
  readonly ScheduledActionName: string;
  readonly Time?: Date | undefined;
  readonly StartTime?: Date | undefined;
  readonly EndTime?: Date | undefined;
  readonly Recurrence?: string | undefined;
  readonly TimeZone?: string | undefined;
  readonly MinSize?: number | undefined;
  readonly MaxSize?: number | undefined;
  readonly DesiredCapacity?: number | undefined;
}

export interface ScheduledActions {
  put(group: Group, request: ScheduledActionRequest): void;
  remove(group: Group, name: string): void;
  removeAll(group: Group): void;
}

export function createScheduledActions(
  surroundings: Surroundings,
  sizes: Pick<Sizes, "resize">,
  activities: Activities,
): ScheduledActions {
  const { clock, random, region, account } = surroundings;

  function put(group: Group, request: ScheduledActionRequest): void {
    const before = group.scheduledActions.get(request.ScheduledActionName);
    const action: ScheduledAction = {
      name: request.ScheduledActionName,
      arn:
        before?.arn ??
        `arn:aws:autoscaling:${region}:${account}:scheduledUpdateGroupAction:${random.uuid()}:autoScalingGroupName/${group.name}:scheduledActionName/${request.ScheduledActionName}`,
      startTime: (request.StartTime ?? request.Time)?.getTime(),
      endTime: request.EndTime?.getTime(),
      recurrence: request.Recurrence,
      timeZone: request.TimeZone,
      minSize: request.MinSize,
      maxSize: request.MaxSize,
      desiredCapacity: request.DesiredCapacity,
      timer: undefined,
    };
    check(action);
    before?.timer?.cancel();
    group.scheduledActions.set(action.name, action);
    schedule(group, action);
  }

  function check(action: ScheduledAction): void {
    const { minSize, maxSize, desiredCapacity, startTime, recurrence } = action;
    if (minSize === undefined && maxSize === undefined && desiredCapacity === undefined) {
      throw invalid("At least one of MinSize, MaxSize or DesiredCapacity must be specified");
    }
    if (minSize !== undefined && maxSize !== undefined && minSize > maxSize) {
      throw invalid("MinSize must be less than or equal to MaxSize");
    }
    if (recurrence !== undefined && parseCron(recurrence) === undefined) {
      throw invalid(`Given recurrence string: ${recurrence} is invalid`);
    }
    if (startTime === undefined && recurrence === undefined) {
      throw invalid("Either StartTime or Recurrence must be specified");
    }
    if (startTime !== undefined && startTime < clock.now()) throw invalid("Given start time is in the past");
    if (action.endTime !== undefined && action.endTime < clock.now()) throw invalid("Given end time is in the past");
  }

  /** A one-time action is forgotten once it ran; a recurring one when its end time passed. */
  function schedule(group: Group, action: ScheduledAction): void {
    const at = nextRun(action, clock.now());
    if (at === undefined) {
      group.scheduledActions.delete(action.name);
      return;
    }
    action.timer = clock.after(at - clock.now(), () => {
      run(group, action);
      if (action.recurrence === undefined) group.scheduledActions.delete(action.name);
      else schedule(group, action);
    });
  }

  function run(group: Group, action: ScheduledAction): void {
    if (isSuspended(group, "ScheduledActions") || group.deleting) return;
    const { minSize: MinSize, maxSize: MaxSize, desiredCapacity: DesiredCapacity } = action;
    const now = secondsText(clock.now());
    const what = `At ${now} the scheduled action ${action.name} executed.`;
    try {
      sizes.resize(
        group,
        { MinSize, MaxSize, DesiredCapacity },
        (from, to) => `${what} Changing desired capacity from ${from} to ${to}.`,
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      noteFailure(group, what, error);
    }
  }

  /** Its sizes are compared with the group's only when it runs. */
  function noteFailure(group: Group, cause: string, failure: AwsError): void {
    const activity = activities.begin(group, {
      description: "Executing scheduled action",
      cause,
      statusCode: "InProgress",
    });
    activities.end(group, activity, "Failed", failure.message);
  }

  function remove(group: Group, name: string): void {
    const action = group.scheduledActions.get(name);
    if (action === undefined) throw invalid(`Scheduled action name not found`);
    action.timer?.cancel();
    group.scheduledActions.delete(name);
  }

  function removeAll(group: Group): void {
    for (const name of [...group.scheduledActions.keys()]) remove(group, name);
  }

  return { put, remove, removeAll };
}

/** The next time that an action runs, after `now`. */
export function nextRun(action: ScheduledAction, now: number): number | undefined {
  const { recurrence, startTime, endTime } = action;
  if (recurrence === undefined) return startTime;
  const cron = parseCron(recurrence);
  if (cron === undefined) return undefined;
  const from = Math.max(now, (startTime ?? now) - 1);
  const next = nextTime(cron, action.timeZone ?? "Etc/UTC", from);
  return next === undefined || (endTime !== undefined && next > endTime) ? undefined : next;
}

const invalid = (message: string): AwsError => new AwsError("ValidationError", message);
