import {
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { beforeEach, describe, expect, it } from "vitest";
import { INTERVAL, type TestRegion, testRegion } from "./region.ts";

const DRAINING = ["draining", "Target.DeregistrationInProgress"];
const HEALTHY = ["healthy", undefined];

let region: TestRegion;
let group: string;
beforeEach(async () => {
  region = testRegion();
  group = await region.targetGroup();
});

const targets = (ids: readonly string[]) => ({ TargetGroupArn: group, Targets: ids.map((Id) => ({ Id })) });
const register = (...ids: string[]) => region.client.send(new RegisterTargetsCommand(targets(ids)));
const deregister = (...ids: string[]) => region.client.send(new DeregisterTargetsCommand(targets(ids)));
const setDelay = (seconds: number) =>
  region.client.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: group,
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: String(seconds) }],
    }),
  );
const seen = (instanceId: string) => region.seen(group, instanceId);
const rounds = (count: number) => region.clock.advance(count * INTERVAL);

/** An instance behind a listener that passed its first check. */
async function healthyTarget(): Promise<string> {
  const [id = ""] = await region.running(1);
  await region.listener(group);
  await register(id);
  await rounds(1);
  return id;
}

describe("a new target", () => {
  it("is initial / Elb.RegistrationInProgress, and healthy after one passed check (aws-semantics 3.7)", async () => {
    const [id = ""] = await region.running(1);
    await region.listener(group);
    await register(id);
    expect(await seen(id)).toEqual(["initial", "Elb.RegistrationInProgress"]);
    await rounds(1);
    expect(await seen(id)).toEqual(HEALTHY);
  });

  it("is initial / Elb.InitialHealthChecking until it was judged, and unhealthy after two failures (aws-semantics 3.7)", async () => {
    const [id = ""] = await region.running(1);
    region.answer(id, 503);
    await region.listener(group);
    await register(id);
    await rounds(1);
    expect(await seen(id)).toEqual(["initial", "Elb.InitialHealthChecking"]);
    await rounds(1);
    expect(await seen(id)).toEqual(["unhealthy", "Target.ResponseCodeMismatch"]);
  });

  it("is unused / Target.NotInUse while no listener forwards to its group (aws-semantics 3.7)", async () => {
    const [id = ""] = await region.running(1);
    await register(id);
    await rounds(3);
    expect(await seen(id)).toEqual(["unused", "Target.NotInUse"]);
    const listener = await region.listener(group);
    await rounds(1);
    expect(await seen(id)).toEqual(HEALTHY);
    await region.client.send(new DeleteListenerCommand({ ListenerArn: listener }));
    expect(await seen(id)).toEqual(["unused", "Target.NotInUse"]);
  });

  it("is unused / Target.NotInUse in a zone that the load balancer does not serve (aws-semantics 3.7)", async () => {
    const [id = ""] = await region.running(1, "eu-west-1c");
    await region.listener(group);
    await register(id);
    await rounds(2);
    expect(await seen(id)).toEqual(["unused", "Target.NotInUse"]);
  });

  it("has to be a running instance", async () => {
    const [id = ""] = await region.running(1);
    region.ec2.instances.terminate(id, "User initiated");
    await expect(register(id)).rejects.toMatchObject({
      name: "InvalidTargetException",
      message: `The following targets are not in a running state and cannot be registered: '${id}'`,
    });
    await expect(register("i-0123456789abcdef0")).rejects.toMatchObject({ name: "InvalidTargetException" });
  });

  it("does not begin anew when it is registered again", async () => {
    const id = await healthyTarget();
    await register(id);
    expect(await seen(id)).toEqual(HEALTHY);
  });
});

describe("deregistering", () => {
  it("drains for the whole delay, 300 s unless set otherwise, though the target is idle (aws-semantics 3.7)", async () => {
    const id = await healthyTarget();
    await deregister(id);
    expect(await seen(id)).toEqual(DRAINING);
    await region.clock.advance(299_999);
    expect(await seen(id)).toEqual(DRAINING);
    await region.clock.advance(1);
    expect(await seen(id)).toBeUndefined();
    expect(region.balancing.targetGroups.health(group, id)).toBeUndefined();
  });

  it("takes the delay from the group's attributes, from 0 to 3600 s (aws-semantics 3.7)", async () => {
    const id = await healthyTarget();
    await expect(setDelay(3601)).rejects.toMatchObject({ name: "ValidationError" });
    await setDelay(60);
    await deregister(id);
    await region.clock.advance(60_000);
    expect(await seen(id)).toBeUndefined();
    await register(id);
    await rounds(1);
    await setDelay(0);
    await deregister(id);
    expect(await seen(id)).toBeUndefined();
  });

  it("succeeds for a target that is not there (aws-semantics 3.7)", async () => {
    const [id = ""] = await region.running(1);
    await expect(deregister(id, "i-0123456789abcdef0")).resolves.toBeDefined();
  });

  it("does not start the delay again when repeated", async () => {
    const id = await healthyTarget();
    await deregister(id);
    await region.clock.advance(200_000);
    await deregister(id);
    await region.clock.advance(100_000);
    expect(await seen(id)).toBeUndefined();
    await register(id);
    await rounds(1);
    await deregister(id);
    await deregister(id);
    await register(id);
    await region.clock.advance(300_000);
    expect(await seen(id)).toEqual(HEALTHY);
  });

  it("can be taken back by registering the draining target, which then begins anew", async () => {
    const id = await healthyTarget();
    await deregister(id);
    await register(id);
    expect(await seen(id)).toEqual(["initial", "Elb.RegistrationInProgress"]);
    await rounds(1);
    expect(await seen(id)).toEqual(HEALTHY);
    await region.clock.advance(300_000);
    expect(await seen(id)).toEqual(HEALTHY);
  });

  it("shows unused / Target.NotRegistered for a target asked for by id that is not registered (aws-semantics 3.7)", async () => {
    const { TargetHealthDescriptions } = await region.client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group, Targets: [{ Id: "i-0123456789abcdef0" }] }),
    );
    expect(TargetHealthDescriptions).toEqual([
      {
        Target: { Id: "i-0123456789abcdef0", Port: 80 },
        HealthCheckPort: "80",
        TargetHealth: {
          State: "unused",
          Reason: "Target.NotRegistered",
          Description: "Target is not registered to the target group",
        },
      },
    ]);
  });

  it("is told to listeners at each change of state, to the end", async () => {
    const id = await healthyTarget();
    await deregister(id);
    await region.clock.advance(300_000);
    expect(region.told.map(({ instanceId, state }) => [instanceId, state])).toEqual(
      ["initial", "healthy", "draining", "unused"].map((state) => [id, state]),
    );
  });
});

