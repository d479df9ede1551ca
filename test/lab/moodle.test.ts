/**
 * A real Moodle in the lab, with nothing done by hand: three nodes on an empty database, and six that are upgraded. Needs a
 * source tree, which is not ours to bring along: WARDEN_MOODLE_DIR names it, and WARDEN_MOODLE_FROM_DIR an older one.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { siteFile } from "@warden/lab/places";
import { type Lock, pinned } from "@warden/moodle/release";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { digestOf, filesOf } from "../../packages/moodle/src/release/files.ts";
import { putPlugins, versions } from "../moodle/plugins.ts";
import { type SourceTree, sourceTree } from "../moodle/world.ts";
import { type LabNode, page, type RunningLab, runningLab, warden } from "./running-lab.ts";

const tree = sourceTree();
const older = sourceTree("WARDEN_MOODLE_FROM_DIR");
/** Seconds. 450 tables are made, 30,000 files are packed and unpacked on each machine, and all of them share this one. */
const slow = 1800;
const timeout = slow * 1000;

if (tree === undefined)
  console.log("WARDEN_MOODLE_DIR names no source tree of Moodle: the lab's real Moodle is left out");
else if (older === undefined) console.log("WARDEN_MOODLE_FROM_DIR names no older source tree: its upgrade is left out");

describe.skipIf(tree === undefined)(`three nodes with Moodle ${tree?.release ?? ""} on an empty database`, () => {
  let lab: RunningLab;
  let nodes: readonly LabNode[];

  beforeAll(async () => {
    lab = await runningLab(["--nodes", "3", "--moodle", tree?.path ?? ""], slow);
    nodes = await lab.inService(3, slow);
  }, 2 * timeout);
  afterAll(() => lab?.end(), 120_000);

  it("come into service, each verified after the site was installed", async () => {
    expect(nodes).toHaveLength(3);
    for (const { id } of nodes) {
      const { out } = await lab.warden("explain", id);
      expect(out).toMatch(/verifying +the site is installed/);
      expect(out).toMatch(/joining +verified for release \d/);
    }
  });

  it("installed it once", () => {
    const count = (what: string): number => Number(lab.sql(`SELECT COUNT(*) FROM ${what}`));
    expect(count("mdl_upgrade_log WHERE info = 'Core installed'")).toBe(1);
    const plugins = count("mdl_upgrade_log WHERE info = 'Plugin installed'");
    expect(plugins).toBeGreaterThan(300);
    expect(count("(SELECT DISTINCT plugin FROM mdl_upgrade_log WHERE info = 'Plugin installed') AS once")).toBe(
      plugins,
    );
    expect(count("mdl_upgrade_log WHERE info LIKE 'Starting%upgrade'")).toBe(0);
    expect(count("mdl_user WHERE username = 'admin'")).toBe(1);
  });

  it("serve Moodle's page to sign in", async () => {
    for (const { address } of nodes) {
      expect(await page(address, "/login/index.php")).toEqual({
        status: 200,
        text: expect.stringContaining('name="logintoken"'),
      });
    }
  });
});

