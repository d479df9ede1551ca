/** A release on its way to a fleet: as a rollout where its versions are the same, else as an upgrade; and the first of all. */
import { startRollout, startUpgrade, stop, withdrawUpgrade } from "@warden/control";
import { upgradeKey } from "@warden/fleet";
import { localAssigned } from "@warden/worlds/local-site";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, describe, expect, it } from "vitest";
import {
  activities,
  desire,
  expectNoDefects,
  group,
  inService,
  minutes,
  nodes,
  site,
  states,
  until,
  untilServing,
} from "./site.ts";

const asked = { by: "ann", reason: "the new quiz" };
const digest = "b".repeat(64);
/** The same versions, and newer ones, as the model has them in a release's name. */
const fix = { ...localAssigned, release: "moodle-local-1+fix" };
const next = { release: "moodle-local-2", digest };

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

async function fleetOf(count: number, options: Parameters<typeof virtualWorld>[0] = {}): Promise<void> {
  world = await virtualWorld({ ...options, desired: count, fleet: { max: count + 10 } });
  await untilServing(world, count);
}

async function begin(to = next, by = asked) {
  const [known] = await world.deps.settings.sites();
  if (known === undefined) throw new Error("there is no site");
  return startUpgrade(known, { to: { [group]: to }, recoveryPoints: ["database", "files"] }, by, world.deps);
}

const store = () => world.deps.ports.store;
const upgrade = async () => (await store().upgrade(site))?.upgrade;
const untilPhase = (...wanted: string[]) =>
  until(world, minutes(60), async () => wanted.includes((await upgrade())?.phase ?? ""));
const story = async () => (await store().ledger(upgradeKey(site), 100)).map((entry) => entry.why).toReversed();
const phases = async () => [
  ...new Set((await store().ledger(upgradeKey(site), 100)).map((entry) => entry.phase).toReversed()),
];
const suspended = async () =>
  (await world.deps.ports.autoScaling.describeGroups([group])).get(group)?.suspended.toSorted();
const releases = () => [...world.machines.values()].map(({ software }) => software.state.disk.release);
/** Whoever would show a page of the old code although the database is another's by now. */
const openWithOldCode = () =>
  [...world.machines.values()]
    .filter(({ software }) => !world.shared.maintenance && software.isReady())
    .filter(
      ({ software }) => world.shared.schema.code !== "moodle-local-1" && software.state.disk.release !== next.release,
    )
    .map(({ instanceId }) => instanceId);
const ready = () => [...world.machines.values()].filter(({ software }) => software.isReady()).length;

describe("a release of the same versions", () => {
  it("goes to the nodes in waves, without maintenance and with all in service", async () => {
    await fleetOf(4);
    expect(await startRollout({ site, group }, fix, asked, world.deps)).toMatchObject({ done: true });
    await until(world, minutes(20), async () => {
      expect([(await inService(world)).length, world.shared.maintenance]).toEqual([4, false]);
      return (await store().groupState(site, group)).rollout?.rollout.phase === "done";
    });
    expect(releases()).toEqual(Array(4).fill(fix.release));
    expect(await world.deps.ports.lastGood.read({ site, group })).toEqual(fix);
  });

  it("is taken back by the canary where Moodle wants an upgrade to it all the same", async () => {
    await fleetOf(3);
    await startRollout({ site, group }, next, asked, world.deps);
    await until(world, minutes(20), async () => {
      const tried = releases().filter((release) => release === next.release).length;
      expect([(await inService(world)).length, tried < 2]).toEqual([3, true]);
      return (await store().groupState(site, group)).rollout?.rollout.phase === "returned";
    });
    expect(releases()).toEqual(Array(3).fill(localAssigned.release));
  });
});

