/** Secrets Manager's own rotation has come to its end. It comes by way of CloudTrail, as `secret-written` does. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { secretName, word } from "./shapes/names.ts";
import { hintedTime } from "./shapes/time.ts";

const succeeded = "RotationSucceeded";

export const secretRotated = defineEvent({
  name: "secret-rotated",
  lane: "normal",
  source: "aws.secretsmanager",
  detailTypes: ["AWS Service Event via CloudTrail"],
  detail: { eventName: [succeeded] },
  schema: () =>
    z.object({
      detail: z.object({
        eventName: word,
        eventTime: z.optional(hintedTime),
        additionalEventData: z.object({ SecretId: secretName }),
      }),
    }),
  points({ detail: { eventName: what, eventTime: at, additionalEventData } }) {
    if (what !== succeeded) return { nothingToDo: "the rotation has not succeeded" };
    const name = additionalEventData.SecretId;
    return [{ kind: "dependency", service: "secretsmanager", name, what, ...(at !== undefined && { at }) }];
  },
});
