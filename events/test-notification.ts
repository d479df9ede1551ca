/** Auto Scaling tries a hook's notification target when the hook is put. No instance waits. */
import * as z from "zod/mini";
import { defineMessage } from "./event.ts";

export const testNotification = defineMessage({
  name: "test-notification",
  lane: "normal",
  source: "AWS Auto Scaling",
  detailTypes: ["autoscaling:TEST_NOTIFICATION"],
  schema: () => z.object({}),
  points: () => ({ nothingToDo: "Auto Scaling tried the notification target of a hook" }),
});
