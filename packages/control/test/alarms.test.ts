/** Alarms of CloudWatch that speak of a site: told by events, asked for by the sweep, and one incident for each part. */
import { readFileSync } from "node:fs";
import { siteName, type Upgrade } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import { Fault, reconcile, type SiteAlarm, sweep } from "../src/index.ts";
import { type Fake, fake, start, sweepPorts } from "./fakes.ts";
import { message, only } from "./messages.ts";

const cpu: SiteAlarm = { name: "school-database-cpu", part: "database" };
const storage: SiteAlarm = { name: "school-database-storage", part: "database" };
const slow: SiteAlarm = { name: "school-pages-slow", part: "pages" };
const reason = "Threshold Crossed: 3 datapoints were greater than the threshold (90.0).";
const minute = 60_000;

const sample: { detail: object } = JSON.parse(
  readFileSync(new URL("../../../events/test/samples/alarm-state-change.json", import.meta.url), "utf8"),
);
/** As EventBridge delivers it. */
const cameOn = (...names: readonly string[]) =>
  names.map((alarmName) => message(JSON.stringify({ ...sample, detail: { ...sample.detail, alarmName } })));

function moodle(...alarms: readonly SiteAlarm[]): Fake {
  const world = fake();
  world.alarms = alarms;
  return world;
}

const open = (world: Fake) => world.incidents.open.map(({ part, alarms }) => `${part}: ${alarms.join(", ")}`);
const commits = (world: Fake) => only(world, "commit incidents").length;
const on = (world: Fake, ...alarms: readonly SiteAlarm[]): void => {
  world.alarmsOn = alarms.map(({ name }) => ({ name, reason }));
};

describe("an event of an alarm that came on", () => {
  it("opens the incident of its part, and tells of it with CloudWatch's reason", async () => {
    const world = moodle(cpu, slow);
    expect(await reconcile("normal", cameOn(cpu.name), world.deps)).toEqual([]);
    expect(open(world)).toEqual(["database: school-database-cpu"]);
    const [told] = world.outbox.filter(({ kind }) => kind === "incident");
    expect(told?.why).toContain(
      "The database is in trouble, as the alarm school-database-cpu said: Threshold Crossed: 3 out",
    );
    expect(only(world, "publish 1")).toHaveLength(1);
  });

  it("changes nothing when it is told again, nor does another of the same part tell anybody again", async () => {
    const world = moodle(cpu, storage);
    for (let round = 0; round < 50; round++)
      await reconcile("normal", cameOn(...Array.from({ length: 10 }, () => cpu.name)), world.deps);
    expect(commits(world)).toBe(1);
    await reconcile("normal", cameOn(storage.name), world.deps);
    expect(open(world)).toEqual(["database: school-database-cpu, school-database-storage"]);
    expect(world.outbox.filter(({ kind }) => kind === "incident")).toHaveLength(1);
  });

  it("is nobody's business when no site lists it", async () => {
    const world = moodle(cpu);
    await reconcile("normal", cameOn("somebody's own"), world.deps);
    expect([open(world), world.notes]).toEqual([[], []]);
  });

  it("of pages says nothing new while the site is closed for its upgrade", async () => {
    const world = moodle(cpu, slow);
    world.state = { ...world.state, upgrade: { upgrade: upgrading, version: 1, dueAt: undefined, why: "" } };
    await reconcile("normal", cameOn(slow.name, cpu.name), world.deps);
    expect(open(world)).toEqual(["database: school-database-cpu"]);
    world.state = { ...world.state, upgrade: undefined };
    await reconcile("normal", cameOn(slow.name), world.deps);
    expect(open(world)).toEqual(["database: school-database-cpu", "pages: school-pages-slow"]);
  });

  it("that cannot be written down is left to the sweep", async () => {
    const world = moodle(cpu);
    world.before = (call) => {
      if (call.startsWith("commit incidents"))
        throw new Fault("retry", "dynamodb:TransactWriteItems", "ThrottlingException", "slow", undefined);
    };
    expect(await reconcile("normal", cameOn(cpu.name), world.deps)).toEqual([]);
    expect(world.logs.join()).toContain("could not open an incident; the sweep will");
  });
});

describe("the sweep", () => {
  it("finds an alarm that is on and was not told, and closes its incident when it has been off for two minutes", async () => {
    const world = moodle(cpu, slow);
    on(world, slow, { name: "somebody's own", part: "cache" });
    await sweep(world.deps, sweepPorts(world));
    expect(open(world)).toEqual(["pages: school-pages-slow"]);
    world.now = start + minute;
    on(world);
    await sweep(world.deps, sweepPorts(world));
    expect(open(world)).toHaveLength(1);
    world.now = start + 2 * minute;
    await sweep(world.deps, sweepPorts(world));
    expect([open(world), only(world, "list alarms").length]).toEqual([[], 3]);
  });

  it("closes nothing while CloudWatch does not answer, and does all else before it says so", async () => {
    const world = moodle(cpu);
    on(world, cpu);
    await sweep(world.deps, sweepPorts(world));
    world.now = start + 60 * minute;
    world.before = (call) => {
      if (call === "list alarms") throw new Error("denied");
    };
    await expect(sweep(world.deps, sweepPorts(world))).rejects.toThrow("denied");
    expect([open(world), only(world, "list failovers").length]).toEqual([["database: school-database-cpu"], 0]);
    expect(only(world, "commit incidents")).toHaveLength(1);
  });

  it("asks CloudWatch nothing where no site has alarms", async () => {
    const world = moodle();
    await sweep(world.deps, sweepPorts(world));
    expect(only(world, "list alarms")).toEqual([]);
  });

  it("writes no more than twice for an alarm that goes on and off each minute for a day", async () => {
    const world = moodle(cpu);
    for (let turn = 0; turn < 24 * 60; turn++) {
      on(world, ...(turn % 2 === 0 ? [cpu] : []));
      if (turn % 2 === 0) await reconcile("normal", cameOn(cpu.name), world.deps);
      await sweep(world.deps, sweepPorts(world));
      world.now += minute;
    }
    expect(world.outbox.filter(({ kind }) => kind === "incident")).toHaveLength(1);
    expect(open(world)).toHaveLength(1);
  });
});

const upgrading: Upgrade = {
  ...{ v: 1, id: "u", site: siteName("moodle"), from: {}, to: {}, by: "ann", reason: "new quiz", startedAt: start },
  ...{ phase: "upgrading", since: start, attempt: 1, moved: false, recoveryPoints: [], closes: true },
};
