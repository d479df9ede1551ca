/** A tree as one archive: the same files always give the same bytes. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import type { CodeFile } from "./files.ts";

export interface Archive {
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly digest: string;
  readonly size: number;
}

/** @param extra files that are made here, which come before all others @param tell how many files are in it */
export async function writeArchive(
  to: string,
  files: readonly CodeFile[],
  extra: Readonly<Record<string, string>>,
  tell: (done: number) => void,
): Promise<Archive> {
  const tar = pack();
  const filled = fill(tar, files, extra, tell).catch((error: Error) => tar.destroy(error));
  const hash = createHash("sha256");
  let size = 0;
  async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  await Promise.all([pipeline(tar, createGzip({ level: 6 }), counted, createWriteStream(to)), filled]);
  return { digest: hash.digest("hex"), size };
}

async function fill(
  tar: Pack,
  files: readonly CodeFile[],
  extra: Readonly<Record<string, string>>,
  tell: (done: number) => void,
): Promise<void> {
  for (const [path, text] of Object.entries(extra)) {
    const bytes = Buffer.from(text);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await pipeline(
      Readable.from([bytes]),
      tar.entry(headerOf({ path, size: bytes.length, executable: false, sha256 })),
    );
  }
  for (const [index, file] of files.entries()) {
    await pipeline(createReadStream(file.from), tar.entry(headerOf(file)));
    tell(index + 1);
  }
  tar.finalize();
}

const headerOf = ({ path, size, executable, sha256 }: Omit<CodeFile, "from">) => ({
  ...{ name: path, size, uid: 0, gid: 0, uname: "root", gname: "root" },
  mode: executable ? 0o755 : 0o644,
  mtime: timeFor(sha256),
});

/**
 * Made of the content: nginx tells browsers from a file's time and size whether it changed (ETag), so a time that is the
 * same for all files would keep an old file of the same size in every browser.
 */
const timeFor = (sha256: string): Date =>
  new Date((year2000 + (Number.parseInt(sha256.slice(0, 8), 16) % span)) * 1000);
const year2000 = 946_684_800;
/** Twenty years of seconds: no file comes from the future. */
const span = 630_720_000;
