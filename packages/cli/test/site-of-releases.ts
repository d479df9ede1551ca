/** The fake world's site with releases: what it has came from one of them, and a file describes it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleOf } from "@warden/moodle/bundle";
import { openRelease } from "@warden/moodle/release";
import { readSiteConfiguration } from "@warden/moodle/site";
import { type ArchiveFile, archiveIn } from "../../moodle/test/release/archives.ts";
import { addNode, addSite, type FakeWorld, fakeWorld } from "./fake-world.ts";
import { school } from "./school.ts";

const moodle = school.replace("site: school", "site: moodle");

export interface Releases {
  /** The site configuration. */
  readonly file: string;
  readonly digest: string;
  readonly running: ArchiveFile;
  /** The same versions, other bytes. */
  readonly fixed: ArchiveFile;
  /** Moodle wants an upgrade for it. */
  readonly newer: ArchiveFile;
}

export async function releasesIn(folder: string): Promise<Releases> {
  const file = join(folder, "moodle.yaml");
  writeFileSync(file, moodle);
  const read = readSiteConfiguration(moodle);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return {
    ...{ file, digest: bundleOf(read.value).digest },
    running: await archiveIn(folder),
    fixed: await archiveIn(folder, { files: 3 }),
    newer: await archiveIn(folder, {
      ...{ moodle: "5.1.7 (Build: 20261012)", versionsHash: "b".repeat(40) },
      plugins: {
        mod_attendance: { version: "2026050100", path: "public/mod/attendance" },
        mod_checklist: { version: "2026010100", path: "public/mod/checklist" },
      },
    }),
  };
}

/** What the nodes have before. */
export const before = "abcdef0123456789";

/** Six nodes that have the running release, which lies in the bucket. */
export async function siteWith({ running }: Releases): Promise<FakeWorld> {
  const world = fakeWorld();
  addSite(world, "moodle");
  const assigned = { release: running.name, digest: before };
  world.states.set("moodle/moodle", { assigned });
  for (let number = 1; number <= 6; number++)
    addNode(world, number, { verified: { ...assigned, at: world.now - 130_000 } });
  await (await world.bucket()).put(await openRelease(running.file));
  return world;
}
