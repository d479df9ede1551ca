/** Archives as `warden moodle build` makes them, of hardly anything: for what is done with a release once it is built. */
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeArchive } from "../../src/release/archive.ts";
import type { ReleaseManifest } from "../../src/release/index.ts";

export interface ArchiveFile {
  readonly name: string;
  readonly file: string;
}

/** @param changes to a manifest of Moodle 5.1.6 with one plugin */
export async function archiveIn(folder: string, changes: Partial<ReleaseManifest> = {}): Promise<ArchiveFile> {
  mkdirSync(folder, { recursive: true });
  const manifest: ReleaseManifest = {
    ...{ v: 1, moodle: "5.1.6 (Build: 20260810)", branch: "501", versionsHash: "a".repeat(40), files: 2 },
    plugins: { mod_attendance: { version: "2025021500", path: "public/mod/attendance" } },
    ...changes,
  };
  const component = (name: string, version: string) => {
    return { type: "library", name, version, hashes: [{ alg: "SHA-256", content: `${name.length}c`.repeat(32) }] };
  };
  const plugins = Object.entries(manifest.plugins).map(([name, { version }]) => component(name, version));
  const version = manifest.moodle.split(" ")[0] ?? "";
  const bill = { bomFormat: "CycloneDX", components: [component("moodle", version), ...plugins] };
  const file = join(folder, "release.tar.gz");
  const extra = {
    "release.json": `${JSON.stringify(manifest)}\n`,
    "bill-of-materials.json": `${JSON.stringify(bill)}\n`,
    "version.php": "<?php\n",
  };
  const { digest } = await writeArchive(file, [], extra, () => {});
  const name = `${version}-${digest.slice(0, 32)}`;
  const named = join(folder, `${name}.tar.gz`);
  renameSync(file, named);
  return { name, file: named };
}
