/**
 * Control groups of this host, by name: in each of its trees, be they version 1, version 2 or both. What is in a group can
 * be ended as a whole, whatever it started; root needed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const controllers = "/sys/fs/cgroup";

const trees = (): string[] => {
  if (!existsSync(controllers)) return [];
  return (
    (existsSync(join(controllers, "cgroup.controllers")) ? ["."] : readdirSync(controllers))
      // A new group of this one takes nobody before it was given processors.
      .filter((tree) => tree !== "cpuset")
      .map((tree) => join(controllers, tree))
      .filter((tree) => existsSync(join(tree, "cgroup.procs")))
  );
};

/** Its folders, one in each tree. */
export type Group = readonly string[];

export function makeGroup(name: string): Group {
  const group = trees().map((tree) => join(tree, name));
  for (const each of group) mkdirSync(each, { recursive: true });
  return group;
}

/** Whatever there is of groups with such names. */
export function groupsNamed(matches: (name: string) => boolean): ReadonlyMap<string, Group> {
  const found = new Map<string, string[]>();
  for (const tree of trees())
    for (const path of below(tree)) {
      const name = path.slice(tree.length + 1);
      if (matches(name)) found.set(name, [...(found.get(name) ?? []), path]);
    }
  return found;
}

/** In front of a command: it is in these groups from its first moment. */
export const joining = (group: Group): string[] => [
  ...["/bin/sh", "-c", `${group.map((each) => `echo $$ >"${each}/cgroup.procs"`).join("; ")}; exec "$@"`, "sh"],
];

export function spawnIn(group: Group, command: readonly string[]): ChildProcess {
  const [shell = "", ...rest] = [...joining(group), ...command];
  return spawn(shell, rest, { stdio: ["ignore", "pipe", "pipe"] });
}

/** Ends whatever is in a group and below it. */
export function killGroup(group: Group): void {
  for (const each of group.filter((path) => existsSync(path))) {
    if (existsSync(join(each, "cgroup.kill"))) writeFileSync(join(each, "cgroup.kill"), "1");
    for (const pid of members(each)) end(pid);
    // Version 1 lets nobody end that is frozen.
    if (existsSync(join(each, "freezer.state"))) writeFileSync(join(each, "freezer.state"), "THAWED");
  }
}

/** Nobody in a group goes on until `thawGroup`. */
export const freezeGroup = (group: Group): void => freezeOrThaw(group, "1", "FROZEN");

export const thawGroup = (group: Group): void => freezeOrThaw(group, "0", "THAWED");

/** In version 2 of control groups each has a switch; in version 1 those of one tree. */
function freezeOrThaw(group: Group, two: string, one: string): void {
  const its = (name: string): string[] => group.map((each) => join(each, name)).filter((path) => existsSync(path));
  const switches = its("cgroup.freeze");
  for (const path of switches) writeFileSync(path, two);
  if (switches.length === 0) for (const path of its("freezer.state")) writeFileSync(path, one);
}

/** Ids of the processes in a group and below it. */
export const membersOf = (group: Group): ReadonlySet<number> =>
  new Set(group.filter((path) => existsSync(path)).flatMap(members));

/** A group can be removed when its last process is gone, which takes a moment. */
export async function removeGroup(group: Group): Promise<void> {
  for (const each of group)
    for (let tries = 0; existsSync(each); tries++) {
      try {
        removeTree(each);
      } catch (error) {
        if (tries === 100) throw error;
        await sleep(50);
      }
    }
}

function removeTree(path: string): void {
  for (const each of below(path)) removeTree(each);
  rmdirSync(path);
}

function members(path: string): number[] {
  try {
    const own = readFileSync(join(path, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
    return [...own, ...below(path).flatMap(members)];
  } catch (error) {
    // It went while it was looked at.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENODEV")) return [];
    throw error;
  }
}

const below = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name));

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