describe("a target whose instance", () => {
  it("stops is unused / Target.InvalidState, and begins anew when it runs again (aws-semantics 3.7)", async () => {
    const id = await healthyTarget();
    region.ec2.instances.stop(id);
    expect(await seen(id)).toEqual(["unused", "Target.InvalidState"]);
    await region.clock.advance(5_000);
    region.ec2.instances.start(id);
    await region.clock.advance(1_000);
    expect((await seen(id))?.[0]).toBe("initial");
    await rounds(1);
    expect(await seen(id)).toEqual(HEALTHY);
  });

  it("stops while it drains goes on draining", async () => {
    const id = await healthyTarget();
    await deregister(id);
    region.ec2.instances.stop(id);
    await region.clock.advance(5_000);
    expect(await seen(id)).toEqual(DRAINING);
    await region.clock.advance(295_000);
    expect(await seen(id)).toBeUndefined();
  });

  it("has been terminated is deregistered, and drains though nobody is left (aws-semantics 3.7)", async () => {
    const id = await healthyTarget();
    region.ec2.instances.terminate(id, "User initiated");
    expect(await seen(id)).toEqual(HEALTHY);
    await region.clock.advance(5_000);
    expect(await seen(id)).toEqual(DRAINING);
    await region.clock.advance(300_000);
    expect(await seen(id)).toBeUndefined();
  });
});

describe("reading", () => {
  it("may be behind the times by the read-after-write gap", async () => {
    region = testRegion({ staleReads: { low: 2_000, high: 2_000 } });
    group = await region.targetGroup();
    const [id = ""] = await region.running(1);
    await region.listener(group);
    await register(id);
    expect(await seen(id)).toBeUndefined();
    await region.clock.advance(2_000);
    expect((await seen(id))?.[0]).toBe("initial");
  });
});

describe("serving", () => {
  it("is done by the healthy targets only, and not by draining ones", async () => {
    const [well = "", ill = "", leaving = ""] = await region.running(3);
    await region.listener(group);
    await register(well, ill, leaving);
    await rounds(1);
    region.answer(ill, 500);
    await deregister(leaving);
    await rounds(2);
    expect(region.balancing.serving(group)).toEqual([well]);
  });

  it("is done by all when all are unhealthy (aws-semantics 3.7)", async () => {
    const ids = await region.running(3);
    await region.listener(group);
    await register(...ids);
    await rounds(1);
    for (const id of ids) region.answer(id, 500);
    await rounds(2);
    expect(region.balancing.serving(group)).toEqual(ids);
  });

  it("falls open below the number of healthy targets that the group's attributes name", async () => {
    const [well = "", ill = ""] = await region.running(2);
    await region.listener(group);
    await register(well, ill);
    await rounds(1);
    region.answer(ill, 500);
    await rounds(2);
    expect(region.balancing.serving(group)).toEqual([well]);
    const Key = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
    await region.client.send(
      new ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes: [{ Key, Value: "60" }] }),
    );
    expect(region.balancing.serving(group)).toEqual([well, ill]);
  });
});

describe("metrics", () => {
  it("count healthy and unhealthy hosts each minute (limits-and-prices 2.1)", async () => {
    const [well = "", ill = ""] = await region.running(2);
    await region.listener(group);
    await register(well, ill);
    region.answer(ill, 500);
    await region.clock.advance(60_000);
    expect(region.metrics.map(({ name, value }) => [name, value])).toEqual([
      ["HealthyHostCount", 1],
      ["UnHealthyHostCount", 1],
    ]);
    expect(region.metrics[0]?.dimensions).toEqual({
      TargetGroup: expect.stringMatching(/^targetgroup\/moodle\/[0-9a-f]{16}$/),
      LoadBalancer: expect.stringMatching(/^app\/moodle-1\/[0-9a-f]{16}$/),
    });
  });
});
