import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { moodle, write } from "../../moodle/test/release/tree.ts";
import { fakeWorld, runWarden } from "./fake-world.ts";

let folder: string;
let lock: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-build-"));
  write(join(folder, "code"), moodle);
  lock = join(folder, "moodle.lock");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pin = (sha256: string): void =>
  writeFileSync(lock, `moodle: { source: code, version: "4.5.1", sha256: ${sha256} }\n`);
const build = (...more: string[]) =>
  runWarden(fakeWorld(), "moodle", "build", lock, "--output", join(folder, "out"), ...more);

it("refuses what is not pinned, says what it found, and builds what is", async () => {
  pin("f".repeat(64));
  const refused = await build();
  expect(refused).toMatchObject({ status: 1, out: "" });
  const found = /^No release was built: moodle: code has the SHA-256 ([0-9a-f]{64}), and the lock pins f{64}: /m.exec(
    refused.err,
  );
  expect(readdirSync(join(folder, "out"))).toEqual([]);

  pin(found?.[1] ?? "");
  const { status, out, err } = await build();
  expect([status, err]).toEqual([0, "Moodle 4.5.1\nwrites 5 files\n"]);
  expect(out).toMatch(
    /^Release {4}4\.5\.1-[0-9a-f]{32}\nMoodle {5}4\.5\.1 \(Build: 20241202\)\nPlugins {4}none but Moodle's own\n/,
  );
  const json = JSON.parse((await build("--json")).out);
  expect(json).toMatchObject({ v: 1, name: expect.stringMatching(/^4\.5\.1-/), manifest: { branch: "405" } });
  expect(readdirSync(join(folder, "out"))).toEqual([`${json.name}.tar.gz`]);
});

it("says with line and field what a lock lacks", async () => {
  writeFileSync(lock, 'moodle:\n  source: code\n  version: "4.5.1"\n');
  const { status, err } = await build();
  expect(status).toBe(2);
  expect(err).toMatch(/moodle\.lock cannot be used: mend this in it: +line 2: moodle\.sha256 is missing/);
});
