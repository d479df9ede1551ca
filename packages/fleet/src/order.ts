/** What an operator asked for that is not done yet. */
import type { Look } from "./look.ts";
import type { NodeRecord } from "./node-record.ts";
import type { Order } from "./observation.ts";

export function orderToLeave(record: NodeRecord, look: Look): Order | undefined {
  const { order } = look.seen;
  return order === undefined || order.verb === "hold" || order.id === record.orderDone ? undefined : order;
}
