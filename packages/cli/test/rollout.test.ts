import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupName, type RolloutPhase, siteName } from "@warden/fleet";
import { bundleOf } from "@warden/moodle/bundle";
import { readSiteConfiguration } from "@warden/moodle/site";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  addNode,
  addSite,
  type FakeWorld,
  fakeWorld,
  recordOf,
  runWarden,
  setRecord,
  setUpgrade,
} from "./fake-world.ts";
import { school } from "./school.ts";

/** The site of the fake world. */
const moodle = school.replace("site: school", "site: moodle");

let folder: string;
let file: string;
let digest: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-rollout-"));
  file = join(folder, "moodle.yaml");
  writeFileSync(file, moodle);
  const read = readSiteConfiguration(moodle);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  digest = bundleOf(read.value).digest;
});
afterAll(() => rmSync(folder, { recursive: true }));

let world: FakeWorld;
beforeEach(() => {
  world = fakeWorld();
  addSite(world, "moodle");
  for (let number = 1; number <= 6; number++) addNode(world, number);
});

const stored = () => world.states.get("moodle/moodle")?.rollout;

/** As the loop would, elsewhere. */
function progress(phase: RolloutPhase, why: string): void {
  const { rollout, version } = stored() ?? {};
  if (rollout === undefined || version === undefined) throw new Error("there is no rollout");
  const assigned = phase === "done" ? rollout.candidate : rollout.lastGood;
  const before = world.states.get("moodle/moodle");
  world.states.set("moodle/moodle", {
    ...{ slots: [], failedLaunches: 0, kept: undefined, unhealthy: [], ...before, assigned },
    rollout: { rollout: { ...rollout, phase }, version: version + 1, dueAt: undefined, why },
  });
  const key = "moodle/rollout/moodle";
  const entry = {
    v: 1,
    at: world.now,
    id: `p${version}`,
    kind: "rollout",
    phaseBefore: rollout.phase,
    phase,
    why,
  } as const;
  const [first] = world.ledger.get(key) ?? [];
  if (first !== undefined)
    world.ledger.set(key, [...(world.ledger.get(key) ?? []), { ...entry, key: first.key, actions: [], evidence: {} }]);
}

