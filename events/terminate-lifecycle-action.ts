/** An instance waits at a terminate hook. With destination `WarmPool` it is kept, and with action `ReplaceRootVolume` it goes on. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { lifecycleActionFields, lifecyclePointer, terminating } from "./shapes/lifecycle-action.ts";
import { time } from "./shapes/time.ts";

export const terminateLifecycleAction = defineEvent({
  name: "terminate-lifecycle-action",
  lane: "urgent",
  source: "aws.autoscaling",
  detailTypes: ["EC2 Instance-terminate Lifecycle Action"],
  schema: () =>
    z.object({
      time,
      detail: z.object({ ...lifecycleActionFields(), LifecycleTransition: z.literal(terminating) }),
    }),
  points: (event) => [lifecyclePointer(event.detail, "terminating", event.time)],
});
