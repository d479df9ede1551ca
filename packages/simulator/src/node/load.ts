/**
 * What keeps a node busy: requests in flight and scheduled tasks. An open-loop model: the world says how many requests
 * a serving node has in flight, and those that were there when draining began end one after the other.
 */
import type { Clock } from "@warden/aws-local/clock";
import type { Random } from "@warden/aws-local/random";
import type { Range } from "@warden/aws-local/region";
import { isReady, type NodeState } from "./node-state.ts";

export interface Load {
  inFlight(): number;
  runningTasks(): readonly string[];
  /** A scheduled or ad hoc task starts; false where cron no longer takes any. */
  startTask(name: string, duration: number): boolean;
  /** Takes the node out of rotation and signals cron; the second time it does nothing. */
  drain(): void;
  /** The power goes: whatever still ran is lost. */
  cut(): void;
}

interface LoadParts {
  readonly state: NodeState;
  readonly clock: Clock;
  readonly random: Random;
  /** Requests in flight on a serving node at this moment. */
  readonly traffic: () => number;
  readonly request: Range;
}

export function createLoad({ state, clock, random, traffic, request }: LoadParts): Load {
  const arriving = (): number => (isReady(state) ? Math.max(0, Math.round(traffic())) : 0);

  function inFlight(): number {
    const { draining, lastRequests } = state.memory;
    return draining ? lastRequests.filter((endsAt) => endsAt > clock.now()).length : arriving();
  }

  const runningTasks = (): readonly string[] =>
    state.memory.tasks.filter(({ endsAt }) => endsAt > clock.now()).map(({ name }) => name);

  return {
    inFlight,
    runningTasks,
    startTask(name, duration) {
      const { cron, draining, tasks } = state.memory;
      if (draining || cron.length === 0) return false;
      const now = clock.now();
      state.memory.tasks = [...tasks.filter(({ endsAt }) => endsAt > now), { name, endsAt: now + duration }];
      return true;
    },
    drain() {
      const { memory } = state;
      if (memory.draining) return;
      const endOfRequest = (): number => clock.now() + request.low + (request.high - request.low) * random.next();
      memory.lastRequests = Array.from({ length: arriving() }, endOfRequest);
      memory.draining = true;
      for (const process of memory.cron) process.sigterms += 1;
    },
    cut() {
      state.losses.requests += inFlight();
      state.losses.tasks.push(...runningTasks());
    },
  };
}
