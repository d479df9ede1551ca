/** A thread that runs what it is asked for, one after the other: two worlds at once would share this thread's turns. */
import { parentPort } from "node:worker_threads";
import { checkedRun } from "./checked-run.ts";
import type { AskedRun } from "./checked-runs.ts";

let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (asked: AskedRun) => {
  last = last.then(() => answer(asked));
});

async function answer({ options, seed, index }: AskedRun): Promise<void> {
  parentPort?.postMessage(await checkedRun(options, seed, index));
}
