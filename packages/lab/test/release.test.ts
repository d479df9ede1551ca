/** What the lab is given to run: from Moodle's code or an archive to the site that fits it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabRefusal } from "@warden/lab";
import { moodleRelease, notMoodle } from "@warden/lab/release";
import { rootName } from "@warden/lab/root";
import { labSite } from "@warden/lab/site";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archiveIn } from "../../moodle/test/release/archives.ts";
import { moodle as tree, write } from "../../moodle/test/release/tree.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-lab-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const said: string[] = [];
const releaseOf = (path: string) =>
  moodleRelease(path, { output: join(folder, "built"), tell: (text) => said.push(text) });
const refusalOf = (path: string): Promise<unknown> => releaseOf(path).catch((error: unknown) => error);

describe("a source tree", () => {
  it("is built, told step by step, and its site is configured for its branch", async () => {
    const release = await releaseOf(write(join(folder, "tree"), tree));
    expect(release).toMatchObject({
      kind: "moodle",
      version: "4.5",
      name: expect.stringMatching(/^4\.5\.1-[0-9a-f]{32}$/),
    });
    expect(said.at(-1)).toContain(release.name);
    const { configuration } = labSite(release);
    expect([configuration.release, configuration.name]).toEqual(["4.5", "The lab"]);
    // The same code is the same release.
    expect((await releaseOf(join(folder, "tree"))).name).toBe(release.name);
  });

  it("is refused when it is none, and for what its build refuses", async () => {
    const empty = write(join(folder, "empty"), { "index.php": "<?php" });
    expect(await refusalOf(empty)).toMatchObject({ message: `${empty} is no source tree of Moodle` });
    const own = write(join(folder, "own"), { ...tree, "config.php": "<?php" });
    expect(await refusalOf(own)).toMatchObject({ mend: expect.stringContaining("take it out") });
    for (const path of [empty, own, join(folder, "nowhere")]) expect(await refusalOf(path)).toBeInstanceOf(LabRefusal);
  });
});

describe("an archive", () => {
  it("of 5.1 makes a site of 5.1, on the same machines as what stands for Moodle", async () => {
    const { file, name } = await archiveIn(join(folder, "archive"));
    const site = labSite(await releaseOf(file));
    expect([site.configuration.release, site.release.name]).toEqual(["5.1", name]);
    const { bundle, recipe } = labSite(notMoodle());
    expect(rootName(site.recipe)).toBe(rootName(recipe));
    // The web server's root is another.
    expect(site.bundle.digest).not.toBe(bundle.digest);
  });

  it("is refused when Warden does not know its branch, or the machines' PHP is too old for it", async () => {
    const older = await archiveIn(join(folder, "older"), { branch: "404", moodle: "4.4.1 (Build: 1)" });
    expect(await refusalOf(older.file)).toMatchObject({ message: expect.stringContaining("4.4.1 (Build: 1), which") });
    const newer = await releaseOf((await archiveIn(join(folder, "newer"), { branch: "502", moodle: "5.2.0" })).file);
    expect(() => labSite(newer)).toThrow(/cannot run 5\.2\.0-[0-9a-f]{32}: php\.version is "?8\.2"?/);
  });
});
