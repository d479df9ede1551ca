/** Incidents of what all nodes share: opened by the pass that hears of them, followed and closed by the sweep. */
import { groupName, type Shared } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import { serving } from "../../fleet/test/builder.ts";
import { Fault, reconcile, type StoredNode, sweep } from "../src/index.ts";
import { type Fake, fake, i, keyOf, site, start, sweepPorts, web } from "./fakes.ts";
import { only, wake } from "./messages.ts";

const intendedAt = start - 5_000;

/** A node in service that was asked to verify itself, and the answer that waits for whoever looks. */
function asked(end: number, world: Fake, blames: readonly Shared[]): void {
  const batch = `verify-${end}`;
  put(world, end, { command: { step: "verify", batch, intendedAt } });
  world.batches.set(batch, { commandIds: [batch], refused: {} });
  const probes = blames.map((part) => ({ name: part, ok: false, ms: 5, message: "no answer" }));
  const verdict = blames.length === 0 ? "ok" : "dependency-bad";
  const output = JSON.stringify({ v: 1, verdict, release: "5.2", digest: "d1", probes });
  world.invocations.set(batch, new Map([[i(end), { status: "ended", detail: "Success", output }]]));
}

function put(world: Fake, end: number, phase: Parameters<typeof serving>[0], at = start - 60_000): void {
  const node = {
    ...serving({ nextVerifyAt: start + 900_000, ...phase }, { verified: { release: "5.2", digest: "d1", at } }),
    site: site.site,
    group: web,
  };
  const stored: StoredNode = {
    record: { ...node, instance: i(end), lifecycleState: "InService" },
    ...{ version: 1, dueAt: start, why: "in service" },
  };
  world.nodes.set(keyOf(i(end)), stored);
  world.states.set(i(end), "InService");
  world.online.add(i(end));
}

/** Three nodes in service; the first of them complains in its record since a moment ago. */
function complaining(...parts: readonly Shared[]): Fake {
  const world = fake();
  put(world, 1, { complaint: { parts, message: "no answer", at: start - 1_000 } });
  for (const end of [2, 3]) put(world, end, {});
  return world;
}

const commits = (world: Fake) => only(world, "commit incidents");
const told = (world: Fake) => world.outbox.filter(({ kind }) => kind === "incident").map(({ phase }) => phase);

describe("the pass that hears of it", () => {
  it("opens one incident for all who say it, after it has cared for the nodes, and tells", async () => {
    const world = fake();
    for (const end of [1, 2]) asked(end, world, ["sessions"]);
    put(world, 3, {});
    expect(await reconcile("normal", [wake(1), wake(2)], world.deps)).toEqual([]);
    expect(commits(world)).toEqual(["commit incidents sessions"]);
    expect(world.incidents.open).toMatchObject([
      { id: "sessions-2026-01-12T08:00:00Z", most: { nodes: 2, of: 3 }, message: "sessions (no answer)" },
    ]);
    const lastNode = world.calls.findLastIndex((call) => /^commit i-|^wake/.test(call));
    expect(world.calls.indexOf("commit incidents sessions")).toBeGreaterThan(lastNode);
    expect(world.calls.slice(world.calls.indexOf("commit incidents sessions"))).toContain("publish 1");
  });

  it("counts nobody who is gone, of whom the table knows for some days more", async () => {
    const world = complaining("cache");
    for (const end of [4, 5]) {
      put(world, end, {});
      const { record, ...rest } = world.nodes.get(keyOf(i(end))) ?? expect.fail("it is there");
      world.nodes.set(keyOf(i(end)), { ...rest, record: { ...record, phase: { name: "gone" } } });
      world.states.delete(i(end));
    }
    await sweep(world.deps, sweepPorts(world));
    expect(world.incidents.open).toMatchObject([{ most: { nodes: 1, of: 3 } }]);
  });

  it("reads nothing of incidents while nobody complains of anything new", async () => {
    const world = complaining("cache");
    asked(2, world, []);
    let reads = 0;
    const store = { ...world.deps.ports.store, incidents: () => Promise.reject(new Error(`read ${++reads} times`)) };
    const deps = { ...world.deps, ports: { ...world.deps.ports, store } };
    await reconcile("normal", [wake(1), wake(2)], deps);
    expect([reads, world.logs.join()]).toEqual([0, expect.not.stringContaining("incident")]);
  });

  it("loses to whoever was faster, and tells nothing then", async () => {
    const world = fake();
    asked(1, world, ["files"]);
    world.before = (call) => {
      if (call.startsWith("commit incidents")) world.incidents = { ...world.incidents, version: 7 };
    };
    expect(await reconcile("normal", [wake(1)], world.deps)).toEqual([]);
    expect([commits(world).length, told(world)]).toEqual([1, []]);
    const late = world.calls.slice(world.calls.indexOf("commit incidents files"));
    expect(late.filter((call) => call.startsWith("publish"))).toEqual([]);
  });

  it("goes on when it cannot be written down, and the sweep finds it", async () => {
    const world = fake();
    asked(1, world, ["database"]);
    world.before = (call) => {
      if (call.startsWith("commit incidents"))
        throw new Fault("retry", "dynamodb:TransactWriteItems", "ThrottlingException", "slow", undefined);
    };
    expect(await reconcile("normal", [wake(1)], world.deps)).toEqual([]);
    expect(world.logs.join()).toContain("could not open an incident; the sweep will");
    expect(world.incidents.open).toEqual([]);
    world.before = () => {};
    await sweep(world.deps, sweepPorts(world));
    expect(world.incidents.open).toMatchObject([{ part: "database" }]);
  });
});

