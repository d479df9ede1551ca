/** The shared file system's program, compiled from the C beside this file; kept by the digest of what it is made of. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../places.ts";
import { LabRefusal } from "../refusal.ts";

const folder = import.meta.dirname;
const library = "fuse3";
const flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-DFUSE_USE_VERSION=312"];

/** @param cache where it is kept @returns where it is @throws LabRefusal where it cannot be compiled */
export async function sharedFilesProgram(cache = cacheFolder): Promise<string> {
  const sources = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  const digest = createHash("sha256").update(JSON.stringify(flags));
  for (const name of sources.sort()) digest.update(`${name}\n${readFileSync(join(folder, name), "utf8")}\n`);
  const program = join(cache, `shared-files-${digest.digest("hex").slice(0, 16)}`);
  if (!existsSync(program)) await compile(sources.filter((name) => name.endsWith(".c")).map(inFolder), program);
  return program;
}

const inFolder = (name: string): string => join(folder, name);

async function compile(sources: readonly string[], program: string): Promise<void> {
  mkdirSync(dirname(program), { recursive: true });
  // Another process may be at it, too: what is there under its name is whole.
  const own = `${program}.${process.pid}`;
  const found = await ran("pkg-config", "--cflags", "--libs", library);
  try {
    await ran("gcc", ...flags, "-o", own, ...sources, ...found.trim().split(/\s+/));
    renameSync(own, program);
  } finally {
    rmSync(own, { force: true });
  }
}

async function ran(program: string, ...options: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, options);
    return stdout;
  } catch (error) {
    const said = error instanceof Error ? error.message.trim() : String(error);
    throw new LabRefusal(
      `the shared file system cannot be compiled: ${said}`,
      "it needs Debian's gcc, libc6-dev, libfuse3-dev and pkg-config; `warden lab doctor --install` installs them",
    );
  }
}
