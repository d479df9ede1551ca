/**
 * `warden moodle upgrade plan | rehearse | start | abort`: another Moodle, for which its database has to change. The loop
 * carries it out; these say what it would do, try it on a copy, begin it, and take it back.
 */
import { type Site, startUpgrade, withdrawUpgrade } from "@warden/control";
import { copyPattern } from "@warden/moodle";
import { dependenciesOf, type SiteConfiguration } from "@warden/moodle/site";
import { askedOf } from "../asked.ts";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import type { ChangeFlags, PlaceFlags } from "../flags.ts";
import { aboutNamed, type NamedRelease, needSameBranch, releaseNamed } from "../releases.ts";
import { describedSite, type GivenPlan, givenPlans, groupPlans } from "../rollout-plans.ts";
import { needRunning, say } from "../rollouts.ts";
import { siteFrom } from "../site-file.ts";
import { targetOf } from "../target.ts";
import { planJson, planLines, type UpgradePlan, upgradePlan } from "../upgrade-plan.ts";
import { followUpgrade, goesOn, needNoUpgrade } from "../upgrades.ts";

export async function upgradePlanned(
  context: WardenContext,
  flags: PlaceFlags,
  named: string,
  source: string,
): Promise<Status> {
  const { plan } = await prepare(context, flags, named, source);
  say(context, flags, planLines(plan), planJson(plan));
  return plan.hindrances.length > 0 ? status.unwell : status.done;
}

export interface RehearseFlags extends ChangeFlags {
  /** HOST[:PORT][/NAME] */
  readonly on: string;
}

export async function upgradeRehearse(
  context: WardenContext,
  flags: RehearseFlags,
  named: string,
  source: string,
): Promise<Status> {
  if (!new RegExp(copyPattern).test(flags.on)) {
    throw new Problem(status.usage, `${flags.on} names no copy of a database`, "give it as HOST[:PORT][/NAME]");
  }
  const prepared = await prepare(context, flags, named, source);
  const { plan, site, reach } = prepared;
  await needRunning(site, "begin a rehearsal", reach);
  await needNoUpgrade(site, "begin a rehearsal", reach);
  await needWay(prepared, source);
  if (flags.dryRun) {
    say(context, flags, [...planLines(plan), "Nothing was changed."], { ...planJson(plan), dryRun: true });
    return status.done;
  }
  return begin(context, flags, prepared, {
    rehearseOn: flags.on,
    text: `The upgrade of site ${site.site} to ${prepared.release.name} is rehearsed on ${flags.on}: its nodes are asked first, then one brings the copy up to it. The site is left alone.`,
  });
}

export interface UpgradeStartFlags extends ChangeFlags {
  readonly withoutRecoveryPoints: boolean;
}

export async function upgradeStart(
  context: WardenContext,
  flags: UpgradeStartFlags,
  named: string,
  source: string,
): Promise<Status> {
  const prepared = await prepare(context, flags, named, source);
  const { plan, site, reach, release } = prepared;
  await needRunning(site, "begin an upgrade", reach);
  await needNoUpgrade(site, "begin another upgrade", reach);
  await needSense(prepared, flags, source);
  if (flags.dryRun) {
    say(context, flags, [...planLines(plan), "Nothing was changed."], { ...planJson(plan), dryRun: true });
    return status.done;
  }
  return begin(context, flags, prepared, {
    text: `The upgrade of site ${site.site} to ${release.name} begins (plan ${plan.hash.slice(0, 12)}): its nodes are asked first, and nothing is switched before they answer.`,
  });
}

/** Hands it to the loop. @param how what is said of it, and for a rehearsal on which copy */
async function begin(
  context: WardenContext,
  flags: ChangeFlags,
  { plan, site, reach, release, configuration, groups }: Prepared,
  how: { readonly rehearseOn?: string; readonly text: string },
): Promise<Status> {
  await release.upload();
  for (const { bundle } of groups) await reach.bundles.put(bundle.archive);
  // From now on Warden listens to what happens to them.
  const listening = { ...site, dependencies: dependenciesOf(configuration) };
  await reach.deps.ports.store.putSite(listening);
  const ordered = await startUpgrade(
    listening,
    {
      to: Object.fromEntries(groups.map(({ group, candidate }) => [group, candidate])),
      recoveryPoints: plan.wayBack.points.map(({ arn }) => arn),
      rehearseOn: how.rehearseOn,
    },
    askedOf(flags, context),
    reach.deps,
  );
  if (!ordered.done) throw notBegun(ordered.why);
  const texts = [how.text, "`warden moodle upgrade status` shows how far it is."];
  say(context, flags, texts, { ...planJson(plan), dryRun: false, id: ordered.upgrade.id });
  const wanted = how.rehearseOn === undefined ? "done" : "rehearsed";
  return flags.wait ? followUpgrade({ ...flags, site: site.site, wanted }, reach, context) : status.done;
}

