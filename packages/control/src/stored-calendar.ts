/** A site's calendar as it lies in the table, checked as it is read: another Warden may have written it. */
import { instanceId } from "@warden/fleet";
import * as z from "zod/mini";

export const freezeSchema = z.object({
  id: z.string(),
  from: z.number(),
  to: z.number(),
  by: z.string(),
  reason: z.string(),
  nodes: z.optional(z.record(z.string(), z.int())),
  told: z.optional(z.object({ when: z.enum(["day-before", "shortly-before"]), ready: z.boolean() })),
});

const heldScaling = z.object({
  theirs: z.object({
    min: z.int(),
    desired: z.int(),
    protectsNew: z.boolean(),
    protected: z.array(z.pipe(z.string(), z.transform(instanceId))),
    suspended: z.array(z.string()),
  }),
  made: z.object({ min: z.int(), desired: z.int() }),
});

export const calendarSchema = z.object({
  freezes: z.array(freezeSchema),
  held: z.record(z.string(), heldScaling),
});
