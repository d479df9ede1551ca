/** The four events that tell how a launch or a termination by Auto Scaling ended. */
import * as z from "zod/mini";
import type { Pointer } from "../event.ts";
import { groupName, instanceId } from "./names.ts";
import { time } from "./time.ts";

/** A launch that failed before there was an instance has an empty id. */
export const scalingActivity = () =>
  z.object({
    time,
    detail: z.object({
      AutoScalingGroupName: groupName,
      EC2InstanceId: z.optional(z.union([instanceId, z.literal("")])),
    }),
  });

type ScalingActivity = z.output<ReturnType<typeof scalingActivity>>;

/** It went well: the instance is the thing to look at. */
export function succeeded({ detail }: ScalingActivity): readonly Pointer[] {
  const instances = instanceOf(detail);
  return instances.length > 0 ? instances : [{ kind: "group", group: detail.AutoScalingGroupName }];
}

/** It failed: the group has the wrong size now, whatever became of the instance. */
export function failed({ detail }: ScalingActivity): readonly Pointer[] {
  return [{ kind: "group", group: detail.AutoScalingGroupName }, ...instanceOf(detail)];
}

function instanceOf({ EC2InstanceId, AutoScalingGroupName }: ScalingActivity["detail"]): readonly Pointer[] {
  if (EC2InstanceId === undefined || EC2InstanceId === "") return [];
  return [{ kind: "instance", instanceId: EC2InstanceId, group: AutoScalingGroupName }];
}
