/** What an operator asked for that is not done yet. */
import type { Look } from "./look.ts";
import type { NodeRecord } from "./node-record.ts";
import type { Order } from "./observation.ts";

export type OrderToLeave = Extract<Order, { verb: "drain" | "replace" | "hold" }>;

export function orderToLeave(record: NodeRecord, look: Look): OrderToLeave | undefined {
  const { order } = look.seen;
  if (order === undefined || order.id === record.orderDone) return undefined;
  return order.verb === "drain" || order.verb === "replace" ? order : undefined;
}
