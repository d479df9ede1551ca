/** Files of a tree of code, in one order and with nothing in them that differs from one machine to the next. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "./refusal.ts";

export interface CodeFile {
  /** Below the root, with slashes. */
  readonly path: string;
  /** Where its bytes are on this machine. */
  readonly from: string;
  readonly size: number;
  readonly executable: boolean;
  readonly sha256: string;
}

/** Sorted by path. What belongs to the place where it was developed is left out. @throws Refusal */
export async function filesOf(root: string): Promise<readonly CodeFile[]> {
  const paths = (await pathsIn(root, "")).sort();
  const files: CodeFile[] = [];
  for (let start = 0; start < paths.length; start += atATime) {
    files.push(...(await Promise.all(paths.slice(start, start + atATime).map((path) => fileAt(root, path)))));
  }
  return files;
}

/** Moodle has thirty thousand files; so many are read side by side. */
const atATime = 32;

async function fileAt(root: string, path: string): Promise<CodeFile> {
  const from = join(root, path);
  const { size, mode } = await lstat(from);
  return { path, from, size, executable: (mode & 0o100) !== 0, sha256: await sha256Of(from) };
}

/** One digest for all of them: of names, modes and contents. */
export function digestOf(files: readonly CodeFile[]): string {
  const hash = createHash("sha256");
  for (const { path, executable, sha256 } of files) hash.update(`${path}\0${executable ? "x" : "-"}\0${sha256}\n`);
  return hash.digest("hex");
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

async function pathsIn(root: string, below: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (leftOut.has(entry.name)) continue;
    if (entry.isDirectory()) found.push(...(await pathsIn(root, path)));
    else if (entry.isFile()) found.push(path);
    else throw new Refusal(`${path} is neither a file nor a directory`, "a release holds files alone, no links");
  }
  return found;
}

const leftOut: ReadonlySet<string> = new Set([".git", ".github", ".svn", ".idea", ".DS_Store", "node_modules"]);
