/** One mount of the shared file system, and the process behind it. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { removeFolder } from "../machine.ts";
import { kill } from "../processes.ts";
import { type Conditions, type Counts, countsIn, healthy, orderOf } from "./conditions.ts";

export interface Mount {
  readonly directory: string;
  /** Resolves when they are in force. */
  set(conditions: Partial<Conditions>): Promise<void>;
  counts(): Promise<Counts>;
  end(): Promise<void>;
}

/** @param command the program, with what goes in front of it @param directory made here, and gone with the mount */
export async function mountOf(command: readonly string[], backing: string, directory: string): Promise<Mount> {
  mkdirSync(directory, { recursive: true });
  const [program = "", ...options] = [...command, backing, directory];
  const daemon = spawn(program, options, { stdio: ["pipe", "pipe", "pipe"] });
  const waiting: PromiseWithResolvers<string>[] = [];
  let complaints = "";
  let hasEnded = false;
  let conditions = healthy;
  daemon.stderr.on("data", (chunk: Buffer) => (complaints += String(chunk)));
  // Its answers come in the order of what it was told.
  createInterface({ input: daemon.stdout }).on("line", (line) => waiting.shift()?.resolve(line));
  daemon.on("error", (error) => (complaints += error.message));
  daemon.on("close", () => {
    hasEnded = true;
    for (const { reject } of waiting.splice(0)) reject(over());
  });
  // One that has ended takes no orders: "close" says so.
  daemon.stdin.on("error", () => {});

  const over = (): Error =>
    new Error(`the shared file system at ${directory} has ended${complaints === "" ? "" : `: ${complaints.trim()}`}`);

  function answer(): Promise<string> {
    if (hasEnded) return Promise.reject(over());
    const next = Promise.withResolvers<string>();
    waiting.push(next);
    return next.promise;
  }

  function ask(order: string): Promise<string> {
    const answered = answer();
    if (!hasEnded) daemon.stdin.write(`${order}\n`);
    return answered;
  }

  async function end(): Promise<void> {
    await kill(daemon);
    removeFolder(directory);
  }

  await answer().catch(async (error: unknown) => {
    await end();
    throw error;
  });
  return {
    directory,
    async set(changes) {
      conditions = { ...conditions, ...changes };
      const said = await ask(orderOf(conditions));
      if (said !== "taken") throw new Error(`the shared file system at ${directory} said: ${said}`);
    },
    counts: async () => countsIn(await ask("counts")),
    end,
  };
}
