/** An upgrade as it lies in the table and in the ledger, checked as it is read: another Warden may have written it. */
import { groupName, instanceId, siteName } from "@warden/fleet";
import * as z from "zod/mini";

const assigned = z.object({ release: z.string(), digest: z.string() });

export const upgradeSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  site: z.pipe(z.string(), z.transform(siteName)),
  from: z.record(z.string(), assigned),
  to: z.record(z.string(), assigned),
  by: z.string(),
  reason: z.string(),
  startedAt: z.number(),
  phase: z.enum([
    ...[
      "preflight",
      "rehearsing",
      "rehearsed",
      "closing",
      "upgrading",
      "switching",
      "opening",
      "done",
      "returning",
      "returned",
      "stuck",
    ],
  ] as const),
  since: z.number(),
  closes: z.optional(z.boolean()),
  closedAt: z.optional(z.number()),
  openedAt: z.optional(z.number()),
  upgrader: z.optional(
    z.object({
      group: z.pipe(z.string(), z.transform(groupName)),
      instance: z.pipe(z.string(), z.transform(instanceId)),
    }),
  ),
  attempt: z.int(),
  moved: z.boolean(),
  because: z.optional(z.string()),
  withdrawn: z.optional(z.object({ by: z.string(), reason: z.string() })),
  held: z.optional(z.record(z.string(), z.array(z.string()))),
  recoveryPoints: z.array(z.string()),
  rehearsal: z.optional(z.object({ copy: z.string(), took: z.optional(z.number()) })),
});
