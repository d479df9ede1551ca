/** A new configuration on its way through a fleet: one node first, then waves, and back when it is bad. */
import { resume, returnRollout, startRollout, stop } from "@warden/control";
import { nodeKey, rolloutKey } from "@warden/fleet";
import { localAssigned } from "@warden/worlds/local-site";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, describe, expect, it } from "vitest";
import {
  actionsOf,
  activities,
  desire,
  expectNoDefects,
  group,
  inService,
  listen,
  minutes,
  node,
  nodes,
  phaseOf,
  seconds,
  site,
  until,
  untilServing,
} from "./site.ts";

const of = { site, group };
const asked = { by: "ann", reason: "bigger uploads" };
const first = "10ca1000c0ffee00";
const better = "b".repeat(64);

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

async function fleetOf(count: number, options: Parameters<typeof virtualWorld>[0] = {}): Promise<void> {
  world = await virtualWorld({ ...options, desired: count, fleet: { max: count + 10, ...options.fleet } });
  await untilServing(world, count);
}

const begin = (digest = better) => startRollout(of, { ...localAssigned, digest }, asked, world.deps);
const goBack = () => returnRollout(of, { by: "bob", reason: "not today" }, world.deps);
const state = () => world.deps.ports.store.groupState(site, group);
const phase = async () => (await state()).rollout?.rollout.phase;
const members = async () => (await state()).rollout?.rollout.members ?? [];
const untilPhase = (wanted: string, limit = minutes(20)) => until(world, limit, async () => (await phase()) === wanted);
const story = async () =>
  (await world.deps.ports.store.ledger(rolloutKey(of), 100)).map((entry) => entry.why).toReversed();

const softwareOf = (instance: string) => {
  const machine = world.machines.get(instance);
  if (machine === undefined) throw new Error(`there is no machine ${instance}`);
  return machine.software;
};
const has = (instance: string) => softwareOf(instance).state.disk.digest;
const withDigest = (digest: string) => [...world.machines.keys()].filter((instance) => has(instance) === digest);

describe("a good configuration", () => {
  it("reaches one node, then waves within the budget, and takes no node out of service", async () => {
    await fleetOf(10);
    const told = await listen(world, world.deployment.bus, { "detail-type": ["Rollout Progressed"] });
    const before = actionsOf(world).length;
    expect(await begin()).toMatchObject({ done: true });

    const sizes: number[] = [];
    let most = 0;
    await until(world, minutes(20), async () => {
      const busy = (await nodes(world)).filter(({ record }) => record.push !== undefined).length;
      most = Math.max(most, busy);
      const size = (await members()).length;
      if (size !== sizes.at(-1)) sizes.push(size);
      expect(await inService(world)).toHaveLength(10);
      return (await phase()) === "done";
    });
    // A fifth of ten may be disturbed at a time.
    expect(sizes.filter((size) => size > 0)).toEqual([1, 3, 5, 7, 9, 10]);
    expect(most).toBe(2);
    expect(withDigest(better)).toHaveLength(10);
    expect((await state()).assigned?.digest).toBe(better);
    expect(await world.deps.ports.lastGood.read(of)).toMatchObject({ digest: better });
    expect(new Set(actionsOf(world).slice(before))).toEqual(new Set(["ssm:SendCommand"]));
    expect([...world.machines.values()].every((machine) => machine.software.isReady())).toBe(true);
    await world.clock.advance(seconds(30));
    expect((await told()).length).toBeGreaterThan(6);
  });

  it("is what nodes launch with afterwards, commanded or on their own", async () => {
    await fleetOf(2);
    await begin();
    await untilPhase("done");
    await desire(world, 3);
    await untilServing(world, 3);
    expect(withDigest(better)).toHaveLength(3);
  });

  it("reaches a node that came in after the last wave", async () => {
    await fleetOf(2);
    await begin();
    await until(world, minutes(10), async () => (await members()).length === 2);
    await desire(world, 3);
    await untilPhase("done");
    await untilServing(world, 3);
    await until(world, minutes(2), async () => withDigest(better).length === 3);
  });

  it("arrives late, but arrives, when no event does", async () => {
    await fleetOf(3, { eventFaults: { lose: 1 } });
    await begin();
    await untilPhase("done", minutes(30));
    expect(withDigest(better)).toHaveLength(3);
  });
});

it("is found by the sweep when whoever began it died before anybody was woken", async () => {
  await fleetOf(2);
  const { ports } = world.deps;
  const lanes = { ...ports.lanes, wake: async () => {} };
  await startRollout(of, { ...localAssigned, digest: better }, asked, { ...world.deps, ports: { ...ports, lanes } });
  await until(world, seconds(90), async () => (await members()).length > 0);
});

describe("a bad configuration", () => {
  it("touches one node of 20 and is gone within a minute, while a scale-out gets good nodes", async () => {
    await fleetOf(20);
    world.shared.badConfigurations.add(better);
    const touched = new Set<string>();
    const started = world.clock.now();
    await begin();
    await desire(world, 24);
    await until(world, minutes(1), async () => {
      for (const instance of withDigest(better)) touched.add(instance);
      return (await phase()) === "returned";
    });
    console.log(`a bad configuration is gone after ${(world.clock.now() - started) / 1000} s`);
    expect(touched.size).toBe(1);
    expect(await members()).toEqual([...touched]);
    await untilServing(world, 24);
    expect(withDigest(first)).toHaveLength(24);
    expect((await state()).assigned?.digest).toBe(first);
    expect((await story()).at(-1)).toContain("page (the front page answers 500)");
    expect([...world.machines.values()].every((machine) => machine.software.isReady())).toBe(true);
    expect((await activities(world)).filter((each) => each.Description?.startsWith("Terminating"))).toEqual([]);
  });

  it("is taken back when it shows only after a while", async () => {
    await fleetOf(5);
    await begin();
    await until(world, minutes(1), async () => withDigest(better).length === 1);
    const [canary = ""] = withDigest(better);
    world.shared.badConfigurations.add(better);
    await untilPhase("returned", minutes(2));
    expect(await members()).toEqual([canary]);
    expect(withDigest(first)).toHaveLength(5);
    expect(await phaseOf(world, canary)).toBe("in-service");
  });
});

