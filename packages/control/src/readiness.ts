/** Whether a site is ready for its visitors, now or at a peak to come: what falls short, and how to mend it. Pure. */
import { type GroupName, isOver, isSame, isUpgradeOver, length } from "@warden/fleet";
import type { Incident, Shortfall } from "@warden/remediation";
import type { GroupFacts, GroupState, StoredNode } from "./ports.ts";
import type { Site } from "./site.ts";
import { harmOfSuspended } from "./suspended.ts";

export interface SiteSight {
  readonly site: Site;
  readonly groups: readonly GroupSight[];
  readonly open: readonly Incident[];
  readonly lastSweep: number | undefined;
  readonly now: number;
}

export interface GroupSight {
  readonly name: GroupName;
  /** Undefined when there is no such group. */
  readonly facts: GroupFacts | undefined;
  readonly state: GroupState;
  readonly nodes: readonly StoredNode[];
}

/** How many nodes of each group are needed; of one that it does not name, those that are desired are enough. */
export type Needed = Readonly<Record<string, number>>;

export interface Readiness {
  /** In service, and last proven for what they must be. */
  readonly proven: number;
  readonly desired: number;
  readonly shortfalls: readonly Shortfall[];
}

export function readinessOf(sight: SiteSight, needed: Needed): Readiness {
  const { groups } = sight;
  const total = (of: (group: GroupSight) => number): number => groups.reduce((sum, group) => sum + of(group), 0);
  return {
    proven: total((group) => provenIn(group).length),
    desired: total(({ facts }) => facts?.desired ?? 0),
    shortfalls: [
      ...foreseen(sight, needed),
      ...groups.flatMap((group) => [...ofNodes(group), ...ofDesired(group, needed[group.name]), ...ofRollout(group)]),
      ...ofUpgrade(groups[0]?.state),
    ],
  };
}

/** What would fall short at a peak to come although there is time until then: what nobody mends by waiting. */
export function foreseen(sight: SiteSight, needed: Needed): Shortfall[] {
  const { groups, open, site, now } = sight;
  return [
    ...open.map((incident) => ofIncident(incident, now)),
    ...groups.flatMap((group) => [...ofGroup(group, site), ...ofMaximum(group, needed[group.name])]),
    ...ofStuck(groups[0]?.state),
    ...ofSweep(sight),
  ];
}

const ofIncident = ({ part, openedAt, message }: Incident, now: number): Shortfall => ({
  what: `the ${part} of the site: in trouble for ${length(now - openedAt)} (${message})`,
  mend: "`warden incidents` says who complains, and what was told of it",
});

function ofGroup({ name, facts, state: { failedLaunches } }: GroupSight, { policy }: Site): Shortfall[] {
  if (facts === undefined) return [{ what: `there is no group ${name}`, mend: "deploy the site again" }];
  const suspended = facts.suspended.flatMap((process) => ofSuspended(name, process));
  if (failedLaunches < policy.breakerThreshold) return suspended;
  const what = `${failedLaunches} launches of ${name} failed in a row`;
  return [...suspended, { what, mend: "`warden nodes` tells why they fail" }];
}

function ofNodes(group: GroupSight): Shortfall[] {
  const proven = provenIn(group);
  const desired = group.facts?.desired ?? 0;
  if (proven.length >= desired) return [];
  const others = group.nodes.filter((node) => !proven.includes(node) && node.record.phase.name !== "gone");
  const shown = others.slice(0, 3).map(({ record, why }) => `${record.instance} is ${record.phase.name} (${why})`);
  const more = others.length > shown.length ? [`${others.length - shown.length} more`] : [];
  const what = `${proven.length} of ${desired} nodes of ${group.name} are in service, proven and without complaint`;
  const mend = `\`warden nodes\` shows what each waits for, and \`aws autoscaling describe-scaling-activities --auto-scaling-group-name ${group.name}\` what EC2 refuses`;
  return [{ what: [what, ...shown, ...more].join("; "), mend }];
}

/** A complaint is of what all share, and yet nobody knows whether it serves. */
function provenIn({ facts, state, nodes }: GroupSight): StoredNode[] {
  const serving = new Set(
    facts?.instances.filter(({ lifecycleState }) => lifecycleState === "InService").map(({ instance }) => instance),
  );
  return nodes.filter(
    ({ record: { instance, phase, verified } }) =>
      serving.has(instance) &&
      phase.name === "in-service" &&
      phase.complaint === undefined &&
      state.assigned !== undefined &&
      isSame(verified, state.assigned),
  );
}

function ofSuspended(group: GroupName, process: string): Shortfall[] {
  const consequence = { ...harmOfSuspended, ...unresponsive }[process];
  if (consequence === undefined) return [];
  const mend = `aws autoscaling resume-processes --auto-scaling-group-name ${group} --scaling-processes ${process}`;
  return [{ what: `the process ${process} of ${group} is suspended: ${consequence}`, mend }];
}

/** Nothing is broken without them, but for a peak. */
const unresponsive: Readonly<Record<string, string>> = {
  AlarmNotification: "the group does not grow with its load",
  ScheduledActions: "the group does not follow its timetable",
};

function ofMaximum({ name, facts }: GroupSight, needed = 0): Shortfall[] {
  if (facts === undefined || facts.max >= needed) return [];
  const what = `${name} can have at most ${facts.max} nodes, and ${needed} are needed`;
  return [{ what, mend: "raise the maximum of its size (stacks/stages.ts), and the database's connections with it" }];
}

/** Those that are desired and not there yet are told of by name. */
function ofDesired({ name, facts }: GroupSight, needed = 0): Shortfall[] {
  if (facts === undefined || facts.desired >= needed || facts.max < needed) return [];
  const what = `${facts.desired} nodes of ${name} are desired, and ${needed} are needed`;
  const mend = `aws autoscaling set-desired-capacity --auto-scaling-group-name ${name} --desired-capacity ${needed}: a launch takes some minutes`;
  return [{ what, mend }];
}

function ofRollout({ state: { rollout } }: GroupSight): Shortfall[] {
  if (rollout === undefined || isOver(rollout.rollout)) return [];
  const what = `a configuration is on its way: ${rollout.why}`;
  return [{ what, mend: "wait for its end, or `warden config rollback`" }];
}

function ofUpgrade(state: GroupState | undefined): Shortfall[] {
  const stored = state?.upgrade;
  if (stored === undefined || stored.upgrade.phase === "stuck" || isUpgradeOver(stored.upgrade)) return [];
  const what = `an upgrade is under way: ${stored.why}`;
  return [{ what, mend: "wait for its end, or `warden moodle upgrade abort`" }];
}

function ofStuck(state: GroupState | undefined): Shortfall[] {
  const stored = state?.upgrade;
  if (stored?.upgrade.phase !== "stuck") return [];
  return [{ what: `an upgrade is stuck: ${stored.why}`, mend: "`warden moodle upgrade status` says how to go on" }];
}

function ofSweep({ lastSweep, now }: SiteSight): Shortfall[] {
  if (lastSweep !== undefined && now - lastSweep < missed) return [];
  const what = lastSweep === undefined ? "no sweep has run yet" : `the last sweep was ${length(now - lastSweep)} ago`;
  return [{ what: `${what}: Warden may not be at work`, mend: "`warden doctor` looks for the reason" }];
}

/** Three of them: one may be late. */
const missed = 180_000;
