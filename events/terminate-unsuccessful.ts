/** Auto Scaling could not terminate an instance. */
import { defineEvent } from "./event.ts";
import { failed, scalingActivity } from "./shapes/scaling-activity.ts";

export const terminateUnsuccessful = defineEvent({
  name: "terminate-unsuccessful",
  lane: "normal",
  source: "aws.autoscaling",
  detailTypes: ["EC2 Instance Terminate Unsuccessful"],
  schema: scalingActivity,
  points: failed,
});
