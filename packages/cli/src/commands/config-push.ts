/** `warden config push`: a site configuration becomes bundles, and a rollout begins in each of the site's groups. */
import type { WardenContext } from "../context.ts";
import type { Status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { beginRollouts, describedSite, groupPlans, type Words } from "../rollout-plans.ts";
import { needRunning } from "../rollouts.ts";
import { siteFrom } from "../site-file.ts";
import { targetOf } from "../target.ts";
import { needNoUpgrade } from "../upgrades.ts";

export async function configPush(context: WardenContext, flags: ChangeFlags, source: string): Promise<Status> {
  const configuration = await siteFrom(source);
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await describedSite(configuration, source, flags, reach);
  await needRunning(site, "begin a rollout", reach);
  await needNoUpgrade(site, "begin a rollout", reach);
  const plans = await groupPlans(configuration, site, undefined, reach);
  return beginRollouts(plans, { context, flags, site, configuration, reach, words });
}

const words: Words = {
  thing: ({ digest }) => `configuration ${digest.slice(0, 12)}`,
  this: "this configuration",
  status: "warden config status",
};
