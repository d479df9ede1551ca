import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { siteName } from "@warden/fleet";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { archiveIn } from "../../moodle/test/release/archives.ts";
import { type FakeWorld, fakeWorld, recordOf, runWarden, setRecord, setUpgrade } from "./fake-world.ts";
import { before, type Releases, releasesIn, siteWith } from "./site-of-releases.ts";

let folder: string;
let releases: Releases;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "warden-deploy-"));
  releases = await releasesIn(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

let world: FakeWorld;
beforeEach(async () => {
  world = await siteWith(releases);
});

const rollout = () => world.states.get("moodle/moodle")?.rollout?.rollout;
const kept = async () => (await (await world.bucket()).list()).map(({ name }) => name);
const deploy = (release: string, ...more: string[]) =>
  runWarden(world, "moodle", "deploy", release, releases.file, ...more);

describe("warden moodle deploy", () => {
  it("uploads the archive, and begins a rollout to it with the file's configuration", async () => {
    const { fixed, digest } = releases;
    const { status, out, err } = await deploy(fixed.file, "--reason", "a fix of the quiz");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toBe(
      `Release ${fixed.name} with configuration ${digest.slice(0, 12)} goes to the 6 nodes of group moodle: to one first, then to up to 2 at a time.\n` +
        "`warden moodle status` shows how far it is.\n",
    );
    expect(await kept()).toContain(fixed.name);
    expect(world.bundles).toEqual(new Set([digest]));
    expect(rollout()).toMatchObject({
      ...{ candidate: { release: fixed.name, digest }, by: "ann", reason: "a fix of the quiz" },
      lastGood: { release: releases.running.name, digest: before },
    });
    expect(world.sites[0]?.dependencies).toContainEqual(expect.objectContaining({ name: "school/database" }));
  });

  it("gives a group that never had one its first", async () => {
    const { fixed, digest, file } = releases;
    world.states.set("moodle/moodle", { assigned: undefined });
    const said = `Release ${fixed.name} with configuration ${digest.slice(0, 12)} is the first of group moodle: the nodes that wait for it come into service with it.`;
    expect((await deploy(fixed.file, "--dry-run")).out).toBe(`${said} Nothing was changed.\n`);
    expect(await runWarden(world, "config", "push", file)).toMatchObject({
      status: 4,
      err: expect.stringContaining("`warden moodle deploy` gives it one together with its configuration"),
    });
    expect(await runWarden(world, "moodle", "upgrade", "plan", fixed.file, file)).toMatchObject({ status: 4 });
    expect(rollout()).toBe(undefined);

    const { status, out, err } = await deploy(fixed.file, "--json");
    expect([status, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ rollouts: [{ begun: true, assigned: null, assignedRelease: null }] });
    expect(await kept()).toContain(fixed.name);
    expect(rollout()).toMatchObject({ candidate: { release: fixed.name, digest }, phase: "concluding", members: [] });
  });

  it("is taken back with what the nodes had before", async () => {
    await deploy(releases.fixed.file);
    const { status, out } = await runWarden(world, "config", "rollback");
    expect([status, out]).toEqual([
      0,
      `The nodes of group moodle return to release ${releases.running.name} with configuration abcdef012345.\n`,
    ]);
  });

  it("takes one that lies in the bucket by its name", async () => {
    const { running, digest } = releases;
    expect((await deploy(running.name)).status).toBe(0);
    expect(rollout()?.candidate).toEqual({ release: running.name, digest });
  });

  it("only tells with --dry-run, and uploads nothing", async () => {
    const { status, out } = await deploy(releases.fixed.file, "--dry-run");
    expect(status).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `Now they have release ${releases.running.name} with configuration abcdef012345. Nothing was changed.$`,
        "m",
      ),
    );
    expect([rollout(), await kept(), world.bundles.size]).toEqual([undefined, [releases.running.name], 0]);
  });

  it("is refused when Moodle needs an upgrade, and names the command for it", async () => {
    const { newer, running, file } = releases;
    const { status, err } = await deploy(newer.file);
    expect([status, err]).toEqual([
      4,
      `The guard upgrade refuses to deploy ${newer.name}: group moodle has ${running.name}, and from one to the other Moodle needs an upgrade: \`warden moodle upgrade plan ${newer.name} ${file}\` shows what that takes.\n`,
    ]);
    expect([rollout(), await kept()]).toEqual([undefined, [running.name]]);
  });

  it("says what it cannot know of a release that an image brought, and lets the first node find out", async () => {
    world.states.set("moodle/moodle", { assigned: { release: "4.5.2", digest: before } });
    const { status, out } = await deploy(releases.newer.file);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^Whether Moodle needs an upgrade cannot be known before: .* what release 4\.5\.2 is, .*refuses it if so\.\nRelease/,
    );
    expect(rollout()?.candidate.release).toBe(releases.newer.name);
  });

  it("is refused for another branch than the site configuration is written for", async () => {
    const { name, file } = await archiveIn(folder, { branch: "500", moodle: "5.0.4 (Build: 1)" });
    const { status, err } = await deploy(file);
    expect([status, err]).toEqual([
      2,
      expect.stringMatching(new RegExp(`^The release ${name} is Moodle 5.0.4 .*written for 5\\.1: .*public/`)),
    ]);
  });

  it("is refused while an upgrade goes on, after one that is stuck, and while the site is stopped", async () => {
    setUpgrade(world, { phase: "closing" }, "waits for tasks");
    const during = await deploy(releases.fixed.file);
    setUpgrade(world, { phase: "stuck", because: "the table is full" });
    const after = await deploy(releases.fixed.file);
    world.stops.set(siteName("moodle"), { by: "bob", reason: "exam", at: world.now });
    const stopped = await deploy(releases.fixed.file);
    expect([during, after, stopped].map(({ status, err }) => [status, err.split(":")[0]])).toEqual([
      [4, "The guard upgrade refuses to begin a rollout"],
      [4, "The guard upgrade refuses to begin a rollout"],
      [4, "The guard stop refuses to begin a rollout"],
    ]);
    expect(during.err).toContain("ann began goes on (autumn term; closing, waits for tasks)");
    expect(after.err).toContain("the last upgrade is stuck (the table is full)");
    expect(await kept()).toEqual([releases.running.name]);
  });

  it("refuses what is no release, and a name that is not there", async () => {
    const wrong = join(
      folder,
      basename(releases.fixed.file)
        .replace("5.1.6", "5.1.9")
        .replace(/[0-9a-f](?=\.tar)/, "x"),
    );
    writeFileSync(wrong, "hello");
    const answers = [await deploy(wrong), await deploy(releases.newer.name), await deploy("4.5.2")];
    expect(answers.map(({ status }) => status)).toEqual([2, 2, 2]);
    expect(answers[0]?.err).toContain("is not named as a release is");
    expect(answers[1]?.err).toContain(`There is no file ${releases.newer.name}, and no release of that name`);
  });
});

