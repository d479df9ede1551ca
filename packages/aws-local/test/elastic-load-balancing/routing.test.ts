import {
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { beforeEach, describe, expect, it } from "vitest";
import type { Routing } from "../../src/region.ts";
import { INTERVAL, type TestRegion, testRegion } from "./region.ts";

let region: TestRegion;
let group: string;
let listener: string;
let told: Routing[];
beforeEach(async () => {
  region = testRegion();
  group = await region.targetGroup();
  listener = await region.listener(group);
  told = [];
  region.balancing.followRouting(listener, (routing) => told.push(routing));
});

const targets = (ids: readonly string[], Port?: number) => ({
  TargetGroupArn: group,
  Targets: ids.map((Id) => ({ Id, Port })),
});
const register = (...ids: string[]) => region.client.send(new RegisterTargetsCommand(targets(ids)));
const deregister = (...ids: string[]) => region.client.send(new DeregisterTargetsCommand(targets(ids)));
const set = (Key: string, Value: string) =>
  region.client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes: [{ Key, Value }] }));
const rounds = (count: number) => region.clock.advance(count * INTERVAL);
const now = () => told.at(-1);
/** What was told last, of one target: its state and whether requests go to it. */
const seen = (id: string) => {
  const target = now()?.[0]?.targets.find(({ instanceId }) => instanceId === id);
  return target && [target.health.state, target.takesRequests];
};

async function healthy(count: number): Promise<string[]> {
  const ids = await region.running(count);
  await register(...ids);
  await rounds(1);
  return ids;
}

describe("who follows a listener's routing", () => {
  it("is told at once where requests go now, and each target's private address", async () => {
    const [id = ""] = await healthy(1);
    const late: Routing[] = [];
    region.balancing.followRouting(listener, (routing) => late.push(routing));
    const address = region.ec2.instances.find(id)?.privateIp;
    expect(address).toMatch(/^172\.31\./);
    const target = { instanceId: id, address, port: 80, health: { state: "healthy" }, takesRequests: true };
    expect(late).toEqual([[{ targetGroupArn: group, deregistrationDelay: 300_000, targets: [target] }]]);
  });

  it("is told of an empty group, too", () => {
    expect(told).toEqual([[{ targetGroupArn: group, deregistrationDelay: 300_000, targets: [] }]]);
  });

  it("is told each change of state once, and nothing while nothing changes", async () => {
    const [id = ""] = await region.running(1);
    await register(id);
    expect(seen(id)).toEqual(["initial", true]);
    await rounds(1);
    expect(seen(id)).toEqual(["healthy", true]);
    const before = told.length;
    await rounds(20);
    expect(told).toHaveLength(before);
    region.answer(id, 500);
    await rounds(20);
    expect(seen(id)?.[0]).toBe("unhealthy");
    expect(told).toHaveLength(before + 1);
  });

  it("hears nothing of what changes elsewhere", async () => {
    const [id = ""] = await healthy(1);
    const other = await region.targetGroup({ Name: "other" });
    await region.listener(other);
    const before = told.length;
    await region.client.send(new RegisterTargetsCommand({ TargetGroupArn: other, Targets: [{ Id: id }] }));
    await rounds(1);
    await set("slow_start.duration_seconds", "30");
    expect(told).toHaveLength(before);
  });

  it("finds a target on each of its ports", async () => {
    const [id = ""] = await region.running(1);
    await region.client.send(new RegisterTargetsCommand(targets([id], 8080)));
    await register(id);
    expect(now()?.[0]?.targets.map(({ port }) => port)).toEqual([8080, 80]);
  });

  it("throws for a listener that does not exist", () => {
    expect(() => region.balancing.followRouting(`${listener}0`, () => {})).toThrow("listeners not found");
  });
});

