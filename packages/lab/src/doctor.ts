/** Which of Debian's packages the lab needs and this host does not have. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";

/** By the programs that are called, and the files that the shared file system is compiled from. */
const packages: Readonly<Record<string, string>> = {
  debootstrap: "debootstrap",
  fallocate: "util-linux",
  gcc: "gcc",
  haproxy: "haproxy",
  ip: "iproute2",
  mariadb: "mariadb-client-core",
  mariadbd: "mariadb-server-core",
  "mariadb-install-db": "mariadb-server-core",
  "mkfs.ext4": "e2fsprogs",
  nsenter: "util-linux",
  openssl: "openssl",
  "pkg-config": "pkg-config",
  "redis-cli": "redis-tools",
  "redis-server": "redis-server",
  "systemd-nspawn": "systemd-container",
  "/usr/include/fuse3/fuse_lowlevel.h": "libfuse3-dev",
  "/usr/include/stdlib.h": "libc6-dev",
};

/** @param has whether a program or a file is there */
export const missingPackages = (has: (name: string) => boolean = isInstalled): readonly string[] => [
  ...new Set(
    Object.entries(packages)
      .filter(([name]) => !has(name))
      .map(([, named]) => named),
  ),
];

/** @returns whether it went well; what apt-get says goes to the terminal */
export function installPackages(names: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...words: string[]): boolean => spawnSync("apt-get", words, { stdio: "inherit", env }).status === 0;
  return apt("update", "-qq") && apt("install", "--yes", "-qq", "--no-install-recommends", ...names);
}

function isInstalled(program: string): boolean {
  if (program.startsWith("/")) return existsSync(program);
  // A user's own path may lack what only root calls.
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.filter(Boolean).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
