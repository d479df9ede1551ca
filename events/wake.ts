/**
 * Warden wakes itself: this key is due. `hops` counts how often a wake-up led to the next, because Lambda stops a
 * chain from a queue to a function and back after about 16 (Lambda guide, "Recursive loop detection").
 */
import * as z from "zod/mini";
import { defineMessage, type WakeUp } from "./event.ts";
import { knownVersion, version, wardenSource } from "./shapes/own.ts";

const detailType = "Wake";
/** `site/group/node`; a group's name alone may have 255 characters. */
const key = z.string().check(z.regex(/^[ -~]{1,512}$/, "is not a key"));

export const wake = defineMessage({
  name: "wake",
  lane: "normal",
  source: wardenSource,
  detailTypes: [detailType],
  schema: () =>
    z.object({
      v: version,
      detail: z.object({
        key,
        hops: z.int().check(z.minimum(0), z.maximum(100)),
        version: z.optional(z.int().check(z.minimum(0))),
        alone: z._default(z.boolean(), false),
      }),
    }),
  points: ({ detail: { version, ...rest } }) => (version === undefined ? rest : { ...rest, version }),
});

/** The body of a wake-up, as the loop sends it. */
export function wakeBody(detail: WakeUp): string {
  return JSON.stringify({ v: knownVersion, source: wardenSource, "detail-type": detailType, detail });
}
