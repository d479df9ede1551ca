/**
 * A group that was there before Warden: its nodes serve, none of them has Warden's programs, and Warden arrives. They go on as they
 * are, whatever they lack; what the group launches from then on is Warden's; and a person replaces the others.
 */
import { DeleteLifecycleHookCommand, PutLifecycleHookCommand } from "@aws-sdk/client-auto-scaling";
import { detaching } from "@warden/aws";
import { clientConfig } from "@warden/aws-local";
import { giveOrder, startRollout } from "@warden/control";
import { defaultPolicy } from "@warden/fleet";
import { hooks } from "@warden/functions/deployed";
import { localAssigned } from "@warden/worlds/local-site";
import { type ModelledMachine, type VirtualOptions, type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { expect, it } from "vitest";
import {
  AutoScalingGroupName,
  actionsOf,
  activities,
  desire,
  expectNoDefects,
  group,
  inService,
  keyOf,
  minutes,
  node,
  nodes,
  phaseOf,
  site,
  states,
  targets,
  until,
} from "./site.ts";

it("nodes that serve already go on serving although they have nothing of Warden's, and it says what they lack", async () => {
  const { world, theirs } = await adopted();
  const before = world.calls.length;
  await firstRelease(world);
  await world.clock.advance(minutes(60));

  expect(await inService(world)).toEqual(theirs);
  expect([...(await targets(world)).values()]).toEqual(Array(4).fill("healthy"));
  for (const { record, why } of await nodes(world)) {
    expect(record.phase).toMatchObject({ name: "found", lacks: expect.stringContaining("/opt/warden") });
    expect(why).toContain("left as it is: Warden's programs in /opt/warden do not answer on it");
    expect(why).toContain("`warden replace`");
  }
  // An empty database would be another than theirs: nobody installs Moodle on it.
  expect(await world.deps.ports.store.groupState(site, group)).toMatchObject({ installed: true });
  // It asks them now and then, and changes nothing.
  expect(new Set(actionsOf(world, before))).toEqual(new Set(["ssm:SendCommand"]));
  expect(documentsSent(world, before)).toEqual(["Warden-Verify"]);
  expectNoDefects(world);
});

it("what the group launches is Warden's, and who was there before leaves when a person says so, one after the other", async () => {
  const { world, theirs } = await adopted();
  await firstRelease(world);
  await desire(world, 5);
  await until(world, minutes(5), async () => (await inService(world)).length === 5);
  const [own = ""] = (await inService(world)).filter((instance) => !theirs.includes(instance));
  await until(world, minutes(1), async () => (await phaseOf(world, own)) === "in-service");
  expect((await node(world, own)).record.verified).toMatchObject(localAssigned);

  for (const instance of theirs)
    await giveOrder("replace", keyOf(instance), { by: "ann", reason: "Warden's nodes" }, world.deps);
  let fewest = 5;
  await until(
    world,
    minutes(120),
    async () => {
      const serving = await inService(world);
      fewest = Math.min(fewest, serving.length);
      const still = theirs.filter((instance) => serving.includes(instance));
      return still.length === 0 && serving.length === 5;
    },
    2_000,
  );
  // The budget of a group of five is one.
  expect(fewest).toBe(4);
  await until(world, minutes(2), async () =>
    (await nodes(world)).every(({ record: { phase } }) => phase.name === "in-service" || phase.name === "gone"),
  );
  expectNoDefects(world);
});

it("one of them that has become what it must be is Warden's from then on", async () => {
  const { world, theirs } = await adopted({ bare: false });
  await firstRelease(world);
  await world.clock.advance(minutes(10));
  for (const instance of theirs)
    expect(await node(world, instance)).toMatchObject({
      record: { phase: { name: "found" } },
      why: expect.stringContaining("left as it is"),
    });
  const [first = "", ...others] = theirs;
  const software = world.machines.get(first)?.software;
  if (software === undefined) throw new Error("no machine");
  Object.assign(software.state.disk, localAssigned);
  Object.assign(software.state.memory, { mounted: true, servicesRun: true });
  await until(world, minutes(10), async () => (await phaseOf(world, first)) === "in-service");
  expect((await node(world, first)).record.verified).toMatchObject(localAssigned);
  for (const instance of others) expect(await phaseOf(world, instance)).toBe("found");
  expectNoDefects(world);
});

it("a launch template that makes no nodes of Warden's yet costs none of those that serve, and few instances", async () => {
  const { world, theirs } = await adopted({ template: "theirs" });
  await firstRelease(world);
  await desire(world, 6);
  await world.clock.advance(minutes(60));
  expect(await inService(world)).toEqual(theirs);
  const { failedLaunches } = await world.deps.ports.store.groupState(site, group);
  expect(failedLaunches).toBeGreaterThan(0);
  expect(world.machines.size - theirs.length).toBeLessThanOrEqual(defaultPolicy.breakerThreshold + 2);
  expectNoDefects(world);
});

it("Auto Scaling ends one of them as before, and none waits for what it cannot do", async () => {
  const { world, theirs } = await adopted();
  await firstRelease(world);
  await desire(world, 3);
  await until(world, minutes(4), async () => (await states(world)).size === 3);
  const left = await inService(world);
  expect(theirs).toEqual(expect.arrayContaining(left));
  expect((await activities(world)).filter(({ StatusCode }) => StatusCode === "Failed")).toEqual([]);
  expectNoDefects(world);
});

it("the first release waits until all that serve were looked at", async () => {
  const { world } = await adopted({ look: false });
  const early = await startRollout({ site, group }, localAssigned, asked, world.deps);
  expect(early).toMatchObject({ done: false, needless: false, why: expect.stringContaining("a sweep does") });
});

// ---- The world ------------------------------------------------------------------------------------------------------

const asked = { by: "ann", reason: "the first" };

interface Before {
  /** None of Warden's programs is on the nodes. */
  readonly bare?: boolean;
  /** Long enough for a sweep. */
  readonly look?: boolean;
  /** Whose nodes the group launches from then on. */
  readonly template?: "theirs" | "warden's";
}

/** Four nodes that serve without Warden, which then arrives as its stack brings it: the site's record, then the hooks. */
async function adopted({ bare = true, look = true, template = "warden's" }: Before = {}): Promise<{
  world: VirtualWorld;
  theirs: string[];
}> {
  let isTheirs = true;
  const options: VirtualOptions = {
    ...{ desired: 0, released: false, onMachine: (machine) => isTheirs && serveWithoutWarden(machine, bare) },
  };
  const world = await virtualWorld(options);
  const [known] = await world.deps.ports.store.sites();
  if (known === undefined) throw new Error("no site");
  await detaching(clientConfig(world.aws.router), world.deployment.table).dropSite(known.site);
  for (const { name } of hooks)
    await world.clients.autoScaling.send(
      new DeleteLifecycleHookCommand({ AutoScalingGroupName, LifecycleHookName: name }),
    );
  await desire(world, 4);
  await until(world, minutes(10), async () => (await inService(world)).length === 4);
  await world.clock.advance(minutes(2));
  const theirs = await inService(world);
  isTheirs = template === "theirs";
  expect(await nodes(world)).toEqual([]);

  await world.deps.ports.store.putSite(known);
  for (const { name, transition, otherwise } of hooks)
    await world.clients.autoScaling.send(
      new PutLifecycleHookCommand({
        ...{ AutoScalingGroupName, LifecycleHookName: name, LifecycleTransition: transition },
        ...{ DefaultResult: otherwise, HeartbeatTimeout: 900 },
      }),
    );
  if (look) {
    await world.clock.advance(minutes(3));
    for (const { record } of await nodes(world)) expect(record.phase.name).toBe("found");
    expect(await nodes(world)).toHaveLength(4);
  }
  return { world, theirs };
}

/** A web server that answers, and an agent of Systems Manager; whatever else is on it is not Warden's. */
function serveWithoutWarden({ software }: ModelledMachine, bare: boolean): void {
  const page = { status: 200, body: "<!doctype html><title>Moodle</title>" };
  Object.assign(software, { answer: () => page, booted: () => {} });
  if (bare) for (const name of Object.keys(software.programs)) Reflect.deleteProperty(software.programs, name);
}

async function firstRelease(world: VirtualWorld): Promise<void> {
  expect(await startRollout({ site, group }, localAssigned, asked, world.deps)).toMatchObject({ done: true });
}

const documentsSent = (world: VirtualWorld, since: number): string[] => [
  ...new Set(
    world.calls
      .slice(since)
      .filter(({ operation }) => operation === "SendCommand")
      .map(({ input }) => JSON.stringify(input).match(/Warden-[A-Za-z]+/)?.[0] ?? ""),
  ),
];
