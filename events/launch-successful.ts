/** Auto Scaling launched an instance; its status code says `InProgress` all the same. */
import { defineEvent } from "./event.ts";
import { scalingActivity, succeeded } from "./shapes/scaling-activity.ts";

export const launchSuccessful = defineEvent({
  name: "launch-successful",
  lane: "normal",
  source: "aws.autoscaling",
  detailTypes: ["EC2 Instance Launch Successful"],
  schema: scalingActivity,
  points: succeeded,
});