describe("the sweep", () => {
  it("follows what is open, and closes it when nodes were well for two minutes", async () => {
    const world = complaining("cache");
    await sweep(world.deps, sweepPorts(world));
    world.now += 60_000;
    await sweep(world.deps, sweepPorts(world));
    expect(world.incidents.open).toMatchObject([{ openedAt: start, saidAt: start + 60_000 }]);
    put(world, 1, {}, start + 90_000);
    world.now += 120_000;
    await sweep(world.deps, sweepPorts(world));
    expect([world.incidents.open, told(world)]).toEqual([[], ["opened", "closed"]]);
  });

  it("writes nothing while nothing is wrong", async () => {
    const world = complaining();
    await sweep(world.deps, sweepPorts(world));
    expect(commits(world)).toEqual([]);
  });

  it("closes nothing while it cannot see all groups of the site", async () => {
    const world = complaining("files");
    await sweep(world.deps, sweepPorts(world));
    world.now += 600_000;
    // Who is well is in the one group, and whoever may complain in the other.
    put(world, 1, {}, world.now - 1_000);
    const { ports, settings } = world.deps;
    const sites = async () => [{ ...site, groups: [web, groupName("unseen")] }];
    const both = async () => {
      const groups = await ports.autoScaling.describeGroups([web]);
      const seen = groups.get(web) ?? expect.fail("it is there");
      return new Map([seen, { ...seen, name: groupName("unseen") }].map((each) => [each.name, each]));
    };
    const nodesOf: typeof ports.store.nodesOf = (name, group) =>
      group === web ? ports.store.nodesOf(name, group) : Promise.reject(new Error("damaged"));
    const deps = {
      ...{ ...world.deps, settings: { ...settings, sites } },
      ports: {
        ...ports,
        autoScaling: { ...ports.autoScaling, describeGroups: both },
        store: { ...ports.store, nodesOf },
      },
    };
    await expect(sweep(deps, sweepPorts(world))).rejects.toThrow("damaged");
    expect(world.incidents.open).toHaveLength(1);
    await sweep(world.deps, sweepPorts(world));
    expect(world.incidents.open).toEqual([]);
  });

  it("says so when it cannot write down what it saw, after it has woken the nodes", async () => {
    const world = complaining("files");
    world.states.set(i(9), "InService");
    world.before = (call) => {
      if (call.startsWith("commit incidents")) throw new Error("denied");
    };
    await expect(sweep(world.deps, sweepPorts(world))).rejects.toThrow("denied");
    expect(world.wakes.map(({ key }) => key)).toContain(keyOf(i(9)));
  });
});