describe("nodes that cannot be told", () => {
  it("are named, the others get it, and they get it when they can be told again", async () => {
    await fleetOf(5);
    const [silent = ""] = (await inService(world)).sort();
    world.machines.get(silent)?.switches.freezeAgent();
    // SSM calls an agent lost five minutes after its last ping.
    await world.clock.advance(minutes(7));
    await begin();
    await untilPhase("done");
    expect(withDigest(better)).toHaveLength(4);
    expect((await story()).at(-1)).toBe(`done, but for ${silent}`);
    expect((await node(world, silent)).record.push).toMatchObject({ is: "left-out", message: "its agent is silent" });

    world.machines.get(silent)?.switches.thawAgent();
    await until(world, minutes(3), async () => has(silent) === better);
  });

  it("take their turns when all agents are silent at once, so that a bad configuration is on one node at a time", async () => {
    await fleetOf(5);
    for (const machine of world.machines.values()) machine.switches.freezeAgent();
    world.shared.badConfigurations.add(better);
    await begin();
    // Time enough to give up three of them; SSM still calls all agents online.
    await until(world, minutes(5), async () => (await story()).join("\n").split("without").length > 6);
    for (const machine of world.machines.values()) machine.switches.thawAgent();
    let most = 0;
    const touched = new Set<string>();
    await until(
      world,
      minutes(5),
      async () => {
        most = Math.max(most, withDigest(better).length);
        for (const instance of withDigest(better)) touched.add(instance);
        return (await phase()) === "returned";
      },
      100,
    );
    expect({ most, touched: touched.size }).toEqual({ most: 1, touched: 1 });
    await world.clock.advance(minutes(5));
    expect(withDigest(first)).toHaveLength(5);
  });

  it("wait while an operator holds them", async () => {
    await fleetOf(3);
    const [held = ""] = (await inService(world)).sort();
    const instance = (await node(world, held)).record.instance;
    const order = { id: "o", verb: "hold", ...asked, expiresAt: world.clock.now() + minutes(600) } as const;
    await world.deps.ports.store.putOrder(nodeKey({ ...of, instance }), order);
    await begin();
    await untilPhase("done");
    expect(has(held)).toBe(first);
    expect((await story()).join("\n")).toContain(`without ${held}, ann holds it`);
  });
});

describe("an operator", () => {
  it("takes back what goes on, and what is done", async () => {
    await fleetOf(5);
    await begin();
    await until(world, minutes(5), async () => (await members()).length === 2);
    expect(await goBack()).toMatchObject({ done: true });
    await untilPhase("returned", minutes(2));
    expect(withDigest(first)).toHaveLength(5);
    expect(await goBack()).toMatchObject({ done: false, why: expect.stringContaining("returned already") });

    await begin();
    expect(await begin("c".repeat(64))).toMatchObject({ done: false, why: expect.stringContaining("goes on") });
    await untilPhase("done");
    expect(await begin()).toMatchObject({ done: false, why: expect.stringContaining("have already") });
    expect(await goBack()).toMatchObject({ done: true });
    await untilPhase("done");
    expect(withDigest(first)).toHaveLength(5);
  });

  it("halts it with stop, and lets it go on with resume", async () => {
    await fleetOf(5);
    await begin();
    await until(world, minutes(5), async () => (await members()).length === 2);
    await stop(site, asked, world.deps);
    await world.clock.advance(seconds(5));
    const touched = withDigest(better).length;
    await world.clock.advance(minutes(10));
    expect(withDigest(better)).toHaveLength(touched);
    await resume(site, world.deps);
    await untilPhase("done");
    expect(withDigest(better)).toHaveLength(5);
  });
});

it("waits for a shared part that is down, and blames nobody", async () => {
  await fleetOf(3);
  world.shared.database = "down";
  await begin();
  await world.clock.advance(minutes(5));
  expect(await phase()).toBe("rolling");
  expect((await members()).length).toBe(1);
  world.shared.database = "up";
  await untilPhase("done");
});

it("puts back what somebody changed on a node, without taking it out of service", async () => {
  await fleetOf(3);
  const [edited = ""] = await inService(world);
  softwareOf(edited).state.faults.add("drift");
  let away = 0;
  await until(world, minutes(20), async () => {
    if (!softwareOf(edited).isReady()) away++;
    return !softwareOf(edited).state.faults.has("drift");
  });
  expect(away).toBe(0);
  await world.clock.advance(minutes(1));
  expect(await phaseOf(world, edited)).toBe("in-service");
  expect(await inService(world)).toHaveLength(3);
  const why = (await world.deps.ports.store.ledger(nodeKey((await node(world, edited)).record), 10)).map((e) => e.why);
  expect(why.join("\n")).toContain("config.php was changed on this node");
});
