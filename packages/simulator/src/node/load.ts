/**
 * What keeps a node busy: requests in flight and scheduled tasks. An open-loop model: the world says how many requests
 * a serving node has in flight, and those that were there when draining began end one after the other.
 */
import type { Clock } from "@warden/aws-local/clock";
import type { Random } from "@warden/aws-local/random";
import type { Range } from "@warden/aws-local/region";
import { isReady, type NodeState, tellServing } from "./node-state.ts";
import { siteFor } from "./schema.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface Load {
  inFlight(): number;
  runningTasks(): readonly string[];
  /** A scheduled or ad hoc task starts; false where cron no longer takes any. */
  startTask(name: string, duration: number): boolean;
  /** Takes the node out of rotation and signals cron; the second time it does nothing. */
  drain(): void;
  /** The site is closed: cron ends with its task, as when draining, and no request begins but for the notice. */
  close(): void;
  reopen(): void;
  /** For how long the oldest request has been at work, in milliseconds; 0 when there is none. */
  oldest(): number;
  /** The power goes: whatever still ran is lost. */
  cut(): void;
}

interface LoadParts {
  readonly state: NodeState;
  readonly shared: Readonly<SharedParts>;
  readonly clock: Clock;
  readonly random: Random;
  /** Requests in flight on a serving node at this moment. */
  readonly traffic: () => number;
  readonly request: Range;
}

export function createLoad({ state, shared, clock, random, traffic, request }: LoadParts): Load {
  const asked = (): number => (isReady(state) ? Math.max(0, Math.round(traffic())) : 0);
  /** Who comes while the site is closed has the notice at once. */
  const arriving = (): number => (shared.maintenance ? 0 : asked());
  const lastsFor = (): number => request.low + (request.high - request.low) * random.next();

  function inFlight(): number {
    const { draining, lastRequests } = state.memory;
    return draining ? lastRequests.filter((endsAt) => endsAt > clock.now()).length : arriving();
  }

  const runningTasks = (): readonly string[] =>
    state.memory.tasks.filter(({ endsAt }) => endsAt > clock.now()).map(({ name }) => name);

  /** Moodle's own cron runs nothing while the site is closed or waits for an upgrade. */
  const cronRuns = (): boolean => !shared.maintenance && siteFor(state.disk.release, shared.schema) === "installed";

  function endCron(): void {
    const { draining, cronStopped, cron } = state.memory;
    if (draining || cronStopped) return;
    for (const process of cron) process.sigterms += 1;
  }

  return {
    inFlight,
    runningTasks,
    startTask(name, duration) {
      const { memory, disk, told } = state;
      if (memory.draining || memory.cronStopped || memory.cron.length === 0 || !cronRuns()) return false;
      const now = clock.now();
      memory.tasks = [...memory.tasks.filter(({ endsAt }) => endsAt > now), { name, endsAt: now + duration }];
      told({ kind: "task", release: disk.release, until: now + duration });
      return true;
    },
    drain() {
      const { memory } = state;
      if (memory.draining) return;
      memory.lastRequests = Array.from({ length: arriving() }, () => clock.now() + lastsFor());
      endCron();
      memory.draining = true;
      tellServing(state);
    },
    close() {
      const { memory } = state;
      if (memory.cronStopped) return;
      endCron();
      memory.cronStopped = true;
      if (asked() > 0) memory.oldest = { beganAt: clock.now() - lastsFor(), endsAt: clock.now() + lastsFor() };
    },
    reopen() {
      state.memory.oldest = undefined;
    },
    oldest() {
      const { oldest } = state.memory;
      if (oldest !== undefined) return oldest.endsAt > clock.now() ? clock.now() - oldest.beganAt : 0;
      return inFlight() > 0 ? request.high : 0;
    },
    cut() {
      const tasks = runningTasks();
      state.losses.requests += inFlight();
      state.losses.tasks.push(...tasks);
      if (tasks.length > 0) state.told({ kind: "task", release: undefined, until: clock.now() });
    },
  };
}
