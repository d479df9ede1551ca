/**
 * What a node finds out before another release comes, and what it does then: with a real Moodle, see world.ts. Where the
 * environment names an older source tree, too (WARDEN_MOODLE_FROM_DIR), from that one to the newer.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Ended, ended, run } from "@warden/lab/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putPlugins, versions } from "./plugins.ts";
import { type MoodleNode, type MoodleWorld, moodleWorld, program, sourceTree } from "./world.ts";

const tree = sourceTree();
const older = sourceTree("WARDEN_MOODLE_FROM_DIR");
const slow = { timeout: 900_000 };
let world: MoodleWorld;
let next: MoodleNode;

beforeAll(async () => {
  if (tree === undefined) return;
  const first = older ?? tree;
  world = await moodleWorld(first.path, first.release);
  next = world.anotherNode(tree);
  // They come along: two plugins, one with a table that its upgrade changes.
  putPlugins(world.code, "older");
  putPlugins(next.code, "newer");
  const installed = await world.schema("install", "Judge-1234").ended;
  expect(said(installed), installed.stdout.slice(-1500)).toBe("0 installed");
}, 900_000);

afterAll(() => world?.stop());

/** Its status and its last line. */
const said = ({ status, stdout }: Ended): string => `${status} ${stdout.trimEnd().split("\n").at(-1)}`;
const config = (name: string): string => world.tier.sql(`SELECT value FROM mdl_config WHERE name = '${name}'`);
const plugins = (): string =>
  world.tier.sql(
    "SELECT plugin, value FROM mdl_config_plugins WHERE name = 'version' AND plugin LIKE '%_judged' ORDER BY plugin",
  );
const closed = (): boolean => existsSync(join(world.folder, "data/climaintenance.html"));
const wanted = (): number | null => next.ask("upgrade-wanted.php").status;
/** What Moodle keeps of its code, with full paths. */
const places = (): string => readFileSync(join(world.folder, "data/cache/core_component.php"), "utf8");

/** What the program for Moodle finds with a configuration for this release. */
function problems(release: string): readonly string[] {
  const manifest = join(world.folder, "manifest.json");
  writeFileSync(manifest, JSON.stringify({ release }));
  const { status, stdout } = next.ask("preflight-moodle.php", manifest);
  expect(status).toBe(0);
  return stdout.split("\n").filter(Boolean);
}

describe.skipIf(tree === undefined)(`before Moodle ${tree?.release ?? ""} comes`, () => {
  it("PHP reads all of its files", slow, () => {
    const { status, stdout } = next.ask("preflight-code.php");
    expect(status).toBe(0);
    // How full this machine's own disk is, is not the release's fault.
    expect(stdout.replace(/^only .* of the disk are free.*\n/, "")).toBe("");
  });

  it("one that PHP cannot read is found, where it would be run", slow, () => {
    const folder = join(next.code, "admin/judged");
    mkdirSync(join(folder, "tests"), { recursive: true });
    for (const path of ["x.php", "tests/x.php"]) writeFileSync(join(folder, path), "<?php\nfunction (;\n");
    const { stdout } = next.ask("preflight-code.php");
    rmSync(folder, { recursive: true });
    expect(stdout).toMatch(/^PHP 8[\d.]+ cannot read admin\/judged\/x.php: .* in line 2$/m);
    expect(stdout).not.toContain("tests");
  });

  it("it suits this machine, and what Moodle's upgrade would refuse is said", slow, () => {
    expect(problems(tree?.release ?? "")).toEqual([]);
    expect(problems("4.1")).toEqual([expect.stringContaining("the configuration is for Moodle 4.1")]);
    const before = config("version");
    world.tier.sql("UPDATE mdl_config SET value = '2999010100' WHERE name = 'version'");
    expect(problems(tree?.release ?? "")).toEqual([expect.stringContaining("the release is older than the site")]);
    world.tier.sql(`UPDATE mdl_config SET value = '${before}' WHERE name = 'version'`);
  });

  it("a plugin that is not for it is said", slow, () => {
    putPlugins(next.code, "newer", [401, 404]);
    expect(problems(tree?.release ?? "").toSorted()).toEqual(
      ["local_judged", "report_judged"].map((plugin) =>
        expect.stringContaining(`the plugin ${plugin} is not for this release`),
      ),
    );
    putPlugins(next.code, "newer");
    expect(problems(tree?.release ?? "")).toEqual([]);
  });

  it("Moodle is asked whether the site has to be closed", slow, () => {
    if (older === undefined) {
      // As after a fix that changed a version and no definition of the database.
      world.tier.sql("UPDATE mdl_config SET value = 'another' WHERE name = 'allversionshash'");
      expect(wanted()).toBe(3);
      world.tier.sql("UPDATE mdl_config SET value = 'another' WHERE name = 'allcomponenthash'");
    }
    expect([wanted(), next.asNode("site").stdout]).toEqual([2, "upgrade-pending\n"]);
  });

  it("all that left the code that is in use alone", slow, () => {
    world.inMoodle("echo '1';");
    const before = places();
    expect(before).toContain(`${world.code}/`);
    for (const look of [() => wanted(), () => problems(tree?.release ?? ""), () => next.asNode("site")]) look();
    expect(places()).toBe(before);
    if (older !== undefined) expect(world.asNode("site").stdout).toBe("installed\n");
  });
});

