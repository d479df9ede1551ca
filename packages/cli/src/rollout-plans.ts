/** What `config push` and `moodle deploy` share: each group of a site gets something else, as a rollout. */
import { type Site, startRollout } from "@warden/control";
import { type Assigned, budgetSize, type GroupName, isSame } from "@warden/fleet";
import type { Bundle } from "@warden/moodle/bundle";
import { dependenciesOf, type SiteConfiguration } from "@warden/moodle/site";
import { askedOf } from "./asked.ts";
import { chooseSite } from "./choose.ts";
import type { Reach, WardenContext } from "./context.ts";
import { Problem, type Status, status } from "./errors.ts";
import type { ChangeFlags, PlaceFlags } from "./flags.ts";
import { followRollouts, say } from "./rollouts.ts";
import { bundleFor } from "./site-file.ts";

/** The site that a file describes; never another one. */
export async function describedSite(
  configuration: SiteConfiguration,
  file: string,
  flags: PlaceFlags,
  reach: Reach,
): Promise<Site> {
  const site = await chooseSite(flags.site ?? configuration.site, reach);
  if (site.site === configuration.site) return site;
  throw new Problem(
    status.usage,
    `${file} describes the site ${configuration.site}, and ${site.site} was named`,
    "push the file of the site that is meant",
  );
}

/** What the nodes of one group have, and are to have. */
export interface GroupPlan {
  readonly group: GroupName;
  readonly bundle: Bundle;
  /** Undefined: it was never given a release. */
  readonly has: Assigned | undefined;
  readonly candidate: Assigned;
  readonly inService: number;
  /** How many nodes are given it at a time, once the first is proven. */
  readonly atATime: number;
}

/** @param release undefined: each group keeps its own */
export async function groupPlans(
  configuration: SiteConfiguration,
  site: Site,
  release: string | undefined,
  { deps }: Reach,
): Promise<readonly GroupPlan[]> {
  const facts = await deps.ports.autoScaling.describeGroups(site.groups);
  const plans: GroupPlan[] = [];
  for (const group of site.groups) {
    const { assigned: has } = await deps.ports.store.groupState(site.site, group);
    const next = release ?? has?.release;
    if (next === undefined) throw neverGiven(group);
    const bundle = await bundleFor(configuration, group);
    const found = facts.get(group);
    plans.push({
      ...{ group, bundle, has },
      candidate: { release: next, digest: bundle.digest },
      inService: found?.instances.filter((each) => each.lifecycleState === "InService").length ?? 0,
      atATime: budgetSize({ desired: found?.desired ?? 0 }, site.policy.disruptionBudget),
    });
  }
  return plans;
}

/** Of groups that have something already. @throws Problem where one was never given a release */
export const givenPlans = (plans: readonly GroupPlan[]): readonly GivenPlan[] =>
  plans.map(({ has, ...plan }) => {
    if (has === undefined) throw neverGiven(plan.group);
    return { ...plan, has };
  });

export type GivenPlan = GroupPlan & { readonly has: Assigned };

const neverGiven = (group: GroupName): Problem =>
  new Problem(
    status.refused,
    `The group ${group} was never given a release`,
    "`warden moodle deploy` gives it one together with its configuration",
  );

/** Who speaks: of a configuration, or of a release. */
export interface Words {
  /** `configuration 0123456789ab` */
  thing(of: Assigned): string;
  /** `this configuration` */
  readonly this: string;
  /** The command that shows how far it is. */
  readonly status: string;
}

export interface Beginning {
  readonly context: WardenContext;
  readonly flags: ChangeFlags;
  readonly site: Site;
  readonly configuration: SiteConfiguration;
  readonly reach: Reach;
  readonly words: Words;
  /** Told before everything else. */
  readonly notes?: readonly string[];
  /** What has to lie in the bucket before a node is told of it. */
  upload?(): Promise<void>;
}

export async function beginRollouts(plans: readonly GroupPlan[], beginning: Beginning): Promise<Status> {
  const { context, flags, site, configuration, reach, words, notes = [] } = beginning;
  if (flags.dryRun) {
    const texts = [...notes, ...plans.map((plan) => plannedText(plan, words))];
    say(context, flags, texts, { v: 1, dryRun: true, rollouts: plans.map(plannedJson) });
    return status.done;
  }
  await beginning.upload?.();
  // From now on Warden listens to what happens to them.
  await reach.deps.ports.store.putSite({ ...site, dependencies: dependenciesOf(configuration) });
  const begun: GroupName[] = [];
  for (const { group, bundle, candidate } of plans) {
    await reach.bundles.put(bundle.archive);
    const ordered = await startRollout({ site: site.site, group }, candidate, askedOf(flags, context), reach.deps);
    if (ordered.done) begun.push(group);
    else if (!ordered.needless) throw inTheWay(group, ordered.why, begun);
  }
  const rollouts = plans.map((plan) => ({ ...plannedJson(plan), begun: begun.includes(plan.group) }));
  say(context, flags, [...notes, ...begunTexts(plans, begun, words)], { v: 1, dryRun: false, rollouts });
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

function begunTexts(plans: readonly GroupPlan[], begun: readonly GroupName[], words: Words): string[] {
  if (begun.length === 0) return [`Nothing: the nodes have ${words.this} already.`];
  const texts = plans.filter(({ group }) => begun.includes(group)).map((plan) => begunText(plan, words));
  return [...texts, `\`${words.status}\` shows how far it is.`];
}

const begunText = ({ group, candidate, inService, atATime, has }: GroupPlan, { thing }: Words): string =>
  has === undefined
    ? `${capital(thing(candidate))} is the first of group ${group}: the nodes that wait for it come into service with it.`
    : `${capital(thing(candidate))} goes to the ${inService} nodes of group ${group}: to one first, then to up to ${atATime} at a time.`;

function plannedText(plan: GroupPlan, words: Words): string {
  const { group, candidate, has } = plan;
  if (has === undefined) return `${begunText(plan, words)} Nothing was changed.`;
  if (isSame(has, candidate)) return `The nodes of group ${group} have ${words.thing(has)} already.`;
  return `${begunText(plan, words)} Now they have ${words.thing(has)}. Nothing was changed.`;
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const plannedJson = ({ group, candidate, has, inService }: GroupPlan) => ({
  group,
  digest: candidate.digest,
  assigned: has?.digest ?? null,
  release: candidate.release,
  assignedRelease: has?.release ?? null,
  inService,
});
