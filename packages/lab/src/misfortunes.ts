/** What can befall one machine: done to it from outside, as nobody asks a machine that breaks. */
import { readFileSync } from "node:fs";
import { groupsNamed, membersOf } from "./control-groups.ts";
import type { Misfortune } from "./faults.ts";
import type { Machine } from "./machine.ts";

/** Ends a fault. */
export type Undo = () => void | Promise<void>;

/** @param name of its control groups @returns nothing where there is no way back */
export async function befall(what: Misfortune, name: string, machine: Machine): Promise<Undo | undefined> {
  switch (what) {
    case "power":
      await machine.cutPower();
      return undefined;
    case "network":
      machine.cutNetwork();
      return machine.joinNetwork;
    case "freeze":
      machine.freeze();
      return machine.thaw;
    case "disk":
      machine.fillDisk();
      return machine.emptyDisk;
    case "workers":
      signalWorkers(name, "SIGSTOP");
      return () => signalWorkers(name, "SIGCONT");
  }
}

/** Those of every pool; their master goes on, and starts no others in their place. */
function signalWorkers(name: string, signal: "SIGSTOP" | "SIGCONT"): void {
  const group = [...groupsNamed((each) => each === name).values()].flat();
  for (const pid of membersOf(group)) if (isWorker(pid)) process.kill(pid, signal);
}

function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("php-fpm: pool ");
  } catch {
    // It ended meanwhile.
    return false;
  }
}
