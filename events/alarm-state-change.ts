/**
 * An alarm of CloudWatch came on. Which site it speaks of, and of what, the site's own list says; whether it is still on, the
 * sweep asks. One whose actions are suppressed tells it all the same (CloudWatch guide, "Alarm events and EventBridge": its
 * sample is such a one): who suppressed them wants nobody to act. That one went off, or lacks data, is no reason to do anything.
 */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { alarmName, word } from "./shapes/names.ts";

export const alarmStateChange = defineEvent({
  name: "alarm-state-change",
  lane: "normal",
  source: "aws.cloudwatch",
  detailTypes: ["CloudWatch Alarm State Change"],
  detail: { state: { value: ["ALARM"], actionsSuppressedBy: [{ exists: false }] } },
  schema: () =>
    z.object({
      detail: z.object({
        alarmName,
        state: z.object({ value: word, reason: z._default(z.string(), ""), actionsSuppressedBy: z.optional(word) }),
      }),
    }),
  points({ detail: { alarmName: name, state } }) {
    if (state.value !== "ALARM") return { nothingToDo: "the alarm is not on" };
    if (state.actionsSuppressedBy !== undefined) return { nothingToDo: "the alarm's actions are suppressed" };
    return [{ kind: "alarm", name, reason: state.reason.replace(/\p{Cc}+/gu, " ").slice(0, longestReason) }];
  },
});

/** CloudWatch itself keeps no more (API reference, SetAlarmState). */
const longestReason = 1023;