describe("an upgrade", () => {
  it("takes six nodes along: closes, changes the database by one of them, and opens, while more come", async () => {
    let upgraders = 0;
    await fleetOf(6, {
      onTold: (_, telling) => {
        if (telling.kind === "schema" && telling.event === "began") upgraders++;
      },
    });
    expect(await begin()).toMatchObject({ done: true });
    await untilPhase("upgrading");
    // A closed site seems to need no nodes.
    expect(await suspended()).toEqual(["AZRebalance", "AlarmNotification"]);
    await desire(world, 8);
    await until(world, minutes(60), async () => {
      expect(openWithOldCode()).toEqual([]);
      return (await upgrade())?.phase === "done";
    });
    await untilServing(world, 8, minutes(10));
    expect(upgraders).toBe(1);
    expect(await suspended()).toEqual([]);
    expect(await phases()).toEqual(["preflight", "closing", "upgrading", "switching", "opening", "done"]);
    expect((await story()).at(-1)).toMatch(/^all [678] nodes have the new release; the site was closed for \d+ s$/);
    expect(releases()).toEqual(Array(8).fill(next.release));
    expect(world.shared).toMatchObject({ maintenance: false, schema: { code: "moodle-local-2", moving: false } });
    expect((await activities(world)).filter(({ Description }) => Description?.startsWith("Terminating"))).toEqual([]);
    expect(await store().groupState(site, group)).toMatchObject({ assigned: next });
    expect(await world.deps.ports.lastGood.read({ site, group })).toEqual(next);
  });

  it("is begun by one of two who begin at the same time, and the other is told who", async () => {
    await fleetOf(2);
    const both = await Promise.all([begin(next, { by: "ann", reason: "a" }), begin(next, { by: "ben", reason: "b" })]);
    const [won, lost] = both[0].done ? both : both.toReversed();
    expect(won).toMatchObject({ done: true });
    const { by } = (await upgrade()) ?? {};
    expect(lost).toMatchObject({ done: false, why: expect.stringContaining(`an upgrade that ${by} began`) });
    expect(await startRollout({ site, group }, fix, asked, world.deps)).toMatchObject({
      ...{ done: false, why: expect.stringContaining("is being upgraded") },
    });
    await untilPhase("done");
  });

  it("and a rollout do not begin beside each other", async () => {
    await fleetOf(2);
    const both = await Promise.all([begin(), startRollout({ site, group }, fix, asked, world.deps)]);
    expect(both.filter(({ done }) => done)).toHaveLength(1);
  });

  it("is taken back before the database changes, by a person as by a stop; afterwards the way back is said", async () => {
    await fleetOf(2);
    await begin();
    await untilPhase("closing");
    expect(await withdrawUpgrade(site, { by: "ben", reason: "exam" }, world.deps)).toMatchObject({ done: true });
    await untilPhase("returned");
    expect(world.shared).toMatchObject({ maintenance: false, schema: { code: "moodle-local-1" } });
    expect(releases()).toEqual(Array(2).fill(localAssigned.release));

    await begin();
    await until(world, minutes(10), async () => (await upgrade())?.attempt === 1);
    expect(await withdrawUpgrade(site, asked, world.deps)).toMatchObject({
      ...{ done: false, why: expect.stringContaining("recovery points database and files") },
    });
    await stop(site, { by: "ben", reason: "exam" }, world.deps);
    await untilPhase("done");
  });

  it("ends at the preflight when a file of the release is no PHP, with the site never closed", async () => {
    await fleetOf(3);
    await begin({ release: "moodle-local-2+unparsable", digest });
    await until(world, minutes(20), async () => {
      expect([world.shared.maintenance, ready()]).toEqual([false, 3]);
      return (await upgrade())?.phase === "returned";
    });
    expect(releases()).toEqual(Array(3).fill(localAssigned.release));
  });

  it("goes on with another node when the machine that upgrades dies in the middle", async () => {
    await fleetOf(3);
    await begin();
    await until(world, minutes(10), async () => world.shared.schema.moving);
    const first = (await upgrade())?.upgrader?.instance ?? "";
    world.machines.get(first)?.powerOff("kill");
    await untilPhase("done");
    expect((await upgrade())?.upgrader?.instance).not.toBe(first);
    expect(world.shared.schema).toMatchObject({ code: "moodle-local-2", moving: false });
  });

  it("that fails in the middle leaves the site closed, and goes on with a mended release", async () => {
    await fleetOf(2);
    await begin({ release: "moodle-local-2+broken", digest });
    await untilPhase("stuck");
    expect([world.shared.maintenance, (await story()).at(-1)]).toMatchObject([
      true,
      expect.stringContaining("stays closed"),
    ]);
    expect(await begin()).toMatchObject({ done: true });
    await untilPhase("done");
    await untilServing(world, 2, minutes(10));
    expect([world.shared.maintenance, ...releases()]).toEqual([false, next.release, next.release]);
  });
});

