/** An operator's order as it lies in the table and in the ledger. */
import * as z from "zod/mini";

export const orderSchema = z.object({
  id: z.string(),
  verb: z.enum(["drain", "replace", "hold"]),
  by: z.string(),
  reason: z.string(),
  expiresAt: z.number(),
});
