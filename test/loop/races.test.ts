/** Several hands at once: budgets and floors hold, and `stop` is obeyed. */

import { unpaced } from "@warden/aws";
import { clientConfig, type Random, seededRandom } from "@warden/aws-local";
import { type Deps, giveOrder, type Message, reconcile, resume, stop } from "@warden/control";
import { wakeBody } from "@warden/events";
import { depsOf } from "@warden/worlds/loop";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { describe, expect, it } from "vitest";
import {
  actionsOf,
  desire,
  expectWell,
  expired,
  group,
  inService,
  keyOf,
  minutes,
  node,
  phaseOf,
  seconds,
  site,
  states,
  until,
  untilServing,
} from "./site.ts";

const asked = { by: "operator", reason: "a test" };

describe("two reconciles at once with one slot of the budget left", () => {
  it.for([1, 2, 3, 4, 5, 6, 7, 8])("one wins (seed %i)", async (seed) => {
    const world = await virtualWorld({ desired: 5, seed });
    await untilServing(world, 5);
    const contenders = (await inService(world)).slice(0, 2);
    for (const instance of contenders) {
      const order = {
        id: `order-${instance}`,
        verb: "replace",
        expiresAt: world.clock.now() + minutes(60),
        ...asked,
      } as const;
      await world.deps.ports.store.putOrder(keyOf(instance), order);
    }
    const random = seededRandom(seed);
    const failed = await Promise.all(
      contenders.map((instance) => reconcile("normal", [wakeOf(instance)], jittery(world, random))),
    );
    expect(failed).toEqual([[], []]);
    const phases = await Promise.all(contenders.map((instance) => phaseOf(world, instance)));
    expect(phases.sort()).toEqual(["in-service", "leaving"]);
    const { slots } = await world.deps.ports.store.groupState(site, group);
    expect(slots).toHaveLength(1);
    expect(await phaseOf(world, slots[0] ?? "")).toBe("leaving");

    // The other one has its turn later.
    await untilGone(world, contenders);
    await untilServing(world, 5);
    expect((await world.deps.ports.store.groupState(site, group)).slots).toEqual([]);
    await expectWell(world, 5);
    world.stop();
  });
});

async function untilGone(world: VirtualWorld, instances: readonly string[]): Promise<void> {
  await until(world, minutes(15), async () => {
    const current = await states(world);
    return !instances.some((instance) => current.has(instance));
  });
}

function wakeOf(instance: string): Message {
  const body = wakeBody({ key: keyOf(instance), hops: 0, version: 0, alone: false });
  return { messageId: instance, receiptHandle: instance, body, received: 1 };
}

/** The loop of another process, whose calls take their time. */
function jittery(world: VirtualWorld, random: Random): Deps {
  const client = clientConfig(world.aws.router);
  const { requestHandler } = client;
  const handle: typeof requestHandler.handle = async (request, options) => {
    for (let turns = random.integer(0, 6); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    return requestHandler.handle(request, options);
  };
  const { queues, ...deployment } = world.deployment;
  return depsOf({
    deployment: { ...deployment, queueUrls: { urgent: queues.urgent.url, normal: queues.normal.url } },
    client: { ...client, requestHandler: { ...requestHandler, handle } },
    pace: unpaced,
    log: { info() {}, warn() {}, error: (message, details) => console.log(message, details) },
    now: world.clock.now,
    id: () => random.hex(12),
  });
}

describe("orders for many nodes at once", () => {
  it.for([
    { desired: 10, min: 7, orders: 6, budget: 2, verb: "replace", after: 10 },
    { desired: 6, min: 3, orders: 5, budget: 2, verb: "drain", after: 3 },
    { desired: 3, min: 3, orders: 3, budget: 1, verb: "replace", after: 3 },
  ] as const)("never cross budget and floor ($verb $orders of $desired, at least $min)", async (each) => {
    const world = await virtualWorld({ desired: each.desired, fleet: { min: each.min } });
    await untilServing(world, each.desired);
    const ordered = (await inService(world)).slice(0, each.orders);
    for (const instance of ordered) await giveOrder(each.verb, keyOf(instance), asked, world.deps);

    let fewest: number = each.desired;
    let mostLeaving = 0;
    const isDone = async (): Promise<boolean> => {
      const current = await states(world);
      const serving = [...current.keys()].filter(
        (instance) => current.get(instance) === "InService" && world.machines.get(instance)?.software.isReady(),
      );
      fewest = Math.min(fewest, serving.length);
      const leaving = await Promise.all(ordered.map(async (one) => (await phaseOf(world, one)) === "leaving"));
      mostLeaving = Math.max(mostLeaving, leaving.filter(Boolean).length);
      const left = ordered.filter((instance) => current.has(instance));
      return left.length === (each.verb === "drain" ? each.orders - (each.desired - each.min) : 0);
    };
    await until(world, minutes(30), isDone, 250);
    console.log(
      `${each.verb} ${each.orders} of ${each.desired}: never fewer than ${fewest} ready, at most ${mostLeaving} leave at once`,
    );
    expect(fewest).toBeGreaterThanOrEqual(each.min);
    expect(mostLeaving).toBeLessThanOrEqual(each.budget);
    if (each.verb === "drain") await world.clock.advance(minutes(5));
    else await untilServing(world, each.after, minutes(10));
    expect(await inService(world)).toHaveLength(each.after);
    world.stop();
  });
});

describe("stop", () => {
  it("halts every voluntary action within 5 s, and nothing else", async () => {
    // Bootstraps take long enough for the hooks to need heartbeats.
    const slow = { pingEvery: 10_000, boot: { low: 500, high: 1_000 }, agentStart: { low: 300, high: 800 } };
    let slowness = 1;
    const world = await virtualWorld({
      desired: 5,
      fleet: { min: 2, hookTimeout: 180 },
      profileOf: () => ({ ...slow, faults: { slowness } }),
    });
    await untilServing(world, 5);
    const [busy = "", second = "", third = ""] = await inService(world);
    const software = world.machines.get(busy)?.software;
    software?.load.startTask("a backup", minutes(3));
    await giveOrder("replace", keyOf(busy), asked, world.deps);
    await until(world, minutes(1), async () => (await phaseOf(world, busy)) === "leaving");
    await world.clock.advance(seconds(10));

    await stop(site, asked, world.deps);
    for (const instance of [second, third]) await giveOrder("replace", keyOf(instance), asked, world.deps);
    await world.clock.advance(seconds(5));
    const calls = world.calls.length;
    slowness = 60;
    await desire(world, 7);
    await world.clock.advance(minutes(8));

    const done = actionsOf(world, calls);
    expect(done).not.toContain("autoscaling:TerminateInstanceInAutoScalingGroup");
    expect(done).not.toContain("autoscaling:SetDesiredCapacity");
    expect(done).not.toContain("elasticloadbalancing:DeregisterTargets");
    for (const instance of [second, third]) {
      expect((await states(world)).get(instance)).toBe("InService");
      expect((await node(world, instance)).why).toMatch(/stop/);
    }
    // Launches, completions and heartbeats go on.
    expect(done).toContain("autoscaling:CompleteLifecycleAction");
    expect(world.calls.slice(calls).map((call) => call.operation)).toContain("RecordLifecycleActionHeartbeat");
    expect(await inService(world)).toHaveLength(7);
    expect(await expired(world)).toEqual([]);

    slowness = 1;
    await resume(site, world.deps);
    await untilGone(world, [busy, second, third]);
    await untilServing(world, 7);
    await expectWell(world, 7);
    world.stop();
  });
});
