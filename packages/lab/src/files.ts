/**
 * The shared file system, as EFS is one: a directory that every machine has mounted, each by a process of its own, so that one
 * or all can be slow, hang or fail. Between mounts holds what NFSv4 promises: who opens a file sees what was closed before,
 * locks exclude everybody, names and attributes are believed for a second, and so is that a name is not there.
 */
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { sharedFilesProgram } from "./files/build.ts";
import { type Conditions, type Counts, sumOf } from "./files/conditions.ts";
import { type Mount, mountOf } from "./files/mount.ts";

export type { Conditions, Counts };

export interface SharedFiles {
  /** Where this host sees it, through a mount of its own. While that hangs, who touches it waits: not from Node. */
  readonly directory: string;
  /** What a machine has at /mnt/efs: made once. */
  mountFor(machine: string): Promise<string>;
  /** When the machine is gone. */
  unmount(machine: string): Promise<void>;
  /** For every mount, also of machines that are still to come, or for that of one machine. Resolves when they are in force. */
  set(conditions: Partial<Conditions>, machine?: string): Promise<void>;
  /** Of every mount, or that of one machine. */
  counts(machine?: string): Promise<Counts>;
  end(): Promise<void>;
}

export interface FilesParts {
  readonly folder: string;
  /** Whose it is: the web user of the machines. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** In front of the file system's own processes. */
  readonly within: readonly string[];
}

export async function sharedFiles({ folder, owner, within }: FilesParts): Promise<SharedFiles> {
  const backing = join(folder, "efs");
  for (const path of [backing, join(backing, "temp")]) {
    mkdirSync(path);
    chownSync(path, owner.uid, owner.gid);
  }
  chmodSync(folder, 0o755);
  const command = [...within, await sharedFilesProgram()];
  const host = await mountOf(command, backing, join(folder, "mounted"));
  const machines = new Map<string, Promise<Mount>>();
  let common: Partial<Conditions> = {};

  async function mount(machine: string): Promise<Mount> {
    const made = await mountOf(command, backing, join(folder, "mounts", machine));
    await made.set(common);
    return made;
  }

  async function those(machine: string | undefined): Promise<readonly Mount[]> {
    if (machine === undefined) return [host, ...(await Promise.all(machines.values()))];
    const found = machines.get(machine);
    if (found === undefined) throw new Error(`${machine} has no mount of the shared files`);
    return [await found];
  }

  return {
    directory: host.directory,
    async mountFor(machine) {
      const made = machines.get(machine) ?? mount(machine);
      machines.set(machine, made);
      // One that failed is tried again.
      made.catch(() => machines.delete(machine));
      return (await made).directory;
    },
    async unmount(machine) {
      const made = machines.get(machine);
      machines.delete(machine);
      await (await made)?.end();
    },
    async set(conditions, machine) {
      if (machine === undefined) common = { ...common, ...conditions };
      await Promise.all((await those(machine)).map((each) => each.set(conditions)));
    },
    counts: async (machine) => sumOf(await Promise.all((await those(machine)).map((each) => each.counts()))),
    async end() {
      await Promise.all((await those(undefined)).map((each) => each.end()));
    },
  };
}