describe.skipIf(tree === undefined || older === undefined)(
  `six nodes with two plugins, from Moodle ${older?.release ?? ""} to ${tree?.release ?? ""}`,
  () => {
    let folder: string;
    let lab: RunningLab;
    let nodes: readonly LabNode[];
    let answers: readonly Answer[];
    let orders: readonly { by: string; status: number | null; out: string; err: string }[];

    beforeAll(async () => {
      if (tree === undefined || older === undefined) return;
      folder = mkdtempSync(join(tmpdir(), "warden-lab-moodle-"));
      const [from, to] = [await built(older, "older", folder), await built(tree, "newer", folder)];
      lab = await runningLab(["--nodes", "6", "--moodle", from], slow);
      nodes = await lab.inService(6, slow);
      const site = join(folder, "site.yaml");
      writeFileSync(site, readFileSync(siteFile, "utf8").replace(/^release: .*$/m, `release: "${tree.release}"`));

      const asking = new AbortController();
      const asked = Promise.all(nodes.map((node) => answersOf(node, asking.signal)));
      const words = ["moodle", "upgrade", "start", to, site, "--without-recovery-points", "--wait", "--timeout", "40m"];
      const order = async (by: string) => ({ by, ...(await lab.warden(...words, "--by", by)) });
      orders = await Promise.all([order("ann"), order("bob")]);
      await lab.inService(6, slow);
      asking.abort();
      answers = (await asked).flat();
    }, 4 * timeout);
    afterAll(async () => {
      await lab?.end();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }, 120_000);

    it("one order is taken, and the other names who holds it", () => {
      const [taken, refused] = orders.toSorted((one, other) => (one.status ?? 9) - (other.status ?? 9));
      expect([taken?.status, refused?.status], orders.map(({ out, err }) => out + err).join("\n")).toEqual([0, 4]);
      expect(refused?.err).toContain(`upgrade that ${taken?.by} began`);
    });

    it("tell how long the site was closed", () => {
      const taken = orders.find(({ status }) => status === 0);
      expect(taken?.out).toMatch(/The site was closed for (\d+ min )?\d+ s\.\n$/);
    });

    it("serve the new schema with new code alone, and nothing while the site is closed", () => {
      const served = answers.flatMap(({ status, text }) => (status === 200 ? [about.parse(JSON.parse(text))] : []));
      expect(served.filter(({ code, schema, upgrading }) => upgrading || String(code) !== String(schema))).toEqual([]);
      expect(served.some(({ schema }) => schema[1] === Number(versions.older))).toBe(true);
      const closed = answers.filter(({ status }) => status === 503);
      expect(new Set(closed.map(({ id }) => id)).size).toBe(6);
      // Where the document root moves, a node whose link was switched finds nothing until its nginx follows.
      const [first, last] = [Math.min(...closed.map(({ at }) => at)), Math.max(...closed.map(({ at }) => at))];
      const others = answers.filter(({ status }) => status !== 200 && status !== 503);
      expect(others.filter(({ at, status }) => status !== 404 || at < first || at > last)).toEqual([]);
    });

    it("are all upgraded, and none of them was replaced", async () => {
      expect(await lab.inService(6, slow)).toEqual(nodes);
      const found = await Promise.all(
        nodes.map(async ({ address }) => about.parse(JSON.parse((await page(address, path))?.text ?? ""))),
      );
      const [one] = found;
      expect(new Set(found.map((each) => JSON.stringify(each))).size).toBe(1);
      expect(one?.schema).toEqual(one?.code);
      expect(one?.code[1]).toBe(Number(versions.newer));
      const hasPublic = Number(tree?.release) >= 5.1;
      expect(basename(one?.root ?? "") === "public").toBe(hasPublic);
      for (const { id } of nodes) expect((await lab.warden("explain", id)).out).not.toMatch(/abandon|replace/);
    });

    it("have a column more in the plugin's table", () => {
      expect(lab.sql("SHOW COLUMNS FROM mdl_local_judged LIKE 'grade'")).toContain("grade");
      expect(
        lab.sql("SELECT COUNT(*) FROM mdl_upgrade_log WHERE plugin = 'local_judged' AND info = 'Plugin upgraded'"),
      ).toBe("1");
    });
  },
);

/** Of the plugin of putPlugins: which code serves which database. */
const path = "/local/judged/about.php";
const about = z.object({
  code: z.array(z.number()),
  schema: z.array(z.number()),
  upgrading: z.boolean(),
  root: z.string(),
});

/** `warden moodle build`, of a tree with two plugins beside it. @returns the archive */
async function built({ path }: SourceTree, age: "older" | "newer", folder: string): Promise<string> {
  const plugins = join(folder, age);
  mkdirSync(plugins);
  putPlugins(plugins, age);
  const plugin = async (source: string) => ({
    ...{ source, version: versions[age] },
    sha256: digestOf(await filesOf(source)),
  });
  const lock: Lock = {
    ...(await pinned(path)),
    plugins: {
      local_judged: await plugin(join(plugins, "local/judged")),
      report_judged: await plugin(join(plugins, "report/judged")),
    },
  };
  const file = join(folder, `${age}.lock`);
  writeFileSync(file, JSON.stringify(lock));
  const { status, out, err } = await warden("moodle", "build", file, "--output", folder, "--json");
  expect(status, err).toBe(0);
  return z.object({ file: z.string() }).parse(JSON.parse(out)).file;
}

interface Answer {
  readonly id: string;
  /** When it was asked. */
  readonly at: number;
  readonly status: number;
  readonly text: string;
}

/** Asks a node twice a second. That nothing comes at all while many share this machine says nothing of its code. */
async function answersOf({ id, address }: LabNode, signal: AbortSignal): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  while (!signal.aborted) {
    const at = Date.now();
    const answer = await page(address, path);
    if (answer !== undefined) answers.push({ id, at, ...answer });
    await sleep(Math.max(0, at + 500 - Date.now()));
  }
  return answers;
}