/** What a site consists of: database, files, caches, and the code with its config.php. */
const around = () => ({
  database: world.tier.sql(
    "SELECT * FROM mdl_config; SELECT * FROM mdl_config_plugins; CHECKSUM TABLE mdl_user, mdl_context",
  ),
  files: run("find", [join(world.folder, "data"), "-type", "f", "-printf", "%p %s %T@\n"]),
  caches: (["sessions", "cache"] as const).map((which) => world.tier.redis(which, "keys", "*").split("\n").toSorted()),
  code: run("find", [
    next.code,
    "-type",
    "f",
    "-newer",
    join(world.folder, "node-1/config.php"),
    "-printf",
    "%p %T@\n",
  ]),
});

describe.skipIf(tree === undefined)("a site", () => {
  it("is closed and opened by Moodle's own program, also after an upgrade that was killed", () => {
    world.tier.sql("REPLACE INTO mdl_config (name, value) VALUES ('upgraderunning', UNIX_TIMESTAMP() + 200)");
    for (const _ of [1, 2]) expect([world.ask("maintenance.php", "--enable").status, closed()]).toEqual([0, true]);
    for (const _ of [1, 2]) expect([world.ask("maintenance.php", "--disable").status, closed()]).toEqual([0, false]);
    world.tier.sql("DELETE FROM mdl_config WHERE name = 'upgraderunning'");
    expect(world.ask("maintenance.php", "--enable").status).toBe(0);
  });

  it("is left alone by a rehearsal of its upgrade on a copy of its database", slow, async () => {
    world.tier.sql("CREATE DATABASE copy; GRANT ALL ON copy.* TO moodle@'%'");
    const tables = world.tier.sql("SHOW TABLES").split("\n");
    world.tier.sql(
      tables
        .map((each) => `CREATE TABLE copy.${each} LIKE ${each}; INSERT INTO copy.${each} SELECT * FROM ${each}`)
        .join("; "),
    );
    const place = join(world.folder, "rehearsal");
    for (const folder of ["", "data", "local"]) mkdirSync(join(place, folder));
    run("cp", ["-al", next.code, join(place, "code")]);
    writeFileSync(join(place, "copy"), "127.0.0.1/copy\n");
    const rehearsal = (...words: string[]): Ended =>
      ended("php", [program("lib/rehearsal.php"), ...words, place], next.env);
    expect(rehearsal("prepare", dirname(next.config))).toMatchObject({ status: 0, stdout: "" });
    const settings = join(dirname(next.config), "measure-settings.php");
    expect(rehearsal("claim", settings)).toMatchObject({ status: 0, stdout: "" });

    const before = around();
    const words = [program("lib/schema.php"), join(place, "code"), join(place, "settings.php"), "0", "upgrade"];
    const done = ended("php", words, next.env);
    expect(said(done), done.stdout.slice(-1500)).toBe("0 installed");
    expect(around()).toEqual(before);
    const versionsIn = (database: string): string =>
      world.tier.sql(`SELECT value FROM ${database}.mdl_config WHERE name = 'allversionshash'`);
    expect(versionsIn("copy")).toMatch(/^[0-9a-f]{40}$/);
    expect(versionsIn("copy")).not.toBe(versionsIn("moodle"));
    expect(rehearsal("claim", settings)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("used for a rehearsal"),
    });
    // The same by another name.
    writeFileSync(join(place, "copy"), "127.1\n");
    expect(rehearsal("claim", settings)).toMatchObject({ status: 1, stdout: "the copy is the site's own database\n" });
    expect(around()).toEqual(before);
    rmSync(place, { recursive: true });
    world.tier.sql("DROP DATABASE copy");
  });

  it("is not upgraded without maintenance where Moodle wants it closed", slow, async () => {
    const before = next.look();
    expect(said(await next.schema("upgrade", "", 500, "--maintenance=0").ended)).toBe("1 upgrade-pending");
    expect([next.look(), config("outagelessupgrade")]).toEqual([before, ""]);
  });

  it("is upgraded in maintenance, and has a mark of that", slow, async () => {
    const before = next.look();
    expect(before).toMatch(/^installed [0-9a-f]{64}\n$/);
    expect(said(await next.schema("upgrade").ended)).toBe("0 installed");
    expect(next.look()).not.toBe(before);
    expect(next.asNode("site").stdout).toBe("installed\n");
    expect(plugins()).toBe(
      ["local_judged", "report_judged"].map((plugin) => `${plugin}\t${versions.newer}`).join("\n"),
    );
    expect(world.tier.sql("SHOW COLUMNS FROM mdl_local_judged LIKE 'grade'")).toContain("grade");
    expect(closed()).toBe(true);
    expect(next.ask("maintenance.php", "--disable").status).toBe(0);
    if (older !== undefined) expect(world.asNode("site").stdout).toBe("upgrade-pending\n");
  });

  it(
    "is upgraded without maintenance where Moodle lets it be, and says so on every node from then on",
    slow,
    async () => {
      world.tier.sql("UPDATE mdl_config SET value = 'another' WHERE name = 'allversionshash'");
      // One that was killed leaves its lock, with which Moodle itself takes every node for upgraded.
      world.tier.sql("REPLACE INTO mdl_config (name, value) VALUES ('outagelessupgrade', '1')");
      expect(next.asNode("site").stdout).toBe("upgrade-pending\n");
      expect(said(await next.schema("upgrade", "", 500, "--maintenance=0").ended)).toBe("0 installed");
      expect(config("outagelessupgrade")).toBe("");
      const before = next.look();
      expect(said(await next.schema("upgrade", "", 500, "--maintenance=0").ended)).toBe("0 installed");
      expect([next.look(), config("outagelessupgrade")]).toEqual([before, ""]);
    },
  );
});
