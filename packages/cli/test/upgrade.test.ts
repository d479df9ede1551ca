import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupName, instanceId, siteName, type Upgrade, upgradeKey } from "@warden/fleet";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { archiveIn } from "../../moodle/test/release/archives.ts";
import { type FakeWorld, runWarden, setUpgrade } from "./fake-world.ts";
import { before, type Releases, releasesIn, siteWith } from "./site-of-releases.ts";

let folder: string;
let releases: Releases;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "warden-upgrade-"));
  releases = await releasesIn(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const points = [
  {
    arn: "arn:aws:backup:eu-west-1:123456789012:recovery-point:db",
    of: "database",
    at: Date.parse("2026-11-21T03:00Z"),
  },
  { arn: "arn:aws:backup:eu-west-1:123456789012:recovery-point:efs", of: "files", at: Date.parse("2026-11-21T03:05Z") },
];

let world: FakeWorld;
beforeEach(async () => {
  world = await siteWith(releases);
  world.recoveryPoints = points;
});

const upgrade = (...words: string[]) => runWarden(world, "moodle", "upgrade", ...words);
const start = (release: string, ...more: string[]) => upgrade("start", release, releases.file, ...more);
const stored = () => world.upgrades.get("moodle")?.upgrade;
const kept = async () => (await (await world.bucket()).list()).map(({ name }) => name);

/** As the loop would, elsewhere. */
function progress(changes: Partial<Upgrade>, why: string): void {
  const from = stored();
  if (from === undefined) throw new Error("there is no upgrade");
  setUpgrade(world, { ...from, ...changes }, why);
  const key = upgradeKey(siteName("moodle"));
  const entries = world.ledger.get(key) ?? [];
  world.ledger.set(key, [
    ...entries,
    {
      ...{ v: 1, key, at: world.now, id: `u${entries.length}`, kind: "upgrade", actions: [], evidence: {}, why },
      ...{ phaseBefore: from.phase, phase: changes.phase ?? from.phase },
    },
  ]);
}

/** One step each time the command sleeps. */
function thenProgress(...steps: [Partial<Upgrade>, string][]): void {
  world.meanwhile = () => {
    const [changes, why] = steps.shift() ?? [];
    if (changes !== undefined) progress(changes, why ?? "");
  };
}

describe("warden moodle upgrade plan", () => {
  it("says what changes, what is asked first, and what leads back until when", async () => {
    const { running, newer, digest } = releases;
    const { status, out } = await upgrade("plan", newer.file, releases.file);
    expect(status).toBe(0);
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^Plan {7}[0-9a-f]{12} of site moodle$/),
      `From       ${running.name} (Moodle 5.1.6 (Build: 20260810))`,
      `To         ${newer.name} (Moodle 5.1.7 (Build: 20261012))`,
      "Plugins    + mod_checklist 2026010100, mod_attendance 2025021500 → 2026050100",
      `Bundle     abcdef012345 → ${digest.slice(0, 12)} in group moodle`,
      expect.stringMatching(/^Preflight {2}every node in service is asked whether Moodle wants the site closed/),
      expect.stringMatching(/^Undo {7}until Moodle changes its database `warden moodle upgrade abort`/),
      expect.stringMatching(/after that only a restore leads back$/),
      `Restore    database as at 2026-11-21 03:00:00Z, ${points[0]?.arn}`,
      `Restore    files as at 2026-11-21 03:05:00Z, ${points[1]?.arn}`,
      "",
    ]);
    expect([stored(), await kept(), world.bundles.size]).toEqual([undefined, [running.name], 0]);
  });

  it("is named by what it is from and to: the same again, another for another release", async () => {
    const hashOf = async (file: string) => JSON.parse((await upgrade("plan", file, releases.file, "--json")).out).hash;
    const first = await hashOf(releases.newer.file);
    world.recoveryPoints = undefined;
    expect(await hashOf(releases.newer.file)).toBe(first);
    expect(await hashOf(releases.fixed.file)).not.toBe(first);
    world.states.set("moodle/moodle", { assigned: { release: releases.running.name, digest: "0".repeat(64) } });
    expect(await hashOf(releases.newer.file)).not.toBe(first);
  });

  it("says when no recovery point is known, and what it cannot know of a release that an image brought", async () => {
    world.recoveryPoints = undefined;
    world.states.set("moodle/moodle", { assigned: { release: "4.5.2", digest: before } });
    const { out } = await upgrade("plan", releases.newer.file, releases.file);
    expect(out).toMatch(/^From {7}4\.5\.2\n/m);
    expect(out).toMatch(/^Plugins {4}what changes is not known/m);
    expect(out).toMatch(/^Restore {4}from nowhere: no recovery point is known$/m);
  });

  it("says when Moodle needs none, and that Moodle never goes back", async () => {
    expect((await upgrade("plan", releases.fixed.file, releases.file)).out).toMatch(
      /^Needless .*warden moodle deploy/m,
    );
    world.states.set("moodle/moodle", { assigned: { release: releases.newer.name, digest: before } });
    await runWarden(world, "moodle", "deploy", releases.newer.file, releases.file);
    const { status, out } = await upgrade("plan", releases.running.file, releases.file);
    expect(status).toBe(1);
    expect(out).toMatch(/^Refused {4}mod_attendance 2025021500 is older than 2026050100, and Moodle never goes back$/m);
    expect(out).toMatch(/^Plugins {4}− mod_checklist 2026010100, mod_attendance 2026050100 → 2025021500$/m);
  });
});