describe("warden config push", () => {
  it("puts the bundle into the bucket, begins the rollout with who and why, and wakes it", async () => {
    const { status, out } = await runWarden(world, "config", "push", file, "--reason", "bigger uploads");
    expect(status).toBe(0);
    expect(out).toBe(
      `Configuration ${digest.slice(0, 12)} goes to the 6 nodes of group moodle: to one first, then to up to 2 at a time.\n` +
        "`warden config status` shows how far it is.\n",
    );
    expect(world.bundles).toEqual(new Set([digest]));
    expect(stored()?.rollout).toMatchObject({
      ...{ candidate: { release: "4.5.2", digest }, by: "ann", reason: "bigger uploads", phase: "rolling" },
      lastGood: { digest: "abcdef0123456789" },
    });
    expect(world.wakes.map(({ key }) => key)).toEqual(["moodle/rollout/moodle"]);
  });

  it("has Warden listen to what the site depends on, from then on", async () => {
    await runWarden(world, "config", "push", file);
    const { dependencies } = world.sites[0] ?? {};
    expect(dependencies).toContainEqual({ part: "secrets", service: "secretsmanager", name: "school/database" });
  });

  it("only tells with --dry-run", async () => {
    const { status, out } = await runWarden(world, "config", "push", file, "--dry-run", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({
      ...{ v: 1, dryRun: true },
      rollouts: [
        {
          group: "moodle",
          digest,
          assigned: "abcdef0123456789",
          inService: 6,
          release: "4.5.2",
          assignedRelease: "4.5.2",
        },
      ],
    });
    expect([stored(), world.bundles.size]).toEqual([undefined, 0]);
  });

  it("says when the nodes have it already", async () => {
    await runWarden(world, "config", "push", file);
    progress("done", "all have it");
    const { status, out } = await runWarden(world, "config", "push", file);
    expect([status, out]).toEqual([0, "Nothing: the nodes have this configuration already.\n"]);
  });

  it("is refused while another goes on, or the site is stopped, by name", async () => {
    await runWarden(world, "config", "push", file);
    const again = await runWarden(world, "config", "push", file);
    expect([again.status, again.err]).toEqual([
      4,
      expect.stringMatching(/^No rollout was begun in group moodle, a rollout to [0-9a-f]{12} goes on .*rollback/),
    ]);
    world.stops.set(siteName("moodle"), { by: "bob", reason: "exam", at: world.now });
    const stopped = await runWarden(world, "config", "push", file);
    expect([stopped.status, stopped.err]).toEqual([
      4,
      "The guard stop refuses to begin a rollout: bob stopped Warden (exam): `warden resume` ends the stop.\n",
    ]);
  });

  it.each(["preflight", "closing", "upgrading", "switching", "opening", "returning"] as const)(
    "is refused while an upgrade is %s, and puts nothing into the bucket",
    async (phase) => {
      setUpgrade(world, { phase, by: "bob", reason: "autumn" }, "waits for its nodes");
      const { status, err } = await runWarden(world, "config", "push", file);
      expect([status, err]).toEqual([
        4,
        `The guard upgrade refuses to begin a rollout: the upgrade that bob began goes on (autumn; ${phase}, waits for its nodes): \`warden moodle upgrade status\` shows how far it is, \`warden moodle upgrade abort\` takes it back.\n`,
      ]);
      expect([stored(), world.bundles.size, world.sites[0]?.dependencies]).toEqual([undefined, 0, []]);
    },
  );

  it("never takes one site's file for another's", async () => {
    addSite(world, "other");
    const { status, err } = await runWarden(world, "config", "push", file, "--site", "other");
    expect([status, err]).toEqual([2, expect.stringMatching(/describes the site moodle, and other was named/)]);
  });

  it.each<[RolloutPhase, number]>([
    ["done", 0],
    ["returned", 1],
  ])("with --wait tells each decision, until it is %s", async (phase, wanted) => {
    world.meanwhile = () => progress(phase, "over");
    const { status, out } = await runWarden(world, "config", "push", file, "--wait");
    expect(status).toBe(wanted);
    expect(out).toMatch(new RegExp(`ann begins it.*\\n.*rolling → ${phase}  over\\n$`));
  });

  it("exits 5 when --wait has waited enough", async () => {
    const { status, err } = await runWarden(world, "config", "push", file, "--wait", "--timeout", "5s");
    expect([status, err]).toEqual([5, expect.stringMatching(/^After 5 s the rollout still goes on: .*status/)]);
  });
});

describe("warden config status", () => {
  it("tells what the nodes are to be and how far it is, in 80 columns", async () => {
    world.columns = 80;
    await runWarden(world, "config", "push", file, "--reason", "bigger uploads");
    const { status, out } = await runWarden(world, "config", "status");
    expect(status).toBe(0);
    expect(out).toMatch(/^moodle +abcdef012345 +rolling +[0-9a-f]{12} +0 of 6 +ann: bigger/m);
    for (const line of out.split("\n").slice(0, 2)) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("names the nodes that are not as they are to be, and exits 1", async () => {
    await runWarden(world, "config", "push", file);
    const id = "i-00000000000000003";
    for (const { record } of world.nodes.values())
      setRecord(world, { ...record, verified: { release: "4.5.2", digest, at: world.now } }, "");
    const verified = { release: "4.5.2", digest: "abcdef0123456789", at: world.now };
    const push = { release: "4.5.2", digest, at: world.now, is: "left-out", message: "its agent is silent" } as const;
    setRecord(world, { ...recordOf(world, id), verified, push }, "");
    progress("done", `done, but for ${id}`);
    const { status, out } = await runWarden(world, "config", "status");
    expect(status).toBe(1);
    expect(out).toContain(`  ${id}  abcdef012345  left-out: its agent is silent\n`);
    const json = await runWarden(world, "config", "status", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ v: 1, groups: [{ inService: 6, others: [{ instance: id }] }] });
    setUpgrade(world, { phase: "switching" });
    expect((await runWarden(world, "config", "status")).status).toBe(0);
  });
});

describe("warden config rollback", () => {
  it("takes back what goes on", async () => {
    await runWarden(world, "config", "push", file);
    const { status, out } = await runWarden(world, "config", "rollback", "--reason", "exam");
    expect([status, out]).toEqual([0, "The nodes of group moodle return to configuration abcdef012345.\n"]);
    expect(stored()?.rollout.withdrawn).toEqual({ by: "ann", reason: "exam" });
  });

  it("rolls out the one before when the last is done", async () => {
    await runWarden(world, "config", "push", file);
    progress("done", "all have it");
    expect((await runWarden(world, "config", "rollback")).status).toBe(0);
    expect(stored()?.rollout).toMatchObject({ candidate: { digest: "abcdef0123456789" }, phase: "rolling" });
  });

  it("is refused while an upgrade goes on", async () => {
    await runWarden(world, "config", "push", file);
    progress("done", "all have it");
    setUpgrade(world, { phase: "closing" });
    const { status, err } = await runWarden(world, "config", "rollback");
    expect([status, err]).toEqual([4, expect.stringMatching(/^The guard upgrade refuses to take a rollout back: /)]);
    expect(stored()?.rollout.phase).toBe("done");
  });

  it("is refused when there is nothing to take back, and changes nothing with --dry-run", async () => {
    const none = await runWarden(world, "config", "rollback");
    expect([none.status, none.err]).toEqual([4, expect.stringMatching(/moodle never had a rollout to take back/)]);
    await runWarden(world, "config", "push", file);
    const { out } = await runWarden(world, "config", "rollback", "--dry-run");
    expect(out).toBe("The nodes of group moodle would return to configuration abcdef012345.\nNothing was changed.\n");
    expect(stored()?.rollout.withdrawn).toBeUndefined();
    expect(stored()?.rollout.group).toBe(groupName("moodle"));
  });
});
