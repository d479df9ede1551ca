/** Moodle and its plugins as one tree: each plugin where this Moodle looks for it. */
import { join } from "node:path";
import { type Code, codeOf } from "./code.ts";
import { vendorFiles } from "./composer.ts";
import type { CodeFile } from "./files.ts";
import type { Lock } from "./lock.ts";
import { Refusal } from "./refusal.ts";
import { nonsenseIn } from "./sense.ts";
import { opened, type Sources } from "./source.ts";

export interface Tree {
  /** Sorted by path. */
  readonly files: readonly CodeFile[];
  readonly code: Code;
}

/** @param tell of each step @throws Refusal with every problem that was found */
export async function assemble(lock: Lock, sources: Sources, tell: (step: string) => void): Promise<Tree> {
  tell(`Moodle ${lock.moodle.version}`);
  let files = await opened("moodle", lock.moodle, sources);
  if (files.some(({ path }) => path === "config.php")) {
    throw new Refusal("Moodle's source holds a config.php", "take it out: nodes get theirs with the configuration");
  }
  files = joined(files, await vendorFiles(files, sources.workspace), "composer");
  let code = await codeOf(files);
  // A plugin may bring a type for others: once around more for each such step.
  let waiting = Object.keys(lock.plugins);
  while (waiting.length > 0) {
    const next = waiting.filter((name) => typeOf(name) in code.types);
    if (next.length === 0)
      throw new Refusal(`${waiting.join(", ")}: this Moodle has no such type of plugin`, checkNames);
    for (const name of next) {
      tell(name);
      files = joined(files, await filesOfPlugin(name, lock, code, sources), name);
    }
    code = await codeOf(files);
    waiting = waiting.filter((name) => !next.includes(name));
  }
  const problems = nonsenseIn(lock, code);
  if (problems.length > 0) throw new Refusal(problems.join("\n"), "mend the lock, or take other versions");
  return { files, code };
}

const checkNames = "mend the plugin's name: its type stands before the first _";
const typeOf = (name: string): string => name.slice(0, name.indexOf("_"));

async function filesOfPlugin(
  name: string,
  lock: Lock,
  { types }: Code,
  sources: Sources,
): Promise<readonly CodeFile[]> {
  const pinned = lock.plugins[name];
  if (pinned === undefined) return [];
  const folder = pinned.path ?? join(types[typeOf(name)] ?? "", name.slice(name.indexOf("_") + 1));
  return (await opened(name, pinned, sources)).map((file) => ({ ...file, path: `${folder}/${file.path}` }));
}

function joined(files: readonly CodeFile[], more: readonly CodeFile[], name: string): readonly CodeFile[] {
  const known = new Set(files.map(({ path }) => path));
  const twice = more.find(({ path }) => known.has(path));
  if (twice !== undefined) {
    throw new Refusal(
      `${name}: ${twice.path} is there already`,
      "what Moodle brings itself does not belong in the lock",
    );
  }
  return [...files, ...more].sort((a, b) => (a.path < b.path ? -1 : 1));
}
