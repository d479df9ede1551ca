/** Which of Debian's packages the lab needs and this host does not have. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** By the programs that are called. */
const packages: Readonly<Record<string, string>> = {
  bindfs: "bindfs",
  debootstrap: "debootstrap",
  ip: "iproute2",
  mariadb: "mariadb-client-core",
  mariadbd: "mariadb-server-core",
  "mariadb-install-db": "mariadb-server-core",
  nsenter: "util-linux",
  openssl: "openssl",
  "redis-cli": "redis-tools",
  "redis-server": "redis-server",
  "systemd-nspawn": "systemd-container",
};

/** @param has whether a program is there */
export const missingPackages = (has: (program: string) => boolean = isInstalled): readonly string[] => [
  ...new Set(
    Object.entries(packages)
      .filter(([program]) => !has(program))
      .map(([, name]) => name),
  ),
];

/** @returns whether it went well; what apt-get says goes to the terminal */
export function installPackages(names: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...words: string[]): boolean => spawnSync("apt-get", words, { stdio: "inherit", env }).status === 0;
  return apt("update", "-qq") && apt("install", "--yes", "-qq", "--no-install-recommends", ...names);
}

function isInstalled(program: string): boolean {
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
