/**
 * Libraries that a Moodle wants from Composer: installed when the release is built, never on a node. Releases from
 * packaging.moodle.org bring theirs; a tree from Git has only the list of them.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { type CodeFile, filesOf } from "./files.ts";
import { Refusal } from "./refusal.ts";

/** @returns files below `vendor/`; none where nothing is wanted, or all is there @throws Refusal */
export async function vendorFiles(files: readonly CodeFile[], workspace: string): Promise<readonly CodeFile[]> {
  const listed = files.find(({ path }) => path === "composer.json");
  const locked = files.find(({ path }) => path === "composer.lock");
  const brought = files.some(({ path }) => path === "vendor/autoload.php");
  if (listed === undefined || brought || !(await wantsPackages(listed.from))) return [];
  if (locked === undefined) throw new Refusal("Moodle wants libraries, and there is no composer.lock", "pin them");
  const folder = join(workspace, "composer");
  await mkdir(folder);
  await copyFile(listed.from, join(folder, "composer.json"));
  await copyFile(locked.from, join(folder, "composer.lock"));
  await install(folder);
  return (await filesOf(join(folder, "vendor"))).map((file) => ({ ...file, path: `vendor/${file.path}` }));
}

/** `php` and `ext-…` are no packages: they are there, or the node's verification says so. */
async function wantsPackages(file: string): Promise<boolean> {
  const { require } = composerJson.parse(JSON.parse(await readFile(file, "utf8")));
  return Object.keys(require).some((name) => name.includes("/"));
}

const composerJson = z.object({ require: z.record(z.string(), z.string()).default({}) });

/** Without scripts and plugins: they would run with the rights of whoever builds. */
async function install(folder: string): Promise<void> {
  const options = ["--no-dev", "--classmap-authoritative", "--no-scripts", "--no-plugins", "--no-interaction"];
  try {
    await promisify(execFile)("composer", ["install", ...options, "--ignore-platform-reqs", "--quiet"], {
      cwd: folder,
    });
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (missing) throw new Refusal("Moodle wants libraries, and there is no composer here", "install Composer");
    const said =
      error instanceof Error && "stderr" in error ? String(error.stderr).trim().slice(0, 300) : String(error);
    throw new Refusal(`composer install failed: ${said}`, "run it in Moodle's code to see why");
  }
}
