/** What every node shares goes down: nobody is ended for it. One node's own fault: that node is replaced, and only it. */
import { sharedParts } from "@warden/moodle";
import type { NodeFault } from "@warden/simulator";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { expect, it } from "vitest";
import {
  actionsOf,
  activities,
  desire,
  expectNoDefects,
  expectWell,
  expired,
  inService,
  minutes,
  nodes,
  phaseOf,
  states,
  until,
  untilServing,
} from "./site.ts";

it.for(sharedParts)(
  "ends no node while %s is down for 10 minutes, and lets the waiting ones in afterwards",
  async (part) => {
    const world = await virtualWorld({ desired: 2 });
    await untilServing(world, 2);
    const serving = await inService(world);

    world.shared[part] = "down";
    await desire(world, 5);
    await world.clock.advance(minutes(10));
    const during = await states(world);
    expect(during.size).toBe(5);
    for (const instance of serving) expect(during.get(instance)).toBe("InService");
    const waiting = [...during.keys()].filter((instance) => !serving.includes(instance));
    for (const instance of waiting) {
      expect(during.get(instance)).toBe("Pending:Wait");
      expect(["on-hold", "bootstrapping", "verifying"]).toContain(await phaseOf(world, instance));
    }

    world.shared[part] = "up";
    const back = world.clock.now();
    await until(world, minutes(1), async () => (await inService(world)).length === 5);
    console.log(`${part}: the last of 3 waiting nodes joins ${(world.clock.now() - back) / 1000} s after it is back`);
    await untilServing(world, 5);

    // The same five all along: nobody ended one, nobody burned one.
    expect([...(await states(world)).keys()].sort()).toEqual([...during.keys()].sort());
    expect(await endings(world)).toEqual([]);
    expect(actionsOf(world)).not.toContain("autoscaling:TerminateInstanceInAutoScalingGroup");
    expect(await expired(world)).toEqual([]);
    await expectWell(world, 5);
    world.stop();
  },
);

const faults: readonly NodeFault[] = ["mount", "workers", "disk", "clock", "page"];

it.for(faults)("replaces the one node whose own %s is broken, and no other", async (fault) => {
  const world = await virtualWorld({ desired: 3, fleet: { min: 2 } });
  await untilServing(world, 3);
  const [bad = "", ...good] = await inService(world);
  world.machines.get(bad)?.software.state.faults.add(fault);
  await until(world, minutes(10), async () => !(await states(world)).has(bad));
  await untilServing(world, 3);
  for (const instance of good) expect(await inService(world)).toContain(instance);
  expect(await endings(world)).toEqual([`Terminating EC2 instance: ${bad}`]);
  await expectWell(world, 3);
  world.stop();
});

it("replaces the one node whose mount of the files hangs, and no other", async () => {
  const world = await virtualWorld({ desired: 3, fleet: { min: 2 } });
  await untilServing(world, 3);
  const [bad = "", ...good] = await inService(world);
  world.machines.get(bad)?.software.hang();
  await world.clock.advance(minutes(6));
  expect(await inService(world)).toContain(bad);
  await until(world, minutes(30), async () => !(await states(world)).has(bad));
  await untilServing(world, 3);
  for (const instance of good) expect(await inService(world)).toContain(instance);
  expect(await endings(world)).toEqual([`Terminating EC2 instance: ${bad}`]);
  await expectWell(world, 3);
  world.stop();
});

it.for([
  ["that is alone", 1, 0],
  ["after an outage in which all were", 3, 10],
] as const)("keeps a node %s while its files hang", async ([, desired, outage]) => {
  const world = await virtualWorld({ desired, fleet: { min: 0 } });
  await untilServing(world, desired);
  const before = await inService(world);
  const faults = world.machines.get(before[0] ?? "")?.software.state.faults;
  faults?.add("hang");
  world.shared.files = outage > 0 ? "down" : "up";
  await world.clock.advance(minutes(outage));
  world.shared.files = "up";
  await world.clock.advance(minutes(outage > 0 ? 4 : 20));
  faults?.delete("hang");
  await world.clock.advance(minutes(10));
  expect(await inService(world)).toEqual(before);
  expect(await endings(world)).toEqual([]);
  await expectWell(world, desired);
  world.stop();
});

it("blames no node when most of them fail at once", async () => {
  const world = await virtualWorld({ desired: 4, fleet: { min: 1 } });
  await untilServing(world, 4);
  const before = await inService(world);
  for (const instance of before.slice(0, 3)) world.machines.get(instance)?.software.state.faults.add("page");
  await world.clock.advance(minutes(10));
  expect([...(await states(world)).keys()].sort()).toEqual([...before].sort());
  expect(await endings(world)).toEqual([]);
  const said = (await nodes(world)).map(({ why }) => why);
  expect(said.filter((why) => /shared-cause/.test(why)).length).toBeGreaterThanOrEqual(1);
  expectNoDefects(world);
  world.stop();
});

/** What Auto Scaling ended, for whatever reason. */
async function endings(world: VirtualWorld): Promise<string[]> {
  const told = (await activities(world)).map((each) => each.Description ?? "");
  return told.filter((text) => text.startsWith("Terminating"));
}
