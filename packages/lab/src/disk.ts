/** A machine's disk: a file of this host that takes only the room that is written to, with a file system of its own size. */
import { mkdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ended, run } from "./processes.ts";

export interface Disk {
  readonly folder: string;
  /** With blocks that are set aside, not written: this host's own disk stays as full as it is. */
  fill(): void;
  empty(): void;
}

const mebibyte = 2 ** 20;

/** It goes with its folder, once that is unmounted. @param size in bytes */
export function makeDisk(within: string, size: number): Disk {
  const [file, folder] = [join(within, "disk"), join(within, "mounted")];
  writeFileSync(file, "");
  truncateSync(file, size);
  // Nothing outlives the machine: no journal, and nothing kept back for root.
  run("mkfs.ext4", ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard", file]);
  mkdirSync(folder);
  run("mount", ["-o", "loop", file, folder]);
  const filling = join(folder, "filling");
  const empty = (): void => rmSync(filling, { recursive: true, force: true });
  return {
    folder,
    fill() {
      empty();
      mkdirSync(filling);
      const { bavail, bsize } = statfsSync(folder);
      const most = bavail * bsize - mebibyte;
      if (most > 0) run("fallocate", ["--length", String(most), join(filling, "most")]);
      // How much the file system needs to find it again is its own secret: this ends when there is no more.
      ended("cp", ["/dev/zero", join(filling, "rest")]);
    },
    empty,
  };
}
