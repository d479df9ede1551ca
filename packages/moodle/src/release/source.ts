/** From what a lock names to its files, once their digest is the pinned one. */
import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { unzipSync } from "fflate";
import * as tar from "tar";
import { type CodeFile, digestOf, filesOf, sha256Of } from "./files.ts";
import type { Pinned } from "./lock.ts";
import { Refusal } from "./refusal.ts";

export interface Sources {
  /** Where the lock lies: paths in it begin here. */
  readonly beside: string;
  /** An empty directory of the build's own. */
  readonly workspace: string;
  readonly fetch: (address: string) => Promise<Response>;
}

/** @throws Refusal */
export async function opened(name: string, pinned: Pinned, sources: Sources): Promise<readonly CodeFile[]> {
  const { source } = pinned;
  const local = source.startsWith("https://")
    ? await downloaded(name, source, sources)
    : resolve(sources.beside, source);
  const kind = await stat(local).catch(() => undefined);
  if (kind === undefined) throw new Refusal(`${name}: there is no ${local}`, "mend its source in the lock");
  if (kind.isDirectory()) {
    const files = await filesOf(local);
    check(name, pinned, digestOf(files));
    return files;
  }
  check(name, pinned, await sha256Of(local));
  return filesOf(await unpacked(name, local, join(sources.workspace, "unpacked", name)));
}

function check(name: string, { source, sha256 }: Pinned, found: string): void {
  if (found === sha256) return;
  throw new Refusal(
    `${name}: ${source} has the SHA-256 ${found}, and the lock pins ${sha256}`,
    "find out why it changed before you pin the new one",
  );
}

async function downloaded(name: string, address: string, { workspace, fetch }: Sources): Promise<string> {
  const file = join(workspace, "downloaded", `${name}${/\.zip(?:\?|$)/.test(address) ? ".zip" : ".tgz"}`);
  await mkdir(dirname(file), { recursive: true });
  const answer = await fetch(address);
  if (!answer.ok || answer.body === null) {
    throw new Refusal(`${name}: ${address} answers ${answer.status}`, "mend its source in the lock, or try again");
  }
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
  return file;
}

async function unpacked(name: string, archive: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  try {
    if (archive.endsWith(".zip")) await unzip(archive, folder);
    // Of its own accord it writes nothing above the folder, and takes no absolute names.
    else await tar.extract({ file: archive, cwd: folder, strict: true, filter: (_, entry) => "type" in entry });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${name}: ${archive} cannot be unpacked: ${why}`, "a .tgz, .tar.gz or .zip is needed");
  }
  return withoutWrapper(folder);
}

async function unzip(archive: string, folder: string): Promise<void> {
  for (const [path, bytes] of Object.entries(unzipSync(await readFile(archive)))) {
    const file = resolve(folder, path);
    if (!file.startsWith(`${folder}/`)) throw new Error(`${path} lies outside of it`);
    if (path.endsWith("/")) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

/** Archives of Moodle and of its plugins have one folder around everything. */
async function withoutWrapper(folder: string): Promise<string> {
  const [first, ...others] = await readdir(folder, { withFileTypes: true });
  return first?.isDirectory() && others.length === 0 ? join(folder, first.name) : folder;
}
