/** `warden hold ID`: keeps Warden from taking the node away of its own accord. In force as soon as it is written. */
import { giveOrder } from "@warden/control";
import { askedOf } from "../asked.ts";
import { chooseSite, needNode, readNodeId } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { instant, iso } from "../render/time.ts";
import { needStaying } from "../sense.ts";
import { targetOf } from "../target.ts";

export async function hold(context: WardenContext, flags: ChangeFlags, id: string): Promise<Status> {
  const instance = readNodeId(id);
  const reach = await context.reach(targetOf(flags, context.env));
  const found = await needNode(instance, await chooseSite(flags.site, reach), reach);
  needStaying(found, "hold");
  const asked = askedOf(flags, context);
  const before = found.order;
  const replaces =
    before === undefined ? "" : ` It takes the place of the ${before.verb} by ${before.by} (${before.reason}).`;

  if (flags.dryRun) {
    const text = `Warden would keep ${instance} until it is released.${replaces} Nothing was changed.`;
    context.out.write(
      flags.json
        ? `${JSON.stringify({ dryRun: true, verb: "hold", instance, replaces: before ?? null })}\n`
        : `${printable(text)}\n`,
    );
    return status.done;
  }
  const order = await giveOrder("hold", found.key, asked, reach.deps);
  const text = `${instance} is held until ${instant(order.expiresAt)}; \`warden release ${instance}\` ends it sooner.${replaces}`;
  context.out.write(
    flags.json
      ? `${JSON.stringify({ verb: "hold", instance, order: { ...order, expiresAt: iso(order.expiresAt) } })}\n`
      : `${printable(text)}\n`,
  );
  return status.done;
}
