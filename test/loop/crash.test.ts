/**
 * A function may die at any instant: what was recorded is taken up again, and the end is the same. Each story is told once
 * with the SDK's own bytes; where objects are handed over, the same calls are made in less time.
 */
import { giveOrder, startRollout, startUpgrade } from "@warden/control";
import { type Call, type CallPoints, passes } from "@warden/worlds/call-points";
import { localAssigned } from "@warden/worlds/local-site";
import { type Transport, type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { describe, expect, it } from "vitest";
import {
  deadLetters,
  desire,
  expectNoDefects,
  expired,
  group,
  inService,
  keyOf,
  minutes,
  nodes,
  seconds,
  site,
  states,
  until,
  untilServing,
} from "./site.ts";

interface Story {
  readonly start: number;
  /** What happens while functions may die. */
  tell(world: VirtualWorld): Promise<void>;
  readonly end: number;
  /** What has to be over, beyond that all serve. */
  isOver?(world: VirtualWorld): Promise<boolean>;
}

const stories: Record<string, Story> = {
  "a node comes": { start: 0, tell: (world) => desire(world, 1), end: 1 },
  "Auto Scaling takes a node": { start: 1, tell: (world) => desire(world, 0), end: 0 },
  "Warden takes a node": {
    start: 2,
    async tell(world) {
      const [instance = ""] = await inService(world);
      await giveOrder("drain", keyOf(instance), { by: "operator", reason: "a test" }, world.deps);
    },
    end: 1,
  },
  "a node gets a new configuration": {
    start: 1,
    async tell(world) {
      const ordered = await startRollout(
        { site, group },
        { ...localAssigned, digest: "b".repeat(64) },
        { by: "ann", reason: "a test" },
        world.deps,
      );
      expect(ordered.done).toBe(true);
    },
    end: 1,
    isOver: async (world) => (await world.deps.ports.store.groupState(site, group)).rollout?.rollout.phase === "done",
  },
  "a site is upgraded": {
    start: 1,
    tell: (world) => upgradeTold(world),
    end: 1,
    isOver: async (world) => (await world.deps.ports.store.upgrade(site))?.upgrade.phase === "done",
  },
  "an upgrade is rehearsed": {
    start: 1,
    tell: (world) => upgradeTold(world, "copy.example/moodle"),
    end: 1,
    isOver: async (world) => (await world.deps.ports.store.upgrade(site))?.upgrade.phase === "rehearsed",
  },
};

async function upgradeTold(world: VirtualWorld, rehearseOn?: string): Promise<void> {
  const to = { [group]: { release: "moodle-local-2", digest: "b".repeat(64) } };
  const [known] = await world.deps.settings.sites();
  const asked = { by: "ann", reason: "a test" };
  const ordered = known && (await startUpgrade(known, { to, recoveryPoints: [], rehearseOn }, asked, world.deps));
  expect(ordered?.done).toBe(true);
}

describe.for(Object.entries(stories))("when %s", ([name, story]) => {
  it("ends the same whichever call of a function is its last", async () => {
    const calls: string[] = [];
    const usual = await run(story, "wire", noting(calls));
    console.log(`${name}: ${calls.length} calls, so a crash at ${calls.length * 2} moments`);
    expect(calls.length).toBeGreaterThan(20);
    const handedOver: string[] = [];
    expect(await run(story, "typed", noting(handedOver))).toEqual(usual);
    // Those that are under way together may be answered in another order.
    expect(handedOver.toSorted()).toEqual(calls.toSorted());

    for (const when of ["before", "after"] as const) {
      for (let nth = 0; nth < calls.length; nth++) {
        let passed = 0;
        let last: Call | undefined;
        const end = await run(story, "typed", (call) => {
          if (passed++ !== nth) return passes;
          last = call;
          return { kind: "crash", when };
        });
        const where = `${last?.functionName} died ${when} ${last?.operation} (call ${nth})`;
        expect(last, where).toBeDefined();
        expect({ where, ...end }).toEqual({ where, ...usual });
      }
    }
  }, 300_000);
});

/** Lets every call pass, and writes it down. */
function noting(calls: string[]): CallPoints["fateOf"] {
  return ({ functionName, operation }) => {
    calls.push(`${functionName} ${operation}`);
    return passes;
  };
}

/** How often a rollout or an upgrade was decided about, and when, is no part of its end. */
async function groupWithoutCounts(world: VirtualWorld): Promise<object> {
  const { rollout: stored, upgrade, stale, ...state } = await world.deps.ports.store.groupState(site, group);
  const { phase, candidate, members } = stored?.rollout ?? {};
  const { moved, attempt, because } = upgrade?.upgrade ?? {};
  return {
    ...state,
    rollout: { phase, candidate, members },
    upgrade: { phase: upgrade?.upgrade.phase, moved, attempt, because },
    stale: stale !== undefined,
  };
}

/** Tells the story, with what befalls calls from its start, and waits until all is settled. @returns what is left of it */
async function run(story: Story, transport: Transport, fateOf: CallPoints["fateOf"]): Promise<object> {
  let armed = false;
  const world = await virtualWorld({
    desired: story.start,
    fleet: { min: 0 },
    policy: { verifyEvery: minutes(600), soak: seconds(5) },
    transport,
    callPoints: { fateOf: (call) => (armed ? fateOf(call) : passes) },
  });
  await untilServing(world, story.start, minutes(2), seconds(5));
  armed = true;
  await story.tell(world);
  await untilServing(world, story.end, minutes(8), seconds(5));
  if (story.isOver !== undefined)
    await until(world, minutes(8), () => story.isOver?.(world) ?? Promise.resolve(true), 5_000);
  armed = false;
  // Two sweeps, which publish what a crash left in the outbox.
  await world.clock.advance(minutes(2));

  const { store } = world.deps.ports;
  const known = await nodes(world);
  const end = {
    states: [...(await states(world)).values()],
    phases: known.map(({ record }) => record.phase.name).sort(),
    results: known.map(({ record }) => record.episode?.result),
    group: await groupWithoutCounts(world),
    has: [...world.machines.values()].map(({ software }) => software.state.disk.digest),
    site: { maintenance: world.shared.maintenance, code: world.shared.schema.code, moving: world.shared.schema.moving },
    beats: await store.beats(),
    unpublished: await store.unpublished(10),
    deadLetters: await deadLetters(world),
    expired: await expired(world),
    lost: [...world.machines.values()].map(({ software }) => software.state.losses),
    sigterms: [...world.machines.values()].flatMap(({ software }) =>
      software.state.memory.cron.map((one) => one.sigterms),
    ),
  };
  expectNoDefects(world);
  world.stop();
  return end;
}
