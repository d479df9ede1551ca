/** `warden resume`: ends a stop. */
import { resume as releaseSwitch } from "@warden/control";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { targetOf } from "../target.ts";

export async function resume(context: WardenContext, flags: ChangeFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site } = await chooseSite(flags.site, reach);
  const before = await reach.deps.ports.store.stopped(site);
  if (before !== undefined && !flags.dryRun) await releaseSwitch(site, reach.deps);

  if (flags.json) {
    context.out.write(
      `${JSON.stringify({ ...(flags.dryRun && { dryRun: true }), site, stopped: flags.dryRun && before !== undefined, changed: before !== undefined && !flags.dryRun })}\n`,
    );
    return status.done;
  }
  const text =
    before === undefined
      ? `Site ${site} is not stopped.`
      : flags.dryRun
        ? `Warden would end the stop of site ${site} by ${before.by} (${before.reason}). Nothing was changed.`
        : `Site ${site} goes on (it was stopped by ${before.by}: ${before.reason}).`;
  context.out.write(`${printable(text)}\n`);
  return status.done;
}
