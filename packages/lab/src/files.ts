/** The shared file system: one directory that every machine mounts. A pass-through keeps it apart, so that it can hang. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { removeFolder } from "./machine.ts";
import { kill, until } from "./processes.ts";

export interface SharedFiles {
  /** Where this host sees it, through the file system itself. */
  readonly directory: string;
  /** What a machine has at /mnt/efs. */
  mountFor(machine: string): string;
  /** It answers nobody until `thaw`. */
  freeze(): void;
  thaw(): void;
  end(): Promise<void>;
}

export interface FilesParts {
  readonly folder: string;
  /** Whose it is: the web user of the machines. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** In front of the file system's own process. */
  readonly within: readonly string[];
}

export async function sharedFiles({ folder, owner, within }: FilesParts): Promise<SharedFiles> {
  const backing = join(folder, "efs");
  // Looked at through the mount, whose kernel remembers names for a second, as an NFS client does.
  const directory = join(folder, "mounted");
  for (const path of [backing, directory, join(backing, "temp")]) mkdirSync(path);
  chmodSync(folder, 0o755);
  for (const path of [backing, join(backing, "temp")]) chownSync(path, owner.uid, owner.gid);
  const [program = "", ...options] = [...within, "bindfs", "-f", "--multithreaded", backing, directory];
  const daemon: ChildProcess = spawn(program, options, { stdio: "ignore" });
  await until(() => {
    if (!readFileSync("/proc/self/mounts", "utf8").includes(` ${directory} `)) throw new Error("no mount");
  }, "the shared file system");
  return {
    directory,
    mountFor: () => directory,
    freeze: () => void daemon.kill("SIGSTOP"),
    thaw: () => void daemon.kill("SIGCONT"),
    async end() {
      await kill(daemon);
      removeFolder(directory);
    },
  };
}
