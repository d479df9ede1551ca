/** Runs with one seed after the other, in this thread or spread over several: what comes out is the same. */
import { Worker } from "node:worker_threads";
import type { RunRecord } from "@warden/simulator";
import { type CheckedRunOptions, checkedRun } from "./checked-run.ts";

export interface ManyRuns extends CheckedRunOptions {
  /** Of the first run. */
  readonly seed: number;
  readonly runs: number;
  /** Threads to spread the runs over; this one alone unless given. */
  readonly workers?: number;
}

/** What a thread is asked for. */
export interface AskedRun {
  readonly options: CheckedRunOptions;
  readonly seed: number;
  readonly index: number;
}

/** In the order of their seeds. */
export function checkedRuns(options: ManyRuns): AsyncGenerator<RunRecord> {
  const threads = Math.min(options.workers ?? 1, options.runs);
  // A mutant is made of functions, and those cannot be handed to another thread.
  return threads <= 1 || options.mutant !== undefined ? inThisThread(options) : inThreads(options, threads);
}

async function* inThisThread(options: ManyRuns): AsyncGenerator<RunRecord> {
  for (let index = 0; index < options.runs; index++) yield await checkedRun(options, options.seed + index, index + 1);
}

/** Each thread has its next run at hand while the one before is waited for; more would only fill the memory. */
const ahead = 2;

async function* inThreads(many: ManyRuns, count: number): AsyncGenerator<RunRecord> {
  const { scenario, source, transport, policy, seed, runs } = many;
  const options: CheckedRunOptions = { scenario, source, transport, policy };
  const threads = Array.from({ length: count }, startThread);
  const asked: Promise<RunRecord>[] = [];
  try {
    for (let index = 0; index < runs; index++) {
      while (asked.length < Math.min(runs, index + ahead * count)) {
        const next = asked.length;
        asked.push(threadFor(next).run({ options, seed: seed + next, index: next + 1 }));
      }
      const record = await asked[index];
      delete asked[index];
      if (record !== undefined) yield record;
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }

  function threadFor(index: number): Thread {
    const thread = threads[index % count];
    if (thread === undefined) throw new Error("there is no thread to run in");
    return thread;
  }
}

interface Thread {
  run(asked: AskedRun): Promise<RunRecord>;
  end(): Promise<unknown>;
}

function startThread(): Thread {
  const worker = new Worker(new URL("./run-thread.ts", import.meta.url));
  const waiting: PromiseWithResolvers<RunRecord>[] = [];
  worker.on("message", (record: RunRecord) => waiting.shift()?.resolve(record));
  worker.on("error", (error) => {
    for (const answer of waiting) answer.reject(error);
  });
  return {
    run(asked) {
      const answer = Promise.withResolvers<RunRecord>();
      // Whoever waits is told; until then a failure is nobody's surprise.
      answer.promise.catch(() => {});
      waiting.push(answer);
      worker.postMessage(asked);
      return answer.promise;
    },
    end: () => worker.terminate(),
  };
}
