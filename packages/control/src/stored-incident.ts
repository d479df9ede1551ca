/** An incident as it lies in the table, and as Warden's own events carry it. */
import { type Incident, parts } from "@warden/remediation";
import * as z from "zod/mini";

export const incidentSchema: z.ZodMiniType<Incident> = z.object({
  id: z.string(),
  part: z.enum(parts),
  openedAt: z.number(),
  saidAt: z.number(),
  most: z.object({ nodes: z.int(), of: z.int() }),
  alarms: z._default(z.array(z.string()), []),
  message: z.string(),
});
