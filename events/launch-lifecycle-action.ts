/** An instance waits at a launch hook. A pooled instance passes it twice, on its way into the warm pool and out of it. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { launching, lifecycleActionFields, lifecyclePointer } from "./shapes/lifecycle-action.ts";
import { time } from "./shapes/time.ts";

export const launchLifecycleAction = defineEvent({
  name: "launch-lifecycle-action",
  lane: "urgent",
  source: "aws.autoscaling",
  detailTypes: ["EC2 Instance-launch Lifecycle Action"],
  schema: () =>
    z.object({
      time,
      detail: z.object({ ...lifecycleActionFields(), LifecycleTransition: z.literal(launching) }),
    }),
  points: (event) => [lifecyclePointer(event.detail, "launching", event.time)],
});
