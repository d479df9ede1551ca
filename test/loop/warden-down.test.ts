/** Warden is wholly down, and the site still scales: the nodes look after themselves. */
import { DisableRuleCommand, EnableRuleCommand } from "@aws-sdk/client-eventbridge";
import {
  DeleteFunctionConcurrencyCommand,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
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
  node,
  seconds,
  states,
  until,
  untilServing,
} from "./site.ts";

/** Two ways to be down: nobody reads the queues, or every invocation is refused, which wears messages out. */
const ways = {
  "its queues and schedules are cut off": { goDown: cutOff, comeBack: connect },
  "no function may run": { goDown: refuseToRun, comeBack: allowToRun },
};

it.for(Object.entries(ways))("six nodes serve although %s, and Warden adopts them afterwards", async ([, way]) => {
  const world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  await way.goDown(world);
  await world.clock.advance(seconds(60));

  const calls = world.calls.length;
  const asked = world.clock.now();
  await desire(world, 6);
  await until(world, minutes(5), async () => (await inService(world)).length === 6);
  console.log(`without Warden four nodes join in ${(world.clock.now() - asked) / 1000} s`);
  await world.clock.advance(minutes(10) - (world.clock.now() - asked));
  const six = await inService(world);
  expect(six).toHaveLength(6);
  expect(callsOfWarden(world, calls)).toEqual([]);
  for (const instance of six) expect(world.machines.get(instance)?.software.isReady()).toBe(true);

  const back = world.calls.length;
  await way.comeBack(world);
  await until(world, minutes(3), async () => {
    // Nobody is disturbed on the way.
    for (const instance of six) expect(world.machines.get(instance)?.software.isReady()).toBe(true);
    const known = await Promise.all(six.map((instance) => node(world, instance).catch(() => undefined)));
    return known.every((each) => each?.record.phase.name === "in-service");
  });
  await world.clock.advance(minutes(2));
  expect(await inService(world)).toEqual(six);
  const done = new Set(actionsOf(world, back));
  expect([...done].filter((action) => action !== "ssm:SendCommand")).toEqual([]);
  expect((await activities(world)).filter((each) => each.Description?.startsWith("Terminating"))).toEqual([]);
  expect(await expired(world)).toEqual([]);
  await expectWell(world, 6, { deadLetters: "any" });
  world.stop();
});

it("drains a node that gets a spot notice by itself, within 10 s", async () => {
  const world = await virtualWorld({ desired: 3, fleet: { spot: true }, traffic: () => 5 });
  await untilServing(world, 3);
  await cutOff(world);
  const [taken = "", ...others] = await inService(world);
  const software = world.machines.get(taken)?.software;
  if (software === undefined) throw new Error(`there is no machine ${taken}`);

  const noticed = world.clock.now();
  world.aws.faults.interruptSpot(taken);
  await until(world, seconds(30), async () => software.state.memory.draining, 100);
  console.log(`without Warden a spot notice is acted on in ${(world.clock.now() - noticed) / 1000} s`);
  expect(world.clock.now() - noticed).toBeLessThanOrEqual(seconds(10));
  expect(software.isReady()).toBe(false);
  await until(world, minutes(5), async () => !(await states(world)).has(taken));
  expect(software.state.losses).toEqual({ requests: 0, tasks: [] });

  await until(world, minutes(5), async () => (await inService(world)).length === 3);
  await connect(world);
  await untilServing(world, 3);
  for (const instance of others) expect(await inService(world)).toContain(instance);
  await expectWell(world, 3);
  world.stop();
});

it("drains a node that gets a spot notice, and replaces it, when it is up", async () => {
  const world = await virtualWorld({ desired: 3, fleet: { spot: true }, traffic: () => 5 });
  await untilServing(world, 3);
  const [taken = ""] = await inService(world);
  world.aws.faults.interruptSpot(taken);
  await until(world, seconds(60), async () => !(await states(world)).has(taken));
  await untilServing(world, 3);
  expect(world.machines.get(taken)?.software.state.losses).toEqual({ requests: 0, tasks: [] });
  await expectWell(world, 3);
  expectNoDefects(world);
  world.stop();
});

/** Calls made by Warden's own functions, not by the nodes. */
function callsOfWarden(world: VirtualWorld, since: number): VirtualWorld["calls"] {
  return world.calls
    .slice(since)
    .filter(({ principal }) => principal?.kind === "role" && !principal.roleName.endsWith("-node"));
}

// ---- Down and back --------------------------------------------------------------------------------------------------

async function cutOff(world: VirtualWorld): Promise<void> {
  await setMappings(world, false);
  for (const Name of world.deployment.schedules) await world.clients.events.send(new DisableRuleCommand({ Name }));
}

async function connect(world: VirtualWorld): Promise<void> {
  await setMappings(world, true);
  for (const Name of world.deployment.schedules) await world.clients.events.send(new EnableRuleCommand({ Name }));
}

async function setMappings(world: VirtualWorld, Enabled: boolean): Promise<void> {
  const { lambda } = world.clients;
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID } of EventSourceMappings) await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
}

async function refuseToRun(world: VirtualWorld): Promise<void> {
  for (const { name } of Object.values(world.deployment.functions)) {
    await world.clients.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 0 }),
    );
  }
}

async function allowToRun(world: VirtualWorld): Promise<void> {
  for (const { name } of Object.values(world.deployment.functions)) {
    await world.clients.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }));
  }
}
