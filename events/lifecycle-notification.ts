/**
 * The same as the two lifecycle action events, from a hook whose notification target is a queue or a topic. The body is
 * flat: no envelope, no detail. Auto Scaling's own words take the place of source and detail type.
 */
import * as z from "zod/mini";
import { defineMessage } from "./event.ts";
import { launching, lifecycleActionFields, lifecyclePointer, terminating } from "./shapes/lifecycle-action.ts";
import { time } from "./shapes/time.ts";

export const lifecycleNotification = defineMessage({
  name: "lifecycle-notification",
  lane: "urgent",
  source: "AWS Auto Scaling",
  detailTypes: [launching, terminating],
  schema: () =>
    z.object({
      ...lifecycleActionFields(),
      LifecycleTransition: z.enum([launching, terminating]),
      Time: time,
    }),
  points(event) {
    const transition = event.LifecycleTransition === launching ? "launching" : "terminating";
    return [lifecyclePointer(event, transition, event.Time)];
  },
});