describe("warden moodle upgrade rehearse", () => {
  const on = ["--on", "copy.example:3307/moodle"];
  const rehearse = (release: string, ...more: string[]) => upgrade("rehearse", release, releases.file, ...on, ...more);

  it("has it tried on the copy, without recovery points, and says how long Moodle took", async () => {
    world.recoveryPoints = undefined;
    const rehearsal = { copy: "copy.example:3307/moodle" };
    const took = 754_000;
    thenProgress(
      [{ phase: "rehearsing", closes: true }, "no node objects"],
      [{ phase: "rehearsed", rehearsal: { ...rehearsal, took } }, "Moodle took 754 s for the copy"],
    );
    const { status, out } = await rehearse(releases.newer.file, "--wait");
    expect(status).toBe(0);
    expect(out).toMatch(
      /^The upgrade of site moodle to \S+ is rehearsed on copy\.example:3307\/moodle: .* The site is left alone\.\n/,
    );
    expect(out).toMatch(
      /\nMoodle took 12 min 34 s for the copy \S+: the site will be closed for longer than that\. The copy is used up: delete it\.\n$/,
    );
    expect(stored()).toMatchObject({ by: "ann", rehearsal });
    expect((await upgrade("status")).out).toMatch(/^Rehearsal of the upgrade to .*: rehearsed; ann began it/);
  });

  it("ends unwell when it failed, with the reason", async () => {
    thenProgress([{ phase: "returned", because: "the rehearsal failed" }, "every node has what it had before"]);
    expect((await rehearse(releases.newer.file, "--wait")).status).toBe(1);
  });

  it("is refused where no upgrade leads, where another goes on, and for what names no copy", async () => {
    expect(await rehearse(releases.fixed.file)).toMatchObject({
      ...{ status: 4, err: expect.stringMatching(/^Moodle needs no upgrade/) },
    });
    for (const name of ["", "a b", "host/name;x", "-x", "host:port"]) {
      const { status, err } = await upgrade("rehearse", releases.newer.file, releases.file, `--on=${name}`);
      expect([name, status, err]).toEqual([name, 2, expect.stringMatching(/names no copy of a database|--on/)]);
    }
    expect((await rehearse(releases.newer.file, "--dry-run")).out).toContain("Nothing was changed.");
    expect(stored()).toBeUndefined();
    await start(releases.newer.file);
    expect(await rehearse(releases.newer.file)).toMatchObject({
      ...{ status: 4, err: expect.stringMatching(/^The guard upgrade refuses to begin a rehearsal/) },
    });
  });
});

