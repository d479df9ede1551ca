/** An operator's order as it lies in the table and in the ledger. */
import type { LeaveCause, Order, Plan } from "@warden/fleet";
import * as z from "zod/mini";
import type { Wanted } from "./wanted.ts";

const causes = [
  "auto-scaling",
  "spot",
  "rebalance",
  "maintenance",
  "unhealthy",
  "operator",
] as const satisfies LeaveCause[];

export const planSchema: z.ZodMiniType<Plan> = z.object({ cause: z.enum(causes), reason: z.string() });

export const wantedSchema: z.ZodMiniType<Wanted> = z.object({
  ...{ plan: z.string(), cause: z.enum(causes), reason: z.string() },
});

const asked = { id: z.string(), by: z.string(), reason: z.string(), expiresAt: z.number() };

export const orderSchema: z.ZodMiniType<Order> = z.discriminatedUnion("verb", [
  z.object({ ...asked, verb: z.enum(["drain", "replace", "hold"]) }),
  z.object({ ...asked, verb: z.literal("approve"), plan: planSchema }),
]);