describe("requests", () => {
  it("go to the healthy only, as soon as there is one (ELB guide, 'Health checks': a target must pass its checks first)", async () => {
    const [first = ""] = await healthy(1);
    const [second = ""] = await region.running(1);
    await register(second);
    expect([seen(first), seen(second)]).toEqual([
      ["healthy", true],
      ["initial", false],
    ]);
    await rounds(1);
    expect(seen(second)).toEqual(["healthy", true]);
  });

  it("go to all that are registered when all are unhealthy, but to none that drains (aws-semantics 3.7: fail open)", async () => {
    const [one = "", two = "", leaving = ""] = await healthy(3);
    for (const id of [one, two]) region.answer(id, 500);
    await deregister(leaving);
    await rounds(2);
    expect([seen(one), seen(two), seen(leaving)]).toEqual([
      ["unhealthy", true],
      ["unhealthy", true],
      ["draining", false],
    ]);
    region.answer(one, 200);
    await rounds(5);
    expect([seen(one), seen(two)]).toEqual([
      ["healthy", true],
      ["unhealthy", false],
    ]);
  });

  it("go to all below the number of healthy targets that an attribute sets, from the moment that it is set", async () => {
    const [well = "", ill = ""] = await healthy(2);
    region.answer(ill, 500);
    await rounds(2);
    expect([seen(well), seen(ill)]).toEqual([
      ["healthy", true],
      ["unhealthy", false],
    ]);
    await set("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "2");
    expect([seen(well), seen(ill)]).toEqual([
      ["healthy", true],
      ["unhealthy", true],
    ]);
  });

  it("go to no instance that was stopped, and to it again when it runs and is healthy", async () => {
    const [stays = "", stops = ""] = await healthy(2);
    region.ec2.instances.stop(stops);
    expect([seen(stays), seen(stops)]).toEqual([
      ["healthy", true],
      ["unused", false],
    ]);
    await rounds(1);
    region.ec2.instances.start(stops);
    await rounds(2);
    expect(seen(stops)).toEqual(["healthy", true]);
  });

  it("go to no target in a zone that the load balancer does not use", async () => {
    const [elsewhere = ""] = await region.running(1, "eu-west-1c");
    await register(elsewhere);
    expect(seen(elsewhere)).toEqual(["unused", false]);
  });
});

describe("a target that is deregistered", () => {
  it("drains until the delay that was set then is over, and is told of no more after it", async () => {
    const [stays = "", leaves = ""] = await healthy(2);
    await set("deregistration_delay.timeout_seconds", "120");
    expect(now()?.[0]?.deregistrationDelay).toBe(120_000);
    const until = region.clock.now() + 120_000;
    await deregister(leaves);
    const healthOf = () => now()?.[0]?.targets.find(({ instanceId }) => instanceId === leaves)?.health;
    expect(healthOf()).toEqual({ state: "draining", until });
    await set("deregistration_delay.timeout_seconds", "0");
    await region.clock.advance(119_000);
    expect(healthOf()).toEqual({ state: "draining", until });
    await region.clock.advance(1_000);
    expect([seen(stays), seen(leaves)]).toEqual([["healthy", true], undefined]);
  });

  it("is gone at once without a delay", async () => {
    const [stays = "", leaves = ""] = await healthy(2);
    await set("deregistration_delay.timeout_seconds", "0");
    await deregister(leaves);
    expect([seen(stays), seen(leaves)]).toEqual([["healthy", true], undefined]);
  });

  it("comes back when it is registered again", async () => {
    const [id = ""] = await healthy(1);
    await deregister(id);
    expect(seen(id)).toEqual(["draining", false]);
    await register(id);
    expect(seen(id)).toEqual(["initial", true]);
    await region.clock.advance(400_000);
    expect(seen(id)).toEqual(["healthy", true]);
  });
});

describe("a listener that is changed", () => {
  const modify = (DefaultActions: ModifyListenerCommand["input"]["DefaultActions"]) =>
    region.client.send(new ModifyListenerCommand({ ListenerArn: listener, DefaultActions }));

  it("routes to the groups that it forwards to now", async () => {
    const [id = ""] = await healthy(1);
    const other = await region.targetGroup({ Name: "other" });
    const TargetGroups = [{ TargetGroupArn: other }, { TargetGroupArn: group }];
    await modify([{ Type: "forward", ForwardConfig: { TargetGroups } }]);
    expect(now()?.map(({ targetGroupArn }) => targetGroupArn)).toEqual([other, group]);
    await modify([{ Type: "forward", TargetGroupArn: other }]);
    expect(now()?.map(({ targetGroupArn }) => targetGroupArn)).toEqual([other]);
    await modify([{ Type: "forward", TargetGroupArn: group }]);
    expect(seen(id)).toEqual(["initial", true]);
  });

  it("routes nowhere when it answers by itself, and when it is deleted", async () => {
    await modify([{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "503" } }]);
    expect(now()).toEqual([]);
    await modify([{ Type: "forward", TargetGroupArn: group }]);
    expect(now()).toHaveLength(1);
    await region.client.send(new DeleteListenerCommand({ ListenerArn: listener }));
    expect(now()).toEqual([]);
  });
});
