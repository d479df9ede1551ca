/**
 * The one clock of an embedded AWS. Hook time-outs, visibility time-outs, alarms, deregistration delays, delivery
 * retries and TTLs all hang on it, so a test can let an hour pass in a millisecond.
 */
export interface Clock {
  /** Milliseconds since the epoch, in the time of this region. */
  now(): number;
  /** Runs `task` once, `delay` milliseconds of this clock from now (at least 0). */
  after(delay: number, task: () => void | Promise<void>): Timer;
  /** Runs `task` each `period` milliseconds of this clock, first after one period. */
  every(period: number, task: () => void | Promise<void>): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Real time, or `speed` times as fast. A task that fails is reported to `onError`: nothing awaits it. */
export function realClock(
  options: { speed?: number; onError?: (error: unknown) => void } = {},
): Clock & { stop(): void } {
  const speed = options.speed ?? 1;
  const startedAt = Date.now();
  const running = new Set<NodeJS.Timeout>();

  function after(delay: number, task: () => void | Promise<void>): Timer {
    const timeout = setTimeout(() => {
      running.delete(timeout);
      void guarded(task, options.onError);
    }, Math.max(0, delay) / speed);
    running.add(timeout);
    return {
      cancel() {
        running.delete(timeout);
        clearTimeout(timeout);
      },
    };
  }

  return {
    now: () => startedAt + (Date.now() - startedAt) * speed,
    after,
    every: (period, task) => repeating(after, period, task),
    stop() {
      for (const timeout of running) clearTimeout(timeout);
      running.clear();
    },
  };
}

export interface VirtualClock extends Clock {
  /**
   * Lets `duration` milliseconds pass: runs every task that falls due, in order of time and then of creation, and
   * awaits `settled` after each, so that all it set going has come to rest before time moves on.
   */
  advance(duration: number): Promise<void>;
  /** Advances until `condition` holds, looking after each task; fails when `limit` milliseconds have passed. */
  advanceUntil(condition: () => boolean | Promise<boolean>, limit: number): Promise<void>;
}

/** Time that passes only when told to. `settled` resolves when no work is under way. */
export function virtualClock(options: { startAt: number; settled?: () => Promise<void> }): VirtualClock {
  const settled = options.settled ?? (async () => {});
  let now = options.startAt;
  let created = 0;
  /** Ordered by (at, order): the next task is the last element. */
  const queue: { at: number; order: number; task: () => void | Promise<void> }[] = [];

  function after(delay: number, task: () => void | Promise<void>): Timer {
    const entry = { at: now + Math.max(0, delay), order: created++, task };
    queue.splice(insertionPoint(entry), 0, entry);
    return {
      cancel() {
        const index = queue.indexOf(entry);
        if (index >= 0) queue.splice(index, 1);
      },
    };
  }

  function insertionPoint(entry: { at: number; order: number }): number {
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = queue[middle];
      if (other !== undefined && (other.at > entry.at || (other.at === entry.at && other.order > entry.order)))
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Runs the next task that falls due by `until`, and all it sets going; false when there is none. */
  async function step(until: number): Promise<boolean> {
    const next = queue.at(-1);
    if (next === undefined || next.at > until) return false;
    queue.pop();
    now = next.at;
    await next.task();
    await settled();
    return true;
  }

  async function advance(duration: number): Promise<void> {
    const until = now + duration;
    await settled();
    while (await step(until));
    now = until;
  }

  async function advanceUntil(condition: () => boolean | Promise<boolean>, limit: number): Promise<void> {
    const until = now + limit;
    await settled();
    while (!(await condition())) {
      if (!(await step(until))) throw new Error(`the condition did not hold within ${limit / 1000} s of virtual time`);
    }
  }

  return { now: () => now, after, every: (period, task) => repeating(after, period, task), advance, advanceUntil };
}

function repeating(after: Clock["after"], period: number, task: () => void | Promise<void>): Timer {
  let current: Timer;
  const again = (): void => {
    current = after(period, () => {
      again();
      return task();
    });
  };
  again();
  return { cancel: () => current.cancel() };
}

async function guarded(task: () => void | Promise<void>, onError?: (error: unknown) => void): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (onError === undefined) throw error;
    onError(error);
  }
}
