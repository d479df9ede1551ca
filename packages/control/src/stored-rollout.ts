/** A rollout as it lies in the table and in the ledger, checked as it is read: another Warden may have written it. */
import { groupName, instanceId, siteName } from "@warden/fleet";
import * as z from "zod/mini";

const assigned = z.object({ release: z.string(), digest: z.string() });

export const rolloutSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  site: z.pipe(z.string(), z.transform(siteName)),
  group: z.pipe(z.string(), z.transform(groupName)),
  candidate: assigned,
  lastGood: assigned,
  by: z.string(),
  reason: z.string(),
  startedAt: z.number(),
  phase: z.enum(["rolling", "concluding", "returning", "done", "returned"]),
  members: z.array(z.pipe(z.string(), z.transform(instanceId))),
  wave: z.int(),
  withdrawn: z.optional(z.object({ by: z.string(), reason: z.string() })),
  because: z.optional(z.string()),
});
