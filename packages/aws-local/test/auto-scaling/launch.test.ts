import { describe, expect, it } from "vitest";
import { LAUNCH_HOOK, SECOND, stage, TARGET_GROUP, TERMINATE_HOOK } from "./stage.ts";

describe("launching", () => {
  it("launches up to desired capacity and puts instances in service", async () => {
    const { create, settle, states, group } = stage();
    await create({ DesiredCapacity: 3 });
    await settle();
    expect(await states()).toEqual(["InService", "InService", "InService"]);
    expect((await group()).DesiredCapacity).toBe(3);
  });

  it("runs the hook first, then registers with the load balancer, then goes InService (aws-semantics 3.1)", async () => {
    const { create, settle, states, ids, targets, call, clock, ofType } = stage();
    await create({ LifecycleHookSpecificationList: [LAUNCH_HOOK, TERMINATE_HOOK], TargetGroupARNs: [TARGET_GROUP] });
    await settle(60 * SECOND);
    expect(await states()).toEqual(["Pending:Wait"]);
    expect(targets.log).toEqual([]);
    const [id = ""] = await ids();
    await call("CompleteLifecycleAction", {
      AutoScalingGroupName: "moodle",
      LifecycleHookName: "warden-launch",
      LifecycleActionResult: "CONTINUE",
      InstanceId: id,
    });
    expect(await states()).toEqual(["Pending:Proceed"]);
    await clock.advance(2 * SECOND);
    expect(targets.log).toEqual([`register ${id}`]);
    expect(await states()).toEqual(["InService"]);
    expect(ofType("EC2 Instance Launch Successful")).toHaveLength(1);
  });
});
