#!/usr/bin/env node
/** The `warden` command as a process: hands over the real terminal, clock and user, and exits with the status. */
import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Screen, Surroundings } from "./context.ts";
import { warden } from "./run.ts";

/** A reader that has seen enough (`warden nodes | head -1`) is no failure. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const now = (): number => Date.now();

const surroundings: Surroundings = {
  out: screen(process.stdout),
  err: screen(process.stderr),
  env: process.env,
  now,
  sleep: pause,
  user: () => userInfo().username,
  interruption,
  reach: async (target) => (await import("./reach.ts")).reach(target, now),
  startLocal: async (options, tell) => (await import("@warden/worlds/local")).startLocal(options, tell),
  lab: () => import("@warden/lab"),
};

process.exitCode = await warden(process.argv.slice(2), surroundings);

function screen(stream: NodeJS.WriteStream): Screen {
  return {
    write: (text) => void stream.write(text),
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    isTTY: stream.isTTY,
  };
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

/** 130 is what shells report for a process that Ctrl-C ended. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}
