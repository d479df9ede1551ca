/** `warden config push`: a site configuration becomes bundles, and a rollout begins in each of the site's groups. */
import { type Site, startRollout } from "@warden/control";
import { budgetSize, type GroupName } from "@warden/fleet";
import type { Bundle } from "@warden/moodle/bundle";
import { dependenciesOf } from "@warden/moodle/site";
import { askedOf } from "../asked.ts";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { followRollouts, needRunning, say } from "../rollouts.ts";
import { bundleFor, siteFrom } from "../site-file.ts";
import { targetOf } from "../target.ts";

export async function configPush(context: WardenContext, flags: ChangeFlags, source: string): Promise<Status> {
  const configuration = await siteFrom(source);
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site ?? configuration.site, reach);
  if (site.site !== configuration.site) {
    throw new Problem(
      status.usage,
      `${source} describes the site ${configuration.site}, and ${site.site} was named`,
      "push the file of the site that is meant",
    );
  }
  await needRunning(site, "begin a rollout", reach);

  const plans: Plan[] = [];
  for (const group of site.groups) {
    plans.push({ group, bundle: await bundleFor(configuration, group), ...(await outlook(site, group, reach)) });
  }
  if (flags.dryRun) {
    say(context, flags, plans.map(plannedText), { v: 1, dryRun: true, rollouts: plans.map(plannedJson) });
    return status.done;
  }
  // From now on Warden listens to what happens to them.
  await reach.deps.ports.store.putSite({ ...site, dependencies: dependenciesOf(configuration) });
  return begin(plans, { context, flags, site, reach });
}

interface Plan extends Outlook {
  readonly group: GroupName;
  readonly bundle: Bundle;
}

interface Outlook {
  readonly inService: number;
  /** How many nodes are given it at a time, once the first is proven. */
  readonly atATime: number;
  readonly has: string | undefined;
}

async function outlook(site: Site, group: GroupName, { deps }: Reach): Promise<Outlook> {
  const facts = (await deps.ports.autoScaling.describeGroups([group])).get(group);
  const { assigned } = await deps.ports.store.groupState(site.site, group);
  return {
    inService: facts?.instances.filter((each) => each.lifecycleState === "InService").length ?? 0,
    atATime: budgetSize({ desired: facts?.desired ?? 0 }, site.policy.disruptionBudget),
    has: assigned?.digest,
  };
}

interface Pushing {
  readonly context: WardenContext;
  readonly flags: ChangeFlags;
  readonly site: Site;
  readonly reach: Reach;
}

async function begin(plans: readonly Plan[], pushing: Pushing): Promise<Status> {
  const { context, flags, site, reach } = pushing;
  const begun: GroupName[] = [];
  for (const { group, bundle } of plans) {
    const digest = await reach.bundles.put(bundle.archive);
    const ordered = await startRollout({ site: site.site, group }, digest, askedOf(flags, context), reach.deps);
    if (ordered.done) begun.push(group);
    else if (!ordered.needless) throw inTheWay(group, ordered.why, begun);
  }
  const text = begun.length === 0 ? ["Nothing: the nodes have this configuration already."] : begunTexts(plans, begun);
  const rollouts = plans.map((plan) => ({ ...plannedJson(plan), begun: begun.includes(plan.group) }));
  say(context, flags, text, { v: 1, dryRun: false, rollouts });
  if (!flags.wait || begun.length === 0) return status.done;
  return followRollouts({ ...flags, site: site.site, groups: begun }, reach, context);
}

function inTheWay(group: GroupName, why: string, begun: readonly GroupName[]): Problem {
  const others = begun.length === 0 ? "" : ` (that of ${begun.join(", ")} was begun)`;
  return new Problem(
    status.refused,
    `No rollout was begun in group ${group}, ${why}${others}`,
    "`warden config status` shows how far it is, `warden config rollback` takes it back",
  );
}

const begunTexts = (plans: readonly Plan[], begun: readonly GroupName[]): string[] => [
  ...plans.filter(({ group }) => begun.includes(group)).map(begunText),
  "`warden config status` shows how far it is.",
];

const begunText = ({ group, bundle, inService, atATime }: Plan): string =>
  `Configuration ${bundle.digest.slice(0, 12)} goes to the ${inService} nodes of group ${group}: to one first, then to up to ${atATime} at a time.`;

function plannedText(plan: Plan): string {
  const { group, bundle, has } = plan;
  if (has === bundle.digest) return `The nodes of group ${group} have configuration ${has.slice(0, 12)} already.`;
  return `${begunText(plan)} Now they have ${has?.slice(0, 12) ?? "none"}. Nothing was changed.`;
}

const plannedJson = ({ group, bundle, inService, has }: Plan) => ({
  group,
  digest: bundle.digest,
  assigned: has ?? null,
  inService,
});
