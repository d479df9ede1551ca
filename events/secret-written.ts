/**
 * Somebody changed a secret, or which version of it is the current one. It comes by way of CloudTrail, so there are no
 * such events in an account without a trail.
 */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { secretName, word } from "./shapes/names.ts";
import { hintedTime } from "./shapes/time.ts";

/** Each of them can move the label AWSCURRENT. */
const calls = ["PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"];

export const secretWritten = defineEvent({
  name: "secret-written",
  lane: "normal",
  source: "aws.secretsmanager",
  detailTypes: ["AWS API Call via CloudTrail"],
  detail: { eventName: calls },
  schema: () =>
    z.object({
      detail: z.object({
        eventName: word,
        eventTime: z.optional(hintedTime),
        /** Null when the call was refused. */
        requestParameters: z.nullish(z.object({ secretId: secretName })),
      }),
    }),
  points({ detail: { eventName: what, eventTime: at, requestParameters } }) {
    if (!calls.includes(what) || requestParameters == null) return { nothingToDo: "the call changed no secret" };
    const name = requestParameters.secretId;
    return [{ kind: "dependency", service: "secretsmanager", name, what, ...(at !== undefined && { at }) }];
  },
});
