/** What is told of a peak, as Warden's own events carry it. */
import type { PeakNotice } from "@warden/remediation";
import * as z from "zod/mini";
import { freezeSchema } from "./stored-calendar.ts";

export const peakNoticeSchema: z.ZodMiniType<PeakNotice> = z.object({
  peak: freezeSchema,
  telling: z.enum(["day-before", "shortly-before", "again"]),
  shortfalls: z.array(z.object({ what: z.string(), mend: z.string() })),
  timeZone: z.string(),
});
