/** The sweep and the heartbeat, each once a minute. */

import { type GroupName, groupName } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import * as fleet from "../../fleet/test/builder.ts";
import {
  type Beat,
  Fault,
  type GroupFacts,
  heartbeat,
  type StoredNode,
  type StoredRollout,
  sweep,
} from "../src/index.ts";
import { wakesFor } from "../src/sweep.ts";
import { fake, i, keyOf, site, start, sweepPorts, web } from "./fakes.ts";

const stored = (end: number, lifecycleState: string, dueAt: number | undefined, slot = false): StoredNode => ({
  record: { ...fleet.serving({}, { lifecycleState, slot }), instance: i(end) },
  ...{ version: 3, dueAt, why: "" },
});
const facts = (states: Record<number, string>) => ({
  name: web,
  instances: Object.entries(states).map(([end, lifecycleState]) => ({ instance: i(Number(end)), lifecycleState })),
});
const wakes = (states: Record<number, string>, nodes: readonly StoredNode[]) =>
  wakesFor(site.site, facts(states), nodes, start);

const concluding: StoredRollout = {
  rollout: {
    ...{ v: 1, id: "r", site: site.site, group: web, by: "ann", reason: "uploads", startedAt: start },
    ...{ candidate: { release: "5.2", digest: "d2" }, lastGood: { release: "5.2", digest: "d1" } },
    ...{ phase: "concluding", members: [], wave: 0 },
  },
  ...{ version: 1, dueAt: undefined, why: "" },
};

describe("the sweep wakes", () => {
  it("what no event told about, at once", () => {
    expect(wakes({ 1: "Pending:Wait", 2: "Terminated" }, [])).toEqual([
      { key: keyOf(i(1)), hops: 0, version: 0, delay: 0, alone: false },
    ]);
  });

  it("what changed unseen, at once, however far off its next look is", () => {
    const [wake] = wakes({ 1: "Terminating:Wait" }, [stored(1, "InService", start + 900_000)]);
    expect(wake).toMatchObject({ delay: 0, version: 3, alone: false });
  });

  it("what its group no longer has, at once, unless it is known to be gone", () => {
    expect(wakes({}, [stored(1, "InService", start + 900_000)])).toMatchObject([{ delay: 0 }]);
    const gone = { ...stored(1, "absent", undefined), record: fleet.record({ name: "gone" }) };
    expect(wakes({}, [gone])).toEqual([]);
  });

  it("what is due before the next sweep, when it is due", () => {
    const nodes = [
      stored(1, "InService", start + 59_000),
      stored(2, "InService", start + 60_000),
      stored(3, "InService", undefined),
    ];
    expect(wakes({ 1: "InService", 2: "InService", 3: "InService" }, nodes)).toMatchObject([{ delay: 59_000 }]);
  });

  it("what was woken in vain for two minutes, to be tried alone", () => {
    const nodes = [stored(1, "InService", start - 119_000), stored(2, "InService", start - 120_000)];
    expect(wakes({ 1: "InService", 2: "InService" }, nodes)).toMatchObject([
      { alone: false },
      { alone: true, delay: 0 },
    ]);
  });
});

