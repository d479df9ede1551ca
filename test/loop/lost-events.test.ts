/** Events are best effort: losing, repeating or reordering them costs time and nothing else. */
import { DisableRuleCommand } from "@aws-sdk/client-eventbridge";
import { DeleteRolePolicyCommand } from "@aws-sdk/client-iam";
import { type VirtualOptions, type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { expect, it } from "vitest";
import { desire, expectWell, expired, inService, minutes, seconds, states, until, untilServing } from "./site.ts";

/** What the sweep makes of it: a minute until it sees, and one more when it looked just before. */
const latest = seconds(180);

it("launches and ends nodes at most 180 s later when no event arrives at all", async () => {
  const normal = await timed({ desired: 2 }, async () => {});
  const late = await timed({ desired: 2, eventFaults: { lose: 1 } }, loseEverything);
  console.log(
    `all events lost: a launch takes ${late.launch / 1000} s rather than ${normal.launch / 1000} s, ` +
      `an end ${late.end / 1000} s rather than ${normal.end / 1000} s`,
  );
  expect(late.launch).toBeLessThanOrEqual(normal.launch + latest);
  expect(late.end).toBeLessThanOrEqual(normal.end + latest);
});

/** No rule fires, and no node may say that it is there or complete its own hook: only the sweep is left. */
async function loseEverything(world: VirtualWorld): Promise<void> {
  for (const Name of world.deployment.rules) await world.clients.events.send(new DisableRuleCommand({ Name }));
  const RoleName = `warden-${world.deployment.stage}-node`;
  await world.clients.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "grants" }));
}

async function timed(
  options: VirtualOptions,
  prepare: (world: VirtualWorld) => Promise<void>,
): Promise<{ launch: number; end: number }> {
  const world = await virtualWorld(options);
  await untilServing(world, 2);
  await prepare(world);

  const asked = world.clock.now();
  await desire(world, 4);
  await until(world, minutes(10), async () => (await inService(world)).length === 4);
  const launch = world.clock.now() - asked;
  await untilServing(world, 4);
  await expectWell(world, 4);

  const askedAgain = world.clock.now();
  await desire(world, 1);
  await until(world, minutes(10), async () => (await states(world)).size === 1);
  const end = world.clock.now() - askedAgain;
  await untilServing(world, 1);
  await expectWell(world, 1);
  expect(await expired(world)).toEqual([]);
  world.stop();
  return { launch, end };
}

const faults = {
  "half of all events are lost": { lose: 0.5 },
  "every event comes twice": { duplicate: 1 },
  "every event comes up to a minute late": { delay: 1 },
  "events change places": { reorder: 0.5 },
  "all of that happens at once": { lose: 0.3, duplicate: 0.5, delay: 0.5, reorder: 0.3 },
};

it.for(Object.entries(faults))("ends as asked when %s", async ([, eventFaults]) => {
  for (const seed of [1, 2, 3]) {
    const world = await virtualWorld({ desired: 2, seed, eventFaults });
    await untilServing(world, 2);
    await desire(world, 5);
    await untilServing(world, 5);
    await desire(world, 1);
    await untilServing(world, 1);
    // What was delayed arrives after all is over.
    await world.clock.advance(minutes(3));
    await expectWell(world, 1);
    expect(await expired(world)).toEqual([]);
    world.stop();
  }
});
