/** Programs of the distribution, started and ended from here. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
}

/** What it prints; its words on standard error are part of the failure. */
export const run = (command: string, options: readonly string[], env: NodeJS.ProcessEnv = process.env): string =>
  execFileSync(command, options, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });

/** How it ended, whatever that was. */
export function ended(command: string, options: readonly string[], env: NodeJS.ProcessEnv = process.env): Ended {
  const { status, stdout, error } = spawnSync(command, options, { encoding: "utf8", env });
  if (error !== undefined) throw error;
  return { status, stdout };
}

/** The first line that it prints; it is ended then, whatever else it would do. */
export function firstLineOf(
  command: string,
  options: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, { env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    let complaints = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += String(chunk);
      if (text.includes("\n")) child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => (complaints += String(chunk)));
    child.on("error", reject);
    child.on("close", () => {
      const end = text.indexOf("\n");
      if (end < 0) reject(new Error(`${command} ${options.join(" ")} printed no line: ${text}${complaints}`));
      else resolve(text.slice(0, end));
    });
  });
}

/** A program that ends by itself, unless it is killed. */
export interface Running {
  readonly ended: Promise<Ended>;
  kill(): Promise<void>;
}

export interface Processes {
  start(command: string, options: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess;
  run(command: string, options: readonly string[], env?: NodeJS.ProcessEnv, input?: string): Running;
  /** Ends all that were started. */
  end(): Promise<void>;
}

export function processes(): Processes {
  const children: ChildProcess[] = [];
  return {
    start(command, options, env = process.env) {
      const child = spawn(command, options, { env, stdio: ["ignore", "pipe", "ignore"] });
      child.stdout.resume();
      children.push(child);
      return child;
    },
    run(command, options, env = process.env, input = "") {
      const child = spawn(command, options, { env, stdio: ["pipe", "pipe", "ignore"] });
      children.push(child);
      let stdout = "";
      child.stdout.on("data", (chunk: Buffer) => (stdout += String(chunk)));
      // One that is killed before it reads has no use for it.
      child.stdin.on("error", () => {}).end(input);
      return { ended: once(child, "close").then(() => ({ status: child.exitCode, stdout })), kill: () => kill(child) };
    },
    async end() {
      await Promise.all(children.map(kill));
    },
  };
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/**
 * On which nobody listens on loopback. Below those that the kernel gives to whoever asks for any, and of this process alone:
 * none that runs beside it gets the same one before its server has it.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const port = ofThisProcess + (ports++ % 20);
    if (await isFree(port)) return port;
  }
  throw new Error(`all ports from ${ofThisProcess} on are taken`);
}

const ofThisProcess = 10_000 + (process.pid % 1000) * 20;
let ports = 0;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** Tries again until it does not throw, for half a minute. */
export async function until<Value>(look: () => Value, what: string): Promise<Awaited<Value>> {
  for (let tries = 0; ; tries++) {
    try {
      return await look();
    } catch (error) {
      if (tries >= 300) throw new Error(`${what} did not come up`, { cause: error });
      await sleep(100);
    }
  }
}
