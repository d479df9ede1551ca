import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOUR, LAUNCH_HOOK, MINUTE, SECOND, type Stage, stage, TARGET_GROUP, TERMINATE_HOOK } from "./stage.ts";

type Step =
  | { kind: "desired"; value: number }
  | { kind: "complete"; result: "CONTINUE" | "ABANDON" }
  | { kind: "kill"; index: number }
  | { kind: "unhealthy"; index: number }
  | { kind: "terminate"; index: number }
  | { kind: "wait"; seconds: number };

const index = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("desired"), value: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ kind: fc.constant("complete"), result: fc.constantFrom("CONTINUE", "ABANDON") }),
  fc.record({ kind: fc.constant("kill"), index }),
  fc.record({ kind: fc.constant("unhealthy"), index }),
  fc.record({ kind: fc.constant("terminate"), index }),
  fc.record({ kind: fc.constant("wait"), seconds: fc.integer({ min: 1, max: 400 }) }),
);

async function perform(play: Stage, each: Step): Promise<void> {
  const ids = await play.ids();
  const AutoScalingGroupName = "moodle";
  if (each.kind === "wait") await play.clock.advance(each.seconds * SECOND);
  else if (each.kind === "desired") {
    await play.call("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: each.value });
  } else if (each.kind === "complete") await completeAll(play, each.result);
  else {
    const id = ids[each.index % Math.max(1, ids.length)];
    if (id === undefined) return;
    if (each.kind === "kill") play.instances.terminate(id);
    else if (each.kind === "unhealthy") {
      await play.call("SetInstanceHealth", { InstanceId: id, HealthStatus: "Unhealthy" });
    } else {
      await play.call("TerminateInstanceInAutoScalingGroup", {
        InstanceId: id,
        ShouldDecrementDesiredCapacity: false,
      });
    }
  }
}

async function completeAll(play: Stage, LifecycleActionResult: string): Promise<void> {
  for (const { InstanceId, LifecycleState } of (await play.group()).Instances ?? []) {
    const LifecycleHookName =
      LifecycleState === "Pending:Wait"
        ? "warden-launch"
        : LifecycleState === "Terminating:Wait"
          ? "warden-terminate"
          : undefined;
    if (LifecycleHookName === undefined) continue;
    await play.call("CompleteLifecycleAction", {
      AutoScalingGroupName: "moodle",
      LifecycleHookName,
      InstanceId,
      LifecycleActionResult,
    });
  }
}

describe("a group", () => {
  it("settles at desired capacity, whatever happened before", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(1_000), async (steps, seed) => {
        const play = stage({ seed });
        await play.create({
          DesiredCapacity: 2,
          TargetGroupARNs: [TARGET_GROUP],
          LifecycleHookSpecificationList: [LAUNCH_HOOK, TERMINATE_HOOK],
        });
        for (const each of steps) await perform(play, each);
        const end = play.clock.now() + 3 * HOUR;
        while (play.clock.now() < end) {
          await completeAll(play, "CONTINUE");
          await play.clock.advance(MINUTE);
        }
        const { DesiredCapacity, Instances = [] } = await play.group();
        expect(Instances.map(({ LifecycleState }) => LifecycleState)).toEqual(
          Array.from({ length: DesiredCapacity ?? 0 }, () => "InService"),
        );
        // Nothing was left behind in EC2 or at the load balancer.
        const running = [...play.instances.all.values()].filter(({ state }) => state === "running");
        expect(running).toHaveLength(Instances.length);
        expect([...play.targets.health.keys()].sort()).toEqual(Instances.map(({ InstanceId }) => InstanceId).sort());
      }),
      { numRuns: 100 },
    );
  });
});
