/** `warden stop`: the switch. Every look of the loop reads it, so it is in force as soon as it is written. */
import { stop as throwSwitch } from "@warden/control";
import { askedOf } from "../asked.ts";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { instant } from "../render/time.ts";
import { targetOf } from "../target.ts";

export async function stop(context: WardenContext, flags: ChangeFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site } = await chooseSite(flags.site, reach);
  const asked = askedOf(flags, context);
  const before = await reach.deps.ports.store.stopped(site);
  // The first stop stands: who needs to know why must find who stopped it, not who came second.
  if (before === undefined && !flags.dryRun) await throwSwitch(site, asked, reach.deps);

  const { by, reason } = before ?? asked;
  if (flags.json) {
    context.out.write(
      `${JSON.stringify({ ...(flags.dryRun && { dryRun: true }), site, stopped: !flags.dryRun || before !== undefined, changed: before === undefined && !flags.dryRun, by, reason })}\n`,
    );
    return status.done;
  }
  const text =
    before !== undefined
      ? `Site ${site} is stopped already, by ${by} since ${instant(before.at)}: ${reason}.`
      : flags.dryRun
        ? `Warden would start nothing voluntary in site ${site}. Nothing was changed.`
        : `Site ${site} is stopped: nothing voluntary starts; launches, heartbeats and what is under way go on. \`warden resume\` ends it.`;
  context.out.write(`${printable(text)}\n`);
  return status.done;
}
