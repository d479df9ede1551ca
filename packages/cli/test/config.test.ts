import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeWorld, runWarden } from "./fake-world.ts";
import { school } from "./school.ts";

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-config-"));
  writeFileSync(file("school.yaml"), school);
  writeFileSync(file("bigger.yaml"), school.replace('version: "8.3"', 'version: "8.3", children: 25'));
  writeFileSync(file("wrong.yaml"), school.replace("connections: 500", "connections: 50"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("warden config show", () => {
  it("tells what the nodes get, and names secrets without having them", async () => {
    const { status, out } = await runWarden(fakeWorld(), "config", "show", file("school.yaml"));
    expect(status).toBe(0);
    expect(out).toMatch(/^Bundle +[0-9a-f]{64}$/m);
    expect(out).toMatch(/^Secrets +database from school\/database, key password; sessions from school\/sessions$/m);
    expect(out).toMatch(/^config\.php +\/srv\/moodle\/current\/config\.php +0640 +root:apache$/m);
  });

  it("says when a release was never started with what Warden writes", async () => {
    writeFileSync(file("new.yaml"), school.replace('"5.1"', '"5.3"'));
    const { out } = await runWarden(fakeWorld(), "config", "show", file("new.yaml"));
    expect(out).toMatch(/^Moodle +5\.3 \(Warden's tests have never started this release\)/m);
  });

  it("prints one file as it is", async () => {
    const { out } = await runWarden(fakeWorld(), "config", "show", file("school.yaml"), "--file", "config.php");
    expect(out).toMatch(/^<\?php\n[\s\S]*\$CFG->wwwroot = 'https:\/\/moodle\.school\.example';[\s\S]*\n$/);
  });

  it("gives cron to the group that it belongs to", async () => {
    writeFileSync(file("apart.yaml"), `${school}cron: { group: school-cron }\n`);
    const shown = async (...more: string[]) =>
      (await runWarden(fakeWorld(), "config", "show", file("apart.yaml"), ...more)).out;
    expect(await shown()).toMatch(/^Cron +not on these nodes$/m);
    expect(await shown("--group", "school-cron")).toMatch(/^Cron +warden-cron@1\.timer, warden-cron@2\.timer$/m);
  });

  it("refuses a site that cannot work, with line, field and arithmetic", async () => {
    const { status, err } = await runWarden(fakeWorld(), "config", "show", file("wrong.yaml"));
    expect(status).toBe(2);
    expect(err).toMatch(
      /wrong\.yaml cannot be used: mend this in it: +line 7: database\.connections is 50; allowed: 165 or more: 6 nodes × 20 workers/,
    );
  });

  it.each([
    [
      ["config", "show", "/nowhere.yaml"],
      "There is no file /nowhere.yaml: name a file of YAML that describes a site.\n",
    ],
    [["config", "show"], expect.stringMatching(/^The FILE is missing/)],
  ])("%j exits 2 with one sentence", async (words, sentence) => {
    expect(await runWarden(fakeWorld(), ...words)).toMatchObject({ status: 2, out: "", err: sentence });
  });
});

describe("warden config diff", () => {
  it("shows the lines that would change on a node", async () => {
    const { status, out } = await runWarden(fakeWorld(), "config", "diff", file("school.yaml"), file("bigger.yaml"));
    expect(status).toBe(0);
    expect(out).toMatch(/^--- fpm\.conf\n\+\+\+ fpm\.conf\n/m);
    const lines = out.split("\n").filter((line) => /^[-+][^-+]/.test(line));
    // With other settings it is another PHP-FPM, and others name it.
    expect(lines.filter((line) => !/\/warden\/php\/[0-9a-f]{12}\/|Warden-Runs/.test(line))).toEqual([
      "-pm.max_children = 20",
      "+pm.max_children = 25",
    ]);
  });

  it("says when there is nothing", async () => {
    const { out } = await runWarden(fakeWorld(), "config", "diff", file("school.yaml"), file("school.yaml"));
    expect(out).toMatch(/^Nothing: both give the bundle [0-9a-f]{12}\.\n$/);
  });

  it("as JSON", async () => {
    const { out } = await runWarden(fakeWorld(), "config", "diff", "--json", file("school.yaml"), file("bigger.yaml"));
    expect(JSON.parse(out)).toMatchObject({
      v: 1,
      changes: ["nginx.conf", "fpm.conf", "fpm.ini", "measure-settings.php"].map((name) => ({ file: name })),
    });
  });
});