describe("the sweep", () => {
  it("returns the slots of those that are gone, and of those that do not hold one", async () => {
    const world = fake();
    for (const node of [stored(1, "InService", undefined, true), stored(2, "InService", undefined, false)])
      world.nodes.set(keyOf(node.record.instance), node);
    world.states.set(i(1), "InService").set(i(2), "InService").set(i(4), "InService");
    world.state = { ...world.state, slots: [i(1), i(2), i(3), i(4)] };
    const swept = await sweep(world.deps, sweepPorts(world));
    // The fourth is in the group, but its record cannot be read: a newer Warden may be taking it away.
    expect(world.calls.filter((call) => call.startsWith("return"))).toEqual([
      `return slot ${i(2)}`,
      `return slot ${i(3)}`,
    ]);
    expect(swept).toEqual({ nodes: 3, woken: 1, slotsReturned: 2 });
  });

  it("does not return a slot that is taken while it reads", async () => {
    const world = fake();
    world.states.set(i(1), "InService");
    world.nodes.set(keyOf(i(1)), stored(1, "InService", undefined, false));
    const { store } = world.deps.ports;
    // Between its two reads another pass takes the slot.
    const taken = () => {
      world.state = { ...world.state, slots: [i(1)] };
      world.nodes.set(keyOf(i(1)), stored(1, "InService", undefined, true));
    };
    const racing = {
      ...store,
      nodesOf: async () => {
        const nodes = [...world.nodes.values()];
        taken();
        return nodes;
      },
    };
    const swept = await sweep({ ...world.deps, ports: { ...world.deps.ports, store: racing } }, sweepPorts(world));
    expect(swept.slotsReturned).toBe(0);
  });

  it("publishes what a pass left behind, but not what one is about to", async () => {
    const world = fake();
    const entry = {
      v: 1,
      key: keyOf(i(1)),
      id: "x",
      kind: "decision",
      phase: "gone",
      phaseBefore: "gone",
      why: "",
      actions: [],
      evidence: {},
    } as const;
    world.outbox.push({ ...entry, at: start - 31_000 }, { ...entry, at: start - 29_000 });
    await sweep(world.deps, sweepPorts(world));
    expect(world.calls).toContain("publish 1");
  });

  it("puts right what nodes make of themselves without Warden, but while a rollout says it", async () => {
    const world = fake();
    world.published = { release: "5.2", digest: "by-hand" };
    await sweep(world.deps, sweepPorts(world));
    expect(world.published).toEqual(world.state.assigned);
    await sweep(world.deps, sweepPorts(world));
    expect(world.calls.filter((call) => call.startsWith("publish last good"))).toHaveLength(1);

    world.published = { release: "5.2", digest: "d2" };
    world.state = { ...world.state, rollout: concluding };
    await sweep(world.deps, sweepPorts(world));
    expect(world.published).toMatchObject({ digest: "d2" });
  });

  it("sweeps on when one group is in trouble, and then says so", async () => {
    const world = fake();
    const store = { ...world.deps.ports.store, nodesOf: async () => Promise.reject(new Error("damaged")) };
    await expect(sweep({ ...world.deps, ports: { ...world.deps.ports, store } }, sweepPorts(world))).rejects.toThrow(
      "damaged",
    );
    expect(world.logs.join()).toContain("could not sweep a group");
    expect(world.calls).not.toContain("put sweep");
  });

  it("wakes one node of each group in turn, so that a small site does not wait behind a large one", async () => {
    const world = fake();
    const other = groupName("small");
    const both = { ...site, groups: [web, other] };
    const facts = (name: GroupName, ends: readonly number[]): GroupFacts => ({
      ...{
        name,
        desired: 0,
        min: 0,
        max: 0,
        targetGroupArns: [],
        healthCheckType: "EC2",
        suspended: [],
        protectsNew: false,
      },
      instances: ends.map((end) => ({ instance: i(end), lifecycleState: "Pending:Wait", isProtected: false })),
    });
    const { ports } = world.deps;
    const autoScaling = {
      ...ports.autoScaling,
      describeGroups: async () =>
        new Map([web, other].map((name) => [name, facts(name, name === web ? [1, 2, 3] : [4])])),
    };
    const settings = { ...world.deps.settings, sites: async () => [both] };
    await sweep({ ...world.deps, settings, ports: { ...ports, autoScaling } }, sweepPorts(world));
    expect(world.wakes.map(({ key }) => key.split("/").at(-1))).toEqual([i(1), i(4), i(2), i(3)]);
  });
});

describe("the heartbeat", () => {
  const beat = (end: number, nextAt: number, until = start + 60_000_000): Beat => ({
    key: keyOf(i(end)),
    action: { group: web, hook: "warden-launch", instance: i(end), token: undefined },
    ...{ hookTimeout: 600_000, nextAt, until },
  });

  it("extends what is due before two more beats, the most urgent first", async () => {
    const world = fake();
    for (const each of [beat(1, start + 120_000), beat(2, start - 1), beat(3, start + 121_000)])
      world.beats.set(each.key, each);
    for (const end of [1, 2, 3]) world.states.set(i(end), "Pending:Wait");
    expect(await heartbeat(world.deps)).toEqual({ extended: 2, ended: 0, failed: 0 });
    expect(world.calls).toEqual([`beat ${i(2)}`, `beat ${i(1)}`]);
    expect(world.beats.get(keyOf(i(1)))?.nextAt).toBe(start + 300_000);
  });

  it("forgets actions that have ended, and those past their global time-out", async () => {
    const world = fake();
    for (const each of [beat(1, start), beat(2, start, start)]) world.beats.set(each.key, each);
    expect(await heartbeat(world.deps)).toEqual({ extended: 0, ended: 2, failed: 0 });
    expect(world.beats.size).toBe(0);
  });

  it("puts off what is throttled to the next minute, and lets no failure stop the others", async () => {
    const world = fake();
    for (const each of [beat(1, start), beat(2, start + 1), beat(3, start + 2)]) world.beats.set(each.key, each);
    for (const end of [1, 2, 3]) world.states.set(i(end), "Pending:Wait");
    world.before = (call) => {
      if (call.endsWith(i(1)))
        throw new Fault("retry", "autoscaling:RecordLifecycleActionHeartbeat", "Throttling", "", undefined);
      if (call.endsWith(i(2))) throw new Error("a defect");
    };
    expect(await heartbeat(world.deps)).toEqual({ extended: 1, ended: 0, failed: 2 });
    expect(world.beats.get(keyOf(i(1)))?.nextAt).toBe(start);
  });
});
