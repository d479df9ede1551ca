/**
 * How much of this host a control group may have: set where the host has the controller, in version 1 or version 2 of control
 * groups. Where it has none, nothing limits, and `limitsOf` says so.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Group } from "./control-groups.ts";

export interface Limits {
  /** Also part of one. */
  readonly processors: number;
  /** Bytes. Files that are kept in memory count, but for what a disk can take back. */
  readonly memory: number;
}

/** Microseconds after which a group has its time again: the kernel's own default. */
const period = 100_000;

/** No instance has swap, so a host's own is not lent to it. */
export function limitGroup(group: Group, { processors, memory }: Limits): void {
  for (const each of group) {
    enable(dirname(each));
    const set = (name: string, value: number | string): void => {
      if (existsSync(join(each, name))) writeFileSync(join(each, name), String(value));
    };
    set("memory.limit_in_bytes", memory);
    // Memory and swap together: never less than memory alone, so it comes second.
    set("memory.memsw.limit_in_bytes", memory);
    set("cpu.cfs_period_us", period);
    set("cpu.cfs_quota_us", Math.round(processors * period));
    set("memory.max", memory);
    set("memory.swap.max", 0);
    set("cpu.max", `${Math.round(processors * period)} ${period}`);
  }
}

/** What limits a group now. */
export function limitsOf(group: Group): Partial<Limits> {
  const read = (name: string): string | undefined => {
    const path = group.map((each) => join(each, name)).find((each) => existsSync(each));
    return path === undefined ? undefined : readFileSync(path, "utf8").trim();
  };
  const [quota, length] = read("cpu.max")?.split(" ") ?? [read("cpu.cfs_quota_us"), read("cpu.cfs_period_us")];
  const processors = Number(quota) / Number(length);
  const memory = Number(read("memory.max") ?? read("memory.limit_in_bytes"));
  return {
    // Version 1 writes no limit as -1, version 2 as `max`.
    ...(processors > 0 && { processors }),
    // Without a limit version 1 has one that no machine comes near.
    ...(memory < Number.MAX_SAFE_INTEGER && { memory }),
  };
}

/** In version 2 a group has those controllers that the one above hands on. */
function enable(parent: string): void {
  const [has, handsOn] = ["cgroup.controllers", "cgroup.subtree_control"].map((name) => {
    const path = join(parent, name);
    return existsSync(path) ? readFileSync(path, "utf8").split(/\s+/) : [];
  });
  const wanted = ["cpu", "memory"].filter((name) => has?.includes(name) && !handsOn?.includes(name));
  try {
    for (const name of wanted) writeFileSync(join(parent, "cgroup.subtree_control"), `+${name}`);
  } catch {
    // The kernel refuses where the one above has processes itself, as in many a container. Then nothing limits.
  }
}