export async function upgradeAbort(context: WardenContext, flags: ChangeFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site } = await chooseSite(flags.site, reach);
  const stored = await reach.deps.ports.store.upgrade(site);
  if (flags.dryRun) {
    const is = goesOn(stored) ? `goes on (${stored?.upgrade.phase}), and would be asked to return` : "does not go on";
    say(context, flags, [`An upgrade of site ${site} ${is}. Nothing was changed.`], {
      ...{ v: 1, dryRun: true, site, phase: stored?.upgrade.phase ?? null },
    });
    return status.done;
  }
  const ordered = await withdrawUpgrade(site, askedOf(flags, context), reach.deps);
  if (!ordered.done) {
    throw new Problem(
      status.refused,
      `The upgrade of site ${site} was not taken back: ${ordered.why}`,
      "`warden moodle upgrade status` shows how things are",
    );
  }
  say(context, flags, [`The upgrade of site ${site} is taken back: every node returns to what it had.`], {
    ...{ v: 1, dryRun: false, site, phase: ordered.upgrade.phase },
  });
  return flags.wait ? followUpgrade({ ...flags, site, wanted: "returned" }, reach, context) : status.done;
}

interface Prepared {
  readonly configuration: SiteConfiguration;
  readonly reach: Reach;
  readonly release: NamedRelease;
  readonly site: Site;
  readonly groups: readonly GivenPlan[];
  readonly plan: UpgradePlan;
}

async function prepare(context: WardenContext, flags: PlaceFlags, named: string, source: string): Promise<Prepared> {
  const configuration = await siteFrom(source);
  const reach = await context.reach(targetOf(flags, context.env));
  const release = await releaseNamed(named, reach);
  await needSameBranch(release, configuration, source);
  const site = await describedSite(configuration, source, flags, reach);
  const groups = givenPlans(await groupPlans(configuration, site, release.name, reach));
  const running = await Promise.all(
    groups.map(async ({ has }) => (has.release === release.name ? release : await aboutNamed(has.release, reach))),
  );
  const wayBack = await reach.recoveryPoints(configuration);
  const manifests = running.map((each) => each?.manifest);
  return {
    configuration,
    reach,
    release,
    site,
    groups,
    plan: upgradePlan(site.site, groups, manifests, release, wayBack),
  };
}

/** @throws Problem for an upgrade that leads nowhere, or from which nothing would lead back */
async function needSense(prepared: Prepared, flags: UpgradeStartFlags, source: string): Promise<void> {
  await needWay(prepared, source);
  const { wayBack } = prepared.plan;
  if (wayBack.lacking !== undefined && !flags.withoutRecoveryPoints) {
    throw new Problem(
      status.refused,
      `The guard recovery-points refuses to begin the upgrade: once Moodle has changed its database only a restore leads back, and ${wayBack.lacking}`,
      "back up the database, then the files, or say that you can do without: --without-recovery-points",
    );
  }
}

/** @throws Problem for an upgrade that leads nowhere */
async function needWay({ plan, site, reach }: Prepared, source: string): Promise<void> {
  const to = plan.groups[0]?.candidate.release ?? "";
  if (plan.hindrances.length > 0) {
    throw new Problem(
      status.refused,
      `Moodle would refuse that upgrade: ${plan.hindrances.join("; ")}`,
      "Moodle and its plugins never go back, so build a release that is newer in each part",
    );
  }
  // A stuck one goes forward with whatever is mended, be it the same versions.
  const last = (await reach.deps.ports.store.upgrade(site.site))?.upgrade;
  if (plan.needless && last?.phase !== "stuck") {
    throw new Problem(
      status.refused,
      "Moodle needs no upgrade from the one release to the other",
      `\`warden moodle deploy ${to} ${source}\` gives it to the nodes without closing the site`,
    );
  }
}

const notBegun = (why: string): Problem =>
  new Problem(status.refused, `No upgrade was begun: ${why}`, "`warden moodle upgrade status` shows how things are");