describe("a rehearsal", () => {
  const rehearse = async (to = next) => {
    const [known] = await world.deps.settings.sites();
    if (known === undefined) throw new Error("there is no site");
    const plan = { to: { [group]: to }, recoveryPoints: [], rehearseOn: "copy.example/moodle" };
    return startUpgrade(known, plan, asked, world.deps);
  };
  /** What visitors could notice. */
  const untouched = () => [world.shared.maintenance, world.shared.schema.code, world.shared.schema.moving, ready()];

  it("is done by one node beside what it serves, and says how long Moodle took", async () => {
    await fleetOf(3);
    expect(await rehearse()).toMatchObject({ done: true });
    expect(await begin()).toMatchObject({ done: false, why: expect.stringContaining("goes on (") });
    await until(world, minutes(60), async () => {
      expect(untouched()).toEqual([false, "moodle-local-1", false, 3]);
      return (await upgrade())?.phase === "rehearsed";
    });
    expect(await phases()).toEqual(["preflight", "rehearsing", "rehearsed"]);
    expect((await upgrade())?.rehearsal?.took).toBeGreaterThan(1000);
    expect(releases()).toEqual(Array(3).fill(localAssigned.release));
    expect(await suspended()).toEqual([]);
    expect(await store().groupState(site, group)).toMatchObject({ assigned: localAssigned });
    // The day after.
    expect(await begin()).toMatchObject({ done: true });
    await untilPhase("done");
    expect(releases()).toEqual(Array(3).fill(next.release));
  });

  it("of a release whose upgrade fails says so, and leaves everything as it was", async () => {
    await fleetOf(2);
    await rehearse({ release: "moodle-local-2+broken", digest });
    await untilPhase("returned");
    expect((await upgrade())?.because).toMatch(/^the rehearsal failed on i-\w+: Moodle ended with: /);
    expect(untouched()).toEqual([false, "moodle-local-1", false, 2]);
  });

  it("ends when its machine dies in the middle", async () => {
    await fleetOf(2);
    await rehearse();
    await until(world, minutes(10), async () =>
      (await nodes(world)).some(
        ({ record: { errand } }) => errand?.is === "under-way" && errand.id.includes("rehears"),
      ),
    );
    world.machines.get((await upgrade())?.upgrader?.instance ?? "")?.powerOff("kill");
    await untilPhase("returned");
    expect((await upgrade())?.because).toMatch(/went away in the middle|was not heard of/);
  });

  it("is not for a site whose upgrade is stuck", async () => {
    await fleetOf(2);
    await begin({ release: "moodle-local-2+broken", digest });
    await untilPhase("stuck");
    expect(await rehearse()).toMatchObject({ done: false, why: expect.stringContaining("is stuck") });
    expect((await upgrade())?.phase).toBe("stuck");
  });
});

describe("an empty database", () => {
  it("is installed once when three nodes launch at the same time, and all come into service", async () => {
    let installs = 0;
    world = await virtualWorld({
      onTold: (_, telling) => {
        if (telling.kind === "schema" && telling.event === "began") installs++;
      },
    });
    world.shared.schema.code = undefined;
    await desire(world, 3);
    await untilServing(world, 3, minutes(20));
    expect([installs, world.shared.schema.code]).toEqual([1, "moodle-local-1"]);
  });

  it("is left alone where the site was there before", async () => {
    await fleetOf(1);
    await world.clock.advance(minutes(2));
    world.shared.schema.code = undefined;
    await desire(world, 2);
    await until(world, minutes(10), async () =>
      (await nodes(world)).some(({ why }) => why.includes("was installed before: restore its database")),
    );
    await world.clock.advance(minutes(10));
    expect([world.shared.schema.code, [...(await states(world)).values()].toSorted()]).toEqual([
      undefined,
      ["InService", "Pending:Wait"],
    ]);
  });
});
