/** An incident as it lies in the table, and as Warden's own events carry it. */
import { sharedParts } from "@warden/moodle";
import type { Incident } from "@warden/remediation";
import * as z from "zod/mini";

export const incidentSchema: z.ZodMiniType<Incident> = z.object({
  id: z.string(),
  part: z.enum(sharedParts),
  openedAt: z.number(),
  saidAt: z.number(),
  most: z.object({ nodes: z.int(), of: z.int() }),
  message: z.string(),
});
