/** Another release on a node: fetched by its digest, unpacked beside the one in use, and switched to in one step. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { bootstrapOutput } from "@warden/moodle";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeApplication } from "./application.ts";
import { type Node, node, release } from "./node.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
  expect((await own.bootstrap()).line.ok).toBe(true);
});
afterAll(() => own?.end());

const sh = (script: string): Promise<string> => own.machine.sh(script);
const bring = async (name: string) => {
  const answer = await own.document("Warden-Bootstrap", { Release: name, Digest: own.bundle.digest });
  return bootstrapOutput.parse(answer.line);
};
const releases = async (): Promise<string[]> => (await sh("ls -A /srv/moodle/releases")).split("\n");
const inUse = (): Promise<string> => sh("readlink /srv/moodle/current");

/** An archive as `warden moodle build` makes it, of the tests' own application. @returns its name */
async function uploaded(words: string, name = "", more: Readonly<Record<string, string>> = { "release.json": "{}" }) {
  const folder = mkdtempSync(join(tmpdir(), "warden-release-"));
  writeApplication(folder);
  for (const [file, text] of Object.entries({ "words.php": `<?php echo '${words}';`, ...more }))
    writeFileSync(join(folder, file), text);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => relative(folder, join(each.parentPath, each.name)));
  const archive = execFileSync("tar", ["--create", "--gzip", "--no-recursion", "--directory", folder, ...files]);
  rmSync(folder, { recursive: true });
  const digest = createHash("sha256").update(archive).digest("hex").slice(0, 32);
  const full = name === "" ? `5.1.6-${digest}` : name;
  await own.region.putRelease(full, archive);
  return full;
}

it("is refused when it is another than its name says, is none, or is nowhere, and leaves nothing", async () => {
  const refused = async (name: string, message: string): Promise<void> =>
    expect(await bring(name)).toMatchObject({ ok: false, step: "release", message: expect.stringContaining(message) });
  await refused(await uploaded("evil", `5.1.6-${"0".repeat(32)}`), "another checksum");
  await refused(await uploaded("none", "", {}), "cannot be unpacked");
  await refused(`5.1.6-${"1".repeat(32)}`, "cannot be fetched");
  await refused("5.1.6", "is not on this node");
  expect([await releases(), await inUse()]).toEqual([[release], `releases/${release}`]);
});

it("is fetched, closed to PHP, and served, and the one before stays", async () => {
  const name = await uploaded("second");
  expect(await bring(name)).toEqual({ v: 1, ok: true, release: name, digest: own.bundle.digest });
  expect(await inUse()).toBe(`releases/${name}`);
  expect((await releases()).sort()).toEqual([name, release].sort());
  expect((await own.verify({ Release: name })).line.verdict).toBe("ok");
  expect((await own.ask("/words.php")).body).toBe("second");
  expect(await sh(`find /srv/moodle/releases/${name} -type d ! -perm 755`)).toBe("");
  expect(await sh(`find /srv/moodle/releases/${name}/ ! -user root -o -perm /022 ! -type l`)).toBe("");
});

it("is not fetched again when it is there, and of three the last two stay", async () => {
  const calls = own.region.calls.filter((call) => call.endsWith(":GetObject")).length;
  expect((await bring(release)).ok).toBe(true);
  expect(own.region.calls.filter((call) => call.endsWith(":GetObject"))).toHaveLength(calls);
  const third = await uploaded("third");
  expect((await bring(third)).ok).toBe(true);
  expect((await releases()).sort()).toEqual([third, release].sort());
  expect((await own.ask("/words.php")).body).toBe("third");
});
