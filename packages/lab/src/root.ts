/**
 * The root that machines start from: Debian's smallest, and on it the image of a site's nodes, made by its own script. It takes
 * a minute or two from Debian's mirror, so it is kept by the digest of what it is made of; other programs of Warden's are put
 * into one that is kept in a second.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Image, Recipe } from "@warden/moodle/image";
import { enterRoot, removeFolder } from "./machine.ts";
import { cacheFolder } from "./places.ts";
import { LabRefusal } from "./refusal.ts";

/** Whose packages the recipe names; its PHP is 8.2. */
const suite = "bookworm";
/** What boots it; the image's own packages come by its script. */
const stock = ["ca-certificates", "systemd", "systemd-sysv"];

type Execute = (...command: string[]) => Promise<unknown>;

export interface RootParts {
  readonly recipe: Recipe;
  readonly image: Image;
}

/** @param within in front of each program that takes its time @returns its folder, which nobody writes to while machines run */
export async function preparedRoot(
  { recipe, image }: RootParts,
  within: readonly string[],
  tell: (text: string) => void,
): Promise<string> {
  const [first = "env", ...rest] = within;
  const execute: Execute = (...command) =>
    promisify(execFile)(first, [...rest, ...command], { maxBuffer: most }).catch((error: unknown) => {
      const said = error instanceof Error ? error.message.trim().split("\n").slice(1).slice(-3).join(" ") : "";
      const mend = "Debian's mirror has to be in reach; the next `warden lab up` tries again";
      throw new LabRefusal(`the machines' root cannot be made: ${said || `${command[0]} failed`}`, mend);
    });
  const root = join(cacheFolder, rootName(recipe));
  if (!existsSync(root)) await buildRoot(root, image, execute, tell);
  else if (imageIn(root) !== image.name) {
    tell("puts Warden's programs into the machines' root");
    await makeImage(root, image, execute);
  }
  return root;
}

/** Which packages are in it decides; Warden's own programs do not. */
export const rootName = (recipe: Recipe): string =>
  `root-${createHash("sha256")
    .update(JSON.stringify([suite, stock, recipe]))
    .digest("hex")
    .slice(0, 16)}`;

async function buildRoot(root: string, image: Image, execute: Execute, tell: (text: string) => void): Promise<void> {
  const began = Date.now();
  const building = `${root}.building`;
  removeFolder(building);
  mkdirSync(dirname(root), { recursive: true });
  tell(`makes the machines' root, once: Debian ${suite} from its mirror (a minute)`);
  await execute("debootstrap", "--variant=minbase", `--include=${stock.join(",")}`, suite, building);
  tell("installs nginx, PHP and Warden's programs in it (a minute)");
  await makeImage(building, image, execute);
  await execute("chroot", building, "apt-get", "clean");
  renameSync(building, root);
  tell(`the root is made and kept in ${root} (${Math.round((Date.now() - began) / 1000)} s)`);
}

const imageIn = (root: string): string => {
  const file = join(root, "opt/warden/image");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : "";
};

async function makeImage(root: string, image: Image, execute: Execute): Promise<void> {
  const at = (path: string): string => join(root, path);
  writeImage(root, image);
  // Packages start what they bring, and there is no other network here than this host's own.
  writeFileSync(at("usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n");
  chmodSync(at("usr/sbin/policy-rc.d"), 0o755);
  copyFileSync("/etc/resolv.conf", at("etc/resolv.conf"));
  const proxies = ["http_proxy", "https_proxy", "no_proxy"].flatMap((name) =>
    process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`],
  );
  await execute(...enterRoot(root, "/root/image/prepare.sh", proxies));
  for (const path of ["usr/sbin/policy-rc.d", "etc/resolv.conf"]) rmSync(at(path));
}

/** Its script and programs, to where they are run. */
export function writeImage(root: string, image: Image): void {
  for (const { name, text } of image.files) {
    const path = join(root, "root/image", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Of what they print, in bytes. */
const most = 1 << 26;
