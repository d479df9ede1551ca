/** An instance refresh of a group moved on: somebody replaces the nodes, or puts them back. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { groupName } from "./shapes/names.ts";
import { time } from "./shapes/time.ts";

/** The guide's sample writes the numbers of a checkpoint as text. */
const numeric = z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d{1,9}$/)), z.transform(Number))]);

export const instanceRefresh = defineEvent({
  name: "instance-refresh",
  lane: "normal",
  source: "aws.autoscaling",
  detailTypes: [
    "EC2 Auto Scaling Instance Refresh Started",
    "EC2 Auto Scaling Instance Refresh Checkpoint Reached",
    "EC2 Auto Scaling Instance Refresh Succeeded",
    "EC2 Auto Scaling Instance Refresh Failed",
    "EC2 Auto Scaling Instance Refresh Cancelled",
    "EC2 Auto Scaling Instance Refresh Rollback Started",
    "EC2 Auto Scaling Instance Refresh Rollback Succeeded",
    "EC2 Auto Scaling Instance Refresh Rollback Failed",
  ],
  schema: () =>
    z.object({
      time,
      detail: z.object({
        AutoScalingGroupName: groupName,
        CheckpointPercentage: z.optional(numeric),
        CheckpointDelay: z.optional(numeric),
      }),
    }),
  points: ({ detail }) => [{ kind: "group", group: detail.AutoScalingGroupName }],
});
