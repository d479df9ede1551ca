/** Running programs inside a machine from outside, as its SSM agent would. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdir } from "node:fs";
import { join } from "node:path";
import { type Group, killGroup, spawnIn } from "./control-groups.ts";
import type { Ended } from "./processes.ts";

export interface Ran extends Ended {
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ran>;
  /** With all that it started. A process that hangs in a file system cannot be killed, so its end is not waited for. */
  kill(): void;
}

/** What is printed beyond is lost: a program that never stops printing fills nobody's memory. */
const mostOutput = 1 << 20;

let commands = 0;

/** @param group of the machine @param first its process 1, as this host numbers it */
export function startInside(
  group: Group,
  first: number,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Running {
  // systemd in the machine has the groups below `payload`; where there is none, limits count for the whole machine.
  const hasOwn = (each: string): boolean => existsSync(join(each, "payload"));
  const own = group.filter(hasOwn).map((each) => join(each, "payload", `command-${commands}`));
  commands += 1;
  for (const each of own) mkdirSync(each);
  const inside = ["-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w"];
  const variables = Object.entries({ PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", ...env });
  const child = spawnIn(
    [...own, ...group.filter((each) => !hasOwn(each))],
    [
      ...["nsenter", "-t", String(first), ...inside, "env", "-i"],
      ...variables.map(([variable, value]) => `${variable}=${value}`),
      ...["setsid", "-w", "/bin/sh", "-c", script],
    ],
  );
  const { promise: killed, resolve } = Promise.withResolvers<null>();
  const texts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (chunk: Buffer) => {
      texts[stream] += String(chunk).slice(0, mostOutput - texts[stream].length);
    });
  const closed = once(child, "close").then(() => child.exitCode);
  return {
    ended: Promise.race([closed, killed]).then((status) => {
      // What it left in the background may stay.
      for (const each of own) rmdir(each, () => {});
      return { status, ...texts };
    }),
    kill() {
      killGroup(own);
      resolve(null);
    },
  };
}

export function leader(spawned: ChildProcess | undefined): number {
  const found = leaderIn(spawned);
  if (found === undefined) throw new Error("the machine has no first process yet");
  return found;
}

/** The machine's process 1, as this host numbers it. */
export function leaderIn(spawned: ChildProcess | undefined): number | undefined {
  const pid = spawned?.pid;
  if (pid === undefined || !existsSync(`/proc/${pid}`)) return undefined;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return children.map(Number).find((child) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${child}/status`, "utf8")));
}
