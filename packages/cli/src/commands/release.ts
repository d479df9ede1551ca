/** `warden release ID`: ends a hold. */
import { withdrawOrder } from "@warden/control";
import { chooseSite, type FoundNode, needNode, readNodeId } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { Problem, printable, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { targetOf } from "../target.ts";

export async function release(context: WardenContext, flags: ChangeFlags, id: string): Promise<Status> {
  const instance = readNodeId(id);
  const reach = await context.reach(targetOf(flags, context.env));
  const found = await needNode(instance, await chooseSite(flags.site, reach), reach);
  const held = needHold(found);
  if (!flags.dryRun) await withdrawOrder(found.key, reach.deps);
  const text = flags.dryRun
    ? `Warden would end the hold that ${held.by} put on ${instance} (${held.reason}). Nothing was changed.`
    : `${instance} is no longer held (it was by ${held.by}: ${held.reason}).`;
  context.out.write(
    flags.json
      ? `${JSON.stringify({ ...(flags.dryRun && { dryRun: true }), verb: "release", instance, held: { by: held.by, reason: held.reason } })}\n`
      : `${printable(text)}\n`,
  );
  return status.done;
}

function needHold({ order, name }: FoundNode) {
  if (order?.verb === "hold") return order;
  const { instance } = name;
  throw order === undefined
    ? new Problem(status.usage, `${instance} is not held`, `\`warden explain ${instance}\` shows what keeps it`)
    : new Problem(
        status.usage,
        `${instance} is not held; ${order.by} ordered to ${order.verb} it (${order.reason})`,
        `\`warden hold ${instance}\` takes the place of that order`,
      );
}
