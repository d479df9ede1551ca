/**
 * `warden moodle deploy`: a release for which Moodle needs no upgrade goes to the nodes as a configuration does: to one
 * first, then in waves, and back by itself.
 */
import type { GroupName } from "@warden/fleet";
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { aboutNamed, type NamedRelease, needSameBranch, releaseNamed } from "../releases.ts";
import { beginRollouts, describedSite, groupPlans, type Words } from "../rollout-plans.ts";
import { needRunning } from "../rollouts.ts";
import { siteFrom } from "../site-file.ts";
import { targetOf } from "../target.ts";
import { needNotStuck, needNoUpgrade } from "../upgrades.ts";

export async function moodleDeploy(
  context: WardenContext,
  flags: ChangeFlags,
  named: string,
  source: string,
): Promise<Status> {
  const configuration = await siteFrom(source);
  const reach = await context.reach(targetOf(flags, context.env));
  const release = await releaseNamed(named, reach);
  await needSameBranch(release, configuration, source);
  const site = await describedSite(configuration, source, flags, reach);
  await needRunning(site, "begin a rollout", reach);
  await needNoUpgrade(site, "begin a rollout", reach);
  await needNotStuck(site, "begin a rollout", reach);

  const plans = await groupPlans(configuration, site, release.name, reach);
  const notes: string[] = [];
  for (const plan of plans) {
    const has = plan.has?.release;
    // The first needs no upgrade: there is no database yet, or one that its own nodes find to be too old.
    if (has === undefined) continue;
    const about = has === release.name ? release : await aboutNamed(has, reach);
    if (about === undefined) notes.push(unknown(plan.group, has));
    else if (about.manifest.versionsHash !== release.manifest.versionsHash)
      throw needsUpgrade(plan.group, has, release, source);
  }
  const upload = () => release.upload();
  return beginRollouts(plans, { context, flags, site, configuration, reach, words, notes, upload });
}

const words: Words = {
  thing: ({ release, digest }) => `release ${release} with configuration ${digest.slice(0, 12)}`,
  this: "this release and configuration",
  status: "warden moodle status",
};

const unknown = (group: GroupName, has: string): string =>
  `Whether Moodle needs an upgrade cannot be known before: the bucket does not say what release ${has} is, which group ${group} has. The first node finds out, and refuses it if so.`;

const needsUpgrade = (group: GroupName, has: string, { name }: NamedRelease, source: string): Problem =>
  new Problem(
    status.refused,
    `The guard upgrade refuses to deploy ${name}: group ${group} has ${has}, and from one to the other Moodle needs an upgrade`,
    `\`warden moodle upgrade plan ${name} ${source}\` shows what that takes`,
  );
