/** Auto Scaling could not launch an instance, or its launch hook ended in ABANDON. */
import { defineEvent } from "./event.ts";
import { failed, scalingActivity } from "./shapes/scaling-activity.ts";

export const launchUnsuccessful = defineEvent({
  name: "launch-unsuccessful",
  lane: "normal",
  source: "aws.autoscaling",
  detailTypes: ["EC2 Instance Launch Unsuccessful"],
  schema: scalingActivity,
  points: failed,
});
