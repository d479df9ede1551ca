import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
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

describe("health checks", () => {
  it("make a healthy target unhealthy after 2 consecutive failures, and healthy again after 5 passes (limits-and-prices 2.1)", async () => {
    const id = await healthyTarget();
    region.answer(id, 500);
    await rounds(1);
    expect(await seen(id)).toEqual(HEALTHY);
    await rounds(1);
    expect(await seen(id)).toEqual(["unhealthy", "Target.ResponseCodeMismatch"]);
    region.answer(id, 200);
    await rounds(4);
    expect((await seen(id))?.[0]).toBe("unhealthy");
    await rounds(1);
    expect(await seen(id)).toEqual(HEALTHY);
  });

  it("ask nobody in its first second, while it is being registered", async () => {
    const first = await healthyTarget();
    const [late = ""] = await region.running(1);
    const asked = new Map([first, late].map((id) => [id, [] as number[]]));
    for (const [id, times] of asked) {
      region.behave(id, () => {
        times.push(region.clock.now());
        return { status: 200, body: "" };
      });
    }
    await rounds(1);
    const nextRound = (asked.get(first)?.[0] ?? 0) + INTERVAL;
    await region.clock.advance(nextRound - 500 - region.clock.now());
    await register(late);
    await region.clock.advance(1_000);
    expect(asked.get(first)?.at(-1)).toBe(nextRound);
    expect(await seen(late)).toEqual(["initial", "Elb.RegistrationInProgress"]);
    await rounds(1);
    expect(asked.get(late)).toEqual([nextRound + INTERVAL]);
    expect(await seen(late)).toEqual(HEALTHY);
  });

  it("count only failures in a row", async () => {
    const id = await healthyTarget();
    for (const status of [500, 200, 500, 200, 500]) {
      region.answer(id, status);
      await rounds(1);
      expect(await seen(id)).toEqual(HEALTHY);
    }
  });

  it("say Target.Timeout when no answer came in time, and pay no heed to one that comes later (aws-semantics 3.7)", async () => {
    const id = await healthyTarget();
    const late = { status: 200, body: "" };
    region.behave(id, () => new Promise((resolve) => region.clock.after(7_000, () => resolve(late))));
    await rounds(3);
    expect(await seen(id)).toEqual(["unhealthy", "Target.Timeout"]);
    region.behave(id, () => new Promise((resolve) => region.clock.after(3_000, () => resolve(late))));
    await rounds(6);
    expect(await seen(id)).toEqual(HEALTHY);
  });

  it("find nobody when the target was deregistered, or registered anew, between question and answer", async () => {
    const id = await healthyTarget();
    let asked = 0;
    region.behave(id, () => {
      asked += 1;
      return new Promise((resolve) => region.clock.after(4_000, () => resolve("refused")));
    });
    await region.clock.advanceUntil(() => asked === 2, 3 * INTERVAL);
    await deregister(id);
    await region.clock.advance(4_000);
    expect(await seen(id)).toEqual(DRAINING);
    await register(id);
    await region.clock.advanceUntil(() => asked === 4, 3 * INTERVAL);
    await deregister(id);
    await register(id);
    await region.clock.advance(4_000);
    expect((await seen(id))?.[0]).toBe("initial");
    expect(region.told.map(({ state }) => state)).not.toContain("unhealthy");
  });

  it("wait for a machine that answers within the instant, however many turns it takes for that", async () => {
    const id = await healthyTarget();
    region.behave(id, async () => {
      for (let turn = 0; turn < 30; turn++) await Promise.resolve();
      return { status: 200, body: "" };
    });
    await rounds(6);
    expect(region.told.map(({ state }) => state)).toEqual(["initial", "healthy"]);
  });

  it("say Target.FailedHealthChecks when there is no connection (aws-semantics 3.7)", async () => {
    const id = await healthyTarget();
    region.behave(id, () => "refused");
    await rounds(2);
    expect(await seen(id)).toEqual(["unhealthy", "Target.FailedHealthChecks"]);
  });

  it("name the code that was answered instead", async () => {
    const id = await healthyTarget();
    region.answer(id, 503);
    await rounds(2);
    const { TargetHealthDescriptions } = await region.client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group }),
    );
    expect(TargetHealthDescriptions?.[0]?.TargetHealth?.Description).toBe(
      "Health checks failed with these codes: [503]",
    );
  });

  it("ask the path of the group on the target's port, or on the port that the group names", async () => {
    const [id = ""] = await region.running(1);
    const asked: string[] = [];
    region.behave(id, (port, path) => {
      asked.push(`${port}${path}`);
      return { status: 200, body: "" };
    });
    const other = await region.targetGroup({ Name: "other", HealthCheckPort: "8081", HealthCheckPath: "/alive" });
    await region.listener(group);
    await region.listener(other);
    await register(id);
    region.balancing.targetGroups.register(other, id);
    await rounds(1);
    expect(asked.sort()).toEqual(["80/warden/ready", "8081/alive"]);
  });

  it("accept the codes of the matcher, single or in ranges", async () => {
    const [id = ""] = await region.running(1);
    region.answer(id, 302);
    group = await region.targetGroup({ Name: "lenient", Matcher: { HttpCode: "200,300-399" } });
    await region.listener(group);
    await register(id);
    await rounds(1);
    expect(await seen(id)).toEqual(HEALTHY);
  });

  it("cost one timer a round for a whole group, not one a target", async () => {
    const ids = await region.running(300);
    let timers = 0;
    const { after } = region.clock;
    region.clock.after = (delay, task) => {
      timers += 1;
      return after(delay, task);
    };
    await region.listener(group);
    await register(...ids);
    await rounds(10);
    expect(region.balancing.serving(group)).toHaveLength(300);
    expect(timers).toBeLessThan(50);
  });
});
