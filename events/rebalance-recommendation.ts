/** A spot instance is more likely than before to be taken back. It may come before the two minutes' warning, or with it. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { instanceId } from "./shapes/names.ts";
import { time } from "./shapes/time.ts";

export const rebalanceRecommendation = defineEvent({
  name: "rebalance-recommendation",
  lane: "normal",
  source: "aws.ec2",
  detailTypes: ["EC2 Instance Rebalance Recommendation"],
  schema: () => z.object({ time, detail: z.object({ "instance-id": instanceId }) }),
  points: ({ detail, time: at }) => [
    { kind: "instance", instanceId: detail["instance-id"], notice: { kind: "rebalance-recommendation", at } },
  ],
});
