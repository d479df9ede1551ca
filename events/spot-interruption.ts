/**
 * EC2 takes a spot instance back in two minutes. Only `detail` is read: the ARN in `resources` has the zone in the
 * place of the Region.
 */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { instanceId, word } from "./shapes/names.ts";
import { time } from "./shapes/time.ts";

export const spotInterruption = defineEvent({
  name: "spot-interruption",
  lane: "urgent",
  source: "aws.ec2",
  detailTypes: ["EC2 Spot Instance Interruption Warning"],
  schema: () =>
    z.object({
      time,
      detail: z.object({ "instance-id": instanceId, "instance-action": word }),
    }),
  points: ({ detail, time: at }) => [
    {
      kind: "instance",
      instanceId: detail["instance-id"],
      notice: { kind: "spot-interruption", action: detail["instance-action"], at },
    },
  ],
});
