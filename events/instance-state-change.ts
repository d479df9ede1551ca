/** An instance of the account starts, runs, stops or is gone: also those that were terminated past Auto Scaling. */
import * as z from "zod";
import { defineEvent } from "./event.ts";
import { instanceId, word } from "./shapes/names.ts";
import { time } from "./shapes/time.ts";

export const instanceStateChange = defineEvent({
  name: "instance-state-change",
  lane: "normal",
  source: "aws.ec2",
  detailTypes: ["EC2 Instance State-change Notification"],
  schema: () => z.object({ time, detail: z.object({ "instance-id": instanceId, state: word }) }),
  points: ({ detail }) => [{ kind: "instance", instanceId: detail["instance-id"] }],
});