describe("warden moodle list", () => {
  it("tells of each release what it is, what it was built from, and who has it", async () => {
    await deploy(releases.fixed.file);
    const { status, out } = await runWarden(world, "moodle", "list", "--json");
    expect(status).toBe(0);
    const { releases: found, elsewhere } = JSON.parse(out);
    expect(elsewhere).toEqual([]);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual(
      expect.objectContaining({ name: releases.running.name, has: ["moodle"], candidateOf: [] }),
    );
    expect(found.find((each: { name: string }) => each.name === releases.fixed.name)).toMatchObject({
      ...{ has: [], candidateOf: ["moodle"], at: "2026-11-21T12:00:00.000Z" },
      manifest: { moodle: "5.1.6 (Build: 20260810)", plugins: { mod_attendance: { version: "2025021500" } } },
      builtFrom: [
        { name: "moodle", version: "5.1.6", sha256: "6c".repeat(32) },
        { name: "mod_attendance", version: "2025021500" },
      ],
    });
  });

  it("calls no release a candidate where only the configuration changes", async () => {
    await runWarden(world, "config", "push", releases.file);
    const { out } = await runWarden(world, "moodle", "list", "--json");
    expect(JSON.parse(out).releases).toMatchObject([{ name: releases.running.name, has: ["moodle"], candidateOf: [] }]);
  });

  it("knows what an upgrade leads to", async () => {
    await runWarden(
      world,
      "moodle",
      "upgrade",
      "start",
      releases.newer.file,
      releases.file,
      "--without-recovery-points",
    );
    const { out } = await runWarden(world, "moodle", "list");
    expect(out).toMatch(new RegExp(`^${releases.newer.name} +candidate of moodle `, "m"));
  });

  it("as a table, whose names are whole on a terminal of 80 columns", async () => {
    await deploy(releases.fixed.file);
    world.columns = 80;
    const { out } = await runWarden(world, "moodle", "list");
    for (const line of out.trimEnd().split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(out).toMatch(new RegExp(`^${releases.fixed.name} +candidate of moodle`, "m"));
    world.columns = undefined;
    const wide = (await runWarden(world, "moodle", "list")).out;
    expect(wide).toMatch(
      /5\.1\.6 \(Build: 20260810\) +1 +2026-11-21 12:00:00Z +mod_attendance 2025021500 +moodle 6c6c6c6c6c6c, /,
    );
  });

  it("names what the nodes have that is not in the bucket, and says when nothing is", async () => {
    world = fakeWorld();
    const { status, out } = await runWarden(world, "moodle", "list");
    expect([status, out]).toEqual([0, "There is no release in the bucket: `warden moodle deploy` puts one there.\n"]);
    world = await siteWith(releases);
    world.states.set("moodle/moodle", { assigned: { release: "4.5.2", digest: before } });
    const { out: other } = await runWarden(world, "moodle", "list", "--site", "moodle");
    expect(other).toMatch(/^Not in the bucket, as one that an image brings: 4\.5\.2 \(moodle\)$/m);
  });
});

describe("warden moodle status", () => {
  it("tells what the nodes have and how far a rollout is, in 80 columns", async () => {
    await deploy(releases.fixed.file);
    world.columns = 80;
    const { status, out } = await runWarden(world, "moodle", "status");
    expect(status).toBe(0);
    const short = releases.running.name.slice(0, "5.1.6-01234567".length);
    expect(out).toMatch(new RegExp(`^moodle +${short} abcdef012345 +rolling .*0 of 6`, "m"));
    for (const line of out.split("\n").slice(0, 2)) expect(line.length).toBeLessThanOrEqual(80);
    expect(out).toMatch(new RegExp(`^In group moodle 6 nodes have ${short} abcdef012345 still\\.$`, "m"));
    expect(out).toMatch(/ann begins it: no reason given/);
  });

  it("exits 1 when a node has another release and nothing is under way, and 0 while an upgrade is", async () => {
    const id = "i-00000000000000003";
    const verified = { release: "4.5.2", digest: before, at: world.now };
    setRecord(world, { ...recordOf(world, id), verified }, "");
    const { status, out } = await runWarden(world, "moodle", "status");
    expect(status).toBe(1);
    expect(out).toContain(`  ${id}  4.5.2 abcdef012345\n`);
    setUpgrade(world, { phase: "switching" });
    expect((await runWarden(world, "moodle", "status")).status).toBe(0);
  });

  it("as JSON", async () => {
    setUpgrade(world, { phase: "upgrading", closedAt: world.now - 5000 }, "runs on one node");
    const { out } = await runWarden(world, "moodle", "status", "--json");
    expect(JSON.parse(out)).toMatchObject({
      ...{ v: 1, site: "moodle", upgrade: { phase: "upgrading", why: "runs on one node", closedFor: 5000 } },
      groups: [
        { group: "moodle", assigned: { release: releases.running.name, digest: before }, inService: 6, others: [] },
      ],
    });
  });
});
