/**
 * The fields of a lifecycle action, the same in an event's `detail` and in a notification's flat body, and the pointer
 * they make. `NotificationMetadata` is left out: it is free text.
 */
import * as z from "zod/mini";
import type { LifecycleActionNotice, Pointer } from "../event.ts";
import { groupName, hookName, instanceId, token, word } from "./names.ts";

export const launching = "autoscaling:EC2_INSTANCE_LAUNCHING";
export const terminating = "autoscaling:EC2_INSTANCE_TERMINATING";

/** Origin and destination came with warm pools and are missing from older events; so is `Action`. */
export const lifecycleActionFields = () => ({
  EC2InstanceId: instanceId,
  AutoScalingGroupName: groupName,
  LifecycleHookName: hookName,
  LifecycleActionToken: z.optional(token),
  Origin: z.optional(word),
  Destination: z.optional(word),
  Action: z.optional(word),
});

type LifecycleAction = z.output<z.ZodMiniObject<ReturnType<typeof lifecycleActionFields>>>;

export function lifecyclePointer(
  action: LifecycleAction,
  transition: LifecycleActionNotice["transition"],
  at: string,
): Pointer {
  const { LifecycleActionToken: token, Origin: origin, Destination: destination, Action } = action;
  const notice: LifecycleActionNotice = {
    kind: "lifecycle-action",
    transition,
    hook: action.LifecycleHookName,
    ...(token !== undefined && { token }),
    ...(origin !== undefined && { origin }),
    ...(destination !== undefined && { destination }),
    ...(Action !== undefined && { action: Action }),
    at,
  };
  return { kind: "instance", instanceId: action.EC2InstanceId, group: action.AutoScalingGroupName, notice };
}
