/** A lock for a source tree as it lies there: for whoever trusts it, as a lab does that is on the same machine. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf, filesOf } from "./files.ts";
import type { Lock } from "./lock.ts";
import { Refusal } from "./refusal.ts";

/** @throws Refusal where there is no Moodle */
export async function pinned(tree: string): Promise<Lock> {
  const version = await versionOf(tree);
  return { moodle: { source: tree, version, sha256: digestOf(await filesOf(tree)) }, plugins: {} };
}

/** What it is, PHP says when the release is built: this is only what it has to be. */
async function versionOf(tree: string): Promise<string> {
  for (const file of ["public/version.php", "version.php"]) {
    const text = await readFile(join(tree, file), "utf8").catch(() => "");
    const [, version] = /^\$release\s*=\s*'([^\s']+)/m.exec(text) ?? [];
    if (version !== undefined) return version;
  }
  throw new Refusal(`${tree} is no source tree of Moodle`, "it has to hold Moodle's own version.php");
}