describe("warden moodle upgrade start", () => {
  it("puts release and bundles into the bucket, and begins it with who, why and the recovery points", async () => {
    const { newer, running, digest } = releases;
    const { status, out, err } = await start(newer.file, "--reason", "autumn term");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(
      new RegExp(
        `^The upgrade of site moodle to ${newer.name} begins \\(plan [0-9a-f]{12}\\): .*\n\`warden moodle upgrade status\``,
      ),
    );
    expect(await kept()).toContain(newer.name);
    expect(world.bundles).toEqual(new Set([digest]));
    expect(stored()).toMatchObject({
      ...{ phase: "preflight", by: "ann", reason: "autumn term", recoveryPoints: points.map(({ arn }) => arn) },
      from: { moodle: { release: running.name, digest: before } },
      to: { moodle: { release: newer.name, digest } },
    });
    expect(world.wakes.map(({ key }) => key)).toEqual(["moodle/upgrade"]);
    expect(world.sites[0]?.dependencies).toContainEqual(expect.objectContaining({ name: "school/database" }));
  });

  it("is refused without recovery points, by name, unless a person can do without", async () => {
    world.recoveryPoints = undefined;
    const refused = await start(releases.newer.file);
    expect([refused.status, refused.err]).toEqual([
      4,
      expect.stringMatching(
        /^The guard recovery-points refuses to begin the upgrade: .*--without-recovery-points\.\n$/,
      ),
    ]);
    expect([stored(), await kept()]).toEqual([undefined, [releases.running.name]]);
    expect((await start(releases.newer.file, "--without-recovery-points")).status).toBe(0);
    expect(stored()?.recoveryPoints).toEqual([]);
  });

  it("is refused while another goes on, with whose it is, and while the site is stopped", async () => {
    await start(releases.newer.file, "--by", "bob", "--reason", "first");
    const { status, err } = await start(releases.newer.file);
    expect([status, err]).toEqual([
      4,
      expect.stringMatching(
        /^The guard upgrade refuses to begin another upgrade: the upgrade that bob began goes on \(first; preflight, /,
      ),
    ]);
    world.upgrades.clear();
    world.stops.set(siteName("moodle"), { by: "bob", reason: "exam", at: world.now });
    expect(await start(releases.newer.file)).toMatchObject({
      status: 4,
      err: expect.stringMatching(/^The guard stop/),
    });
  });

  it("says whose it is when two are begun at the same moment", async () => {
    // Between the command's own look and its order somebody else was faster.
    const bucket = await world.bucket();
    world.bucket = async () => ({
      ...bucket,
      async put(release) {
        await bucket.put(release);
        setUpgrade(world, { by: "bob", reason: "first" }, "asks its nodes");
      },
    });
    const { status, err } = await start(releases.newer.file);
    expect([status, err]).toEqual([
      4,
      expect.stringMatching(
        /^No upgrade was begun: an upgrade that bob began at \S+ goes on \(preflight\): asks its nodes: `warden moodle upgrade status`/,
      ),
    ]);
    expect(stored()?.by).toBe("bob");
  });

  it("is refused where Moodle needs none, but not after one that is stuck", async () => {
    const { status, err } = await start(releases.fixed.file);
    expect([status, err]).toEqual([
      4,
      expect.stringMatching(/^Moodle needs no upgrade .*`warden moodle deploy 5\.1\.6-/),
    ]);
    setUpgrade(world, { phase: "stuck", closedAt: world.now });
    expect((await start(releases.fixed.file)).status).toBe(0);
    expect(stored()).toMatchObject({ phase: "preflight", to: { moodle: { release: releases.fixed.name } } });
  });

  it("is not taken for needless where nobody knows what the nodes have", async () => {
    world.states.set("moodle/moodle", { assigned: { release: "4.5.2", digest: before } });
    expect((await start(releases.fixed.file)).status).toBe(0);
    expect(stored()?.from).toEqual({ moodle: { release: "4.5.2", digest: before } });
  });

  it("is refused where Moodle would have to go back, or is another branch than the file's", async () => {
    const older = await archiveIn(folder, {
      versionsHash: "c".repeat(40),
      plugins: { mod_attendance: { version: "2024010100", path: "public/mod/attendance" } },
    });
    const other = await archiveIn(folder, { branch: "502", moodle: "5.2.0 (Build: 1)" });
    expect(await start(older.file)).toMatchObject({
      status: 4,
      err: expect.stringContaining("2024010100 is older than"),
    });
    expect(await start(other.file)).toMatchObject({ status: 2, err: expect.stringContaining("is written for 5.1") });
    expect(stored()).toBeUndefined();
  });

  it("only tells with --dry-run", async () => {
    const { status, out } = await start(releases.newer.file, "--dry-run");
    expect([status, out]).toEqual([0, expect.stringMatching(/^Plan [\s\S]*\nNothing was changed\.\n$/)]);
    expect([stored(), await kept(), world.bundles.size]).toEqual([undefined, [releases.running.name], 0]);
  });

  it("with --wait tells each step, and at the end how long the site was closed", async () => {
    const at = world.now;
    thenProgress(
      [{ phase: "closing", closes: true, closedAt: at + 1000 }, "every node is ready"],
      [{ phase: "upgrading" }, "no request is left"],
      [{ phase: "done", openedAt: at + 246_000 }, "every node is open"],
    );
    const { status, out } = await start(releases.newer.file, "--wait");
    expect(status).toBe(0);
    expect(out.split("\n").slice(2)).toEqual([
      expect.stringMatching(/→ preflight {2}ann begins it/),
      expect.stringMatching(/preflight → closing {2}every node is ready$/),
      expect.stringMatching(/closing → upgrading {2}no request is left$/),
      expect.stringMatching(/upgrading → done {2}every node is open$/),
      "The site was closed for 4 min 5 s.",
      "",
    ]);
  });

  it.each<[Partial<Upgrade>, string]>([
    [{ phase: "returned", because: "a plugin is missing" }, "The site was never closed.\n"],
    [
      { phase: "stuck", closedAt: Date.parse("2026-11-21T12:00:00Z"), because: "the table is full" },
      `The site has been closed for 1 s. Forward: \`warden moodle upgrade start\` with a mended release. Back: restore database and files together (${points.map(({ arn }) => arn).join(" and ")}).\n`,
    ],
  ])("with --wait exits 1 when it is %j", async (changes, last) => {
    thenProgress([changes, "over"]);
    const { status, out } = await start(releases.newer.file, "--wait");
    expect(status).toBe(1);
    expect(out).toMatch(/over\n/);
    expect(out.slice(-last.length)).toBe(last);
  });

  it("exits 5 when --wait has waited enough", async () => {
    const { status, err } = await start(releases.newer.file, "--wait", "--timeout", "5s");
    expect([status, err]).toEqual([
      5,
      expect.stringMatching(/^After 5 s the upgrade still goes on \(preflight\): .*status/),
    ]);
  });
});

describe("warden moodle upgrade status", () => {
  it("tells the phase, who upgrades, and for how long the site has been closed", async () => {
    await start(releases.newer.file, "--reason", "autumn term");
    progress(
      {
        ...{ phase: "upgrading", closes: true, closedAt: world.now },
        upgrader: { group: groupName("moodle"), instance: instanceId("i-00000000000000001") },
      },
      "i-00000000000000001 runs Moodle's upgrade",
    );
    world.now += 65_000;
    const { status, out } = await upgrade("status");
    expect(status).toBe(0);
    expect(out.split("\n")).toEqual([
      `Upgrade to ${releases.newer.name.slice(0, 14)}: upgrading; ann began it 1 min 5 s ago (autumn term).`,
      "The site has been closed for 1 min 5 s.",
      "Upgraded by i-00000000000000001 of group moodle.",
      "Now: i-00000000000000001 runs Moodle's upgrade",
      expect.stringMatching(/→ preflight {2}ann begins it: autumn term$/),
      expect.stringMatching(/preflight → upgrading {2}i-00000000000000001 runs/),
      "",
    ]);
    expect((await runWarden(world, "moodle", "status")).out).toContain("The site has been closed for 1 min 5 s.");
  });

  it("exits 1 when it is stuck, and says what leads out of it", async () => {
    setUpgrade(world, { phase: "stuck", because: "the table is full", recoveryPoints: ["arn:db", "arn:efs"] });
    const { status, out } = await upgrade("status");
    expect(status).toBe(1);
    expect(out).toContain("Because: the table is full\nForward: `warden moodle upgrade start`");
    expect(out).toContain("(arn:db and arn:efs)");
    expect((await runWarden(world, "moodle", "status")).status).toBe(1);
  });

  it("says when there never was one", async () => {
    expect(await upgrade("status")).toMatchObject({ status: 0, out: "Site moodle never had an upgrade.\n" });
    expect(JSON.parse((await upgrade("status", "--json")).out)).toEqual({ v: 1, site: "moodle", upgrade: null });
  });
});

describe("warden moodle upgrade abort", () => {
  it("takes it back, and with --wait tells until every node has what it had", async () => {
    await start(releases.newer.file);
    thenProgress([{ phase: "returned", because: "ann takes it back" }, "every node has what it had"]);
    const { status, out } = await upgrade("abort", "--reason", "not today", "--wait");
    expect(status).toBe(0);
    expect(out).toMatch(/^The upgrade of site moodle is taken back: [^\n]*\n[\s\S]*preflight → returned/);
    expect(stored()?.withdrawn).toEqual({ by: "ann", reason: "not today" });
  });

  it("prints the refusal as it comes once the database has changed, and when none goes on", async () => {
    const none = await upgrade("abort");
    expect([none.status, none.err]).toEqual([4, expect.stringMatching(/was not taken back: no upgrade goes on/)]);
    await start(releases.newer.file);
    progress({ phase: "upgrading", attempt: 1 }, "runs");
    const { status, err } = await upgrade("abort");
    expect([status, err]).toEqual([
      4,
      `The upgrade of site moodle was not taken back: the database has begun to change, so it only goes forwards; the way back is the recovery points ${points.map(({ arn }) => arn).join(" and ")}: \`warden moodle upgrade status\` shows how things are.\n`,
    ]);
    expect(stored()?.withdrawn).toBeUndefined();
  });

  it("only tells with --dry-run", async () => {
    await start(releases.newer.file);
    const { out } = await upgrade("abort", "--dry-run");
    expect(out).toBe(
      "An upgrade of site moodle goes on (preflight), and would be asked to return. Nothing was changed.\n",
    );
    expect(stored()?.withdrawn).toBeUndefined();
  });
});
