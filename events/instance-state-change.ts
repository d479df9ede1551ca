/**
 * An instance of the account stops or is gone: also one that was terminated past Auto Scaling. That it starts and runs
 * is not even delivered: the lifecycle hook, the node itself and the sweep tell of a launch.
 */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { instanceId, word } from "./shapes/names.ts";
import { time } from "./shapes/time.ts";

const ending = ["shutting-down", "terminated", "stopping", "stopped"];

export const instanceStateChange = defineEvent({
  name: "instance-state-change",
  lane: "normal",
  source: "aws.ec2",
  detailTypes: ["EC2 Instance State-change Notification"],
  detail: { state: ending },
  schema: () => z.object({ time, detail: z.object({ "instance-id": instanceId, state: word }) }),
  points: ({ detail }) =>
    ending.includes(detail.state)
      ? [{ kind: "instance", instanceId: detail["instance-id"] }]
      : { nothingToDo: `it is ${detail.state}` },
});
