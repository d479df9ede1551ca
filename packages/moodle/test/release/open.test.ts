/** An archive is believed by its bytes. */
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { digestOf, filesOf, sha256Of } from "../../src/release/files.ts";
import { branchOf, buildRelease, openRelease, readAbout, readLock } from "../../src/release/index.ts";
import { archiveIn } from "./archives.ts";
import { moodle, write } from "./tree.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-open-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("reads what the build made: its name, digest, manifest and what it was built from", async () => {
  const source = write(join(folder, "code"), moodle);
  const sha256 = digestOf(await filesOf(source));
  const lock = readLock(`moodle: { source: code, version: "4.5.1", sha256: ${sha256} }\n`);
  if (!lock.ok) throw new Error(JSON.stringify(lock.problems));
  const built = await buildRelease(lock.value, {
    ...{ sources: { beside: folder, fetch }, output: join(folder, "out"), tell: () => {} },
  });
  const { about, ...opened } = await openRelease(built.file);
  const { manifest, ...archive } = built;
  expect(opened).toEqual(archive);
  expect(readAbout(about)).toEqual({
    v: 1,
    manifest,
    bill: { components: [{ name: "moodle", version: "4.5.1", hashes: [{ alg: "SHA-256", content: sha256 }] }] },
  });
});

it("refuses an archive that is not the one that its name stands for", async () => {
  const { file } = await archiveIn(join(folder, "changed"));
  appendFileSync(file, "x");
  await expect(openRelease(file)).rejects.toThrow(/has the SHA-256 [0-9a-f]{64}, and its name says [0-9a-f]{32}…$/);
});

it.each(["release.tar.gz", "5.1.6.tar.gz", `5.1.6-${"a".repeat(32)}.zip`])("refuses %s by its name", async (name) => {
  const { file } = await archiveIn(join(folder, name));
  const other = join(folder, name, name);
  copyFileSync(file, other);
  await expect(openRelease(other)).rejects.toThrow(/is not named as a release is$/);
});

it.each<[string, (file: string) => Buffer]>([
  ["bytes that are no archive", () => Buffer.from("hello")],
  ["an archive that ends in the middle of its manifest", (file) => readFileSync(file).subarray(0, 60)],
  ["an archive of nothing", () => gzipSync(Buffer.alloc(1024))],
])("refuses %s", async (what, bytesOf) => {
  const { file } = await archiveIn(join(folder, what));
  const bytes = bytesOf(file);
  writeFileSync(file, bytes);
  const named = join(folder, what, `5.1.6-${(await sha256Of(file)).slice(0, 32)}.tar.gz`);
  writeFileSync(named, bytes);
  await expect(openRelease(named)).rejects.toThrow(/holds no release that this Warden can read$/);
});

it("refuses a release of a later make than it can read", async () => {
  const { file } = await archiveIn(join(folder, "later"), JSON.parse('{ "v": 2 }'));
  await expect(openRelease(file)).rejects.toThrow(/holds no release that this Warden can read$/);
});

it("knows Moodle's own names of its branches", () => {
  expect(["4.5", "5.0", "5.1", "5.10"].map(branchOf)).toEqual(["405", "500", "501", "510"]);
});
