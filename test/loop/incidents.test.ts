/** What all nodes share goes down: one incident says so, on the bus and to whoever asks, and closes when it is well again. */
import { siteKey } from "@warden/control";
import { sharedParts } from "@warden/moodle";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, expect, it } from "vitest";
import * as z from "zod";
import {
  desire,
  expectNoDefects,
  inService,
  listen,
  minutes,
  nodes,
  seconds,
  site,
  until,
  untilServing,
} from "./site.ts";

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

const open = async () => (await world.deps.ports.store.incidents(site)).open;
/** What the site's ledger tells of incidents, the oldest first. */
const told = async (): Promise<string[]> =>
  (await world.deps.ports.store.ledger(siteKey(site), 100))
    .filter(({ kind }) => kind === "incident")
    .map(({ phase, why }) => `${phase}: ${why}`)
    .reverse();

it.for(sharedParts)("tells once of %s, however many nodes complain, and once of its end", async (part) => {
  world = await virtualWorld({ desired: 3, policy: { verifyEvery: minutes(1) } });
  await untilServing(world, 3);
  const heard = await listen(world, world.deployment.bus, { "detail-type": [{ prefix: "Incident" }] });
  world.shared[part] = "down";
  await desire(world, 5);
  // The nodes in service are looked at once a minute, and an answer takes its seconds.
  await until(world, seconds(90), async () => (await open()).length === 1);
  await world.clock.advance(minutes(10));
  expect(await open()).toMatchObject([{ part, most: { nodes: 5, of: 5 } }]);
  expect(await told()).toHaveLength(1);

  world.shared[part] = "up";
  await until(world, minutes(4), async () => (await open()).length === 0);
  await untilServing(world, 5);
  const [opened, closed, ...more] = await told();
  expect(opened).toMatch(/^opened: The .* in trouble.*No node is blamed or replaced for it/);
  expect(closed).toMatch(/^closed: The .* well again after 1\d min; up to 5 of 5 nodes complained\.$/);
  expect(more).toEqual([]);
  expect((await heard()).map((body) => event.parse(JSON.parse(body)))).toEqual([
    { "detail-type": "Incident Opened", detail: { why: opened?.replace("opened: ", "") } },
    { "detail-type": "Incident Closed", detail: { why: closed?.replace("closed: ", "") } },
  ]);
});

const event = z.object({ "detail-type": z.string(), detail: z.object({ why: z.string() }) });

it("tells of two things apart, and of none when one node's own part fails", async () => {
  world = await virtualWorld({ desired: 3, fleet: { min: 2 }, policy: { verifyEvery: minutes(1) } });
  await untilServing(world, 3);
  const [bad = ""] = await inService(world);
  world.machines.get(bad)?.software.state.faults.add("disk");
  await until(world, minutes(10), async () => !(await inService(world)).includes(bad));
  await untilServing(world, 3, minutes(10));
  expect([await open(), await told()]).toEqual([[], []]);

  Object.assign(world.shared, { database: "down", sessions: "down" });
  await until(world, minutes(2), async () => (await open()).length === 2);
  world.shared.database = "up";
  await until(world, minutes(6), async () => (await open()).length === 1);
  expect(await open()).toMatchObject([{ part: "sessions" }]);
});

it("stays open when nobody is left who could say that it is well", async () => {
  world = await virtualWorld({ desired: 2, fleet: { min: 0 }, policy: { verifyEvery: minutes(1) } });
  await untilServing(world, 2);
  world.shared.files = "down";
  await until(world, minutes(2), async () => (await open()).length === 1);
  await desire(world, 0);
  await until(world, minutes(30), async () => (await nodes(world)).every(({ record }) => record.phase.name === "gone"));
  world.shared.files = "up";
  await world.clock.advance(minutes(10));
  expect(await open()).toHaveLength(1);
  await desire(world, 1);
  await until(world, minutes(10), async () => (await open()).length === 0);
});
