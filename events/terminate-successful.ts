/** Auto Scaling terminated an instance. */
import { defineEvent } from "./event.ts";
import { scalingActivity, succeeded } from "./shapes/scaling-activity.ts";

export const terminateSuccessful = defineEvent({
  name: "terminate-successful",
  lane: "normal",
  source: "aws.autoscaling",
  detailTypes: ["EC2 Instance Terminate Successful"],
  schema: scalingActivity,
  points: succeeded,
});
