/** Whether a site is ready for its visitors, now: what is not as it should be, and how to mend it. Pure. */
import type { GroupFacts, GroupState, Site, StoredNode } from "@warden/control";
import { type GroupName, isOver, isSame, isUpgradeOver } from "@warden/fleet";
import type { Incident } from "@warden/remediation";
import { harm } from "./doctor/groups.ts";
import { length } from "./render/time.ts";

export interface SiteSight {
  readonly site: Site;
  readonly groups: readonly GroupSight[];
  readonly open: readonly Incident[];
  readonly lastSweep: number | undefined;
  /** Nodes that the peak needs; undefined when those that are desired are enough. */
  readonly needed: number | undefined;
  readonly now: number;
}

export interface GroupSight {
  readonly name: GroupName;
  /** Undefined when there is no such group. */
  readonly facts: GroupFacts | undefined;
  readonly state: GroupState;
  readonly nodes: readonly StoredNode[];
}

export interface Readiness {
  /** In service, and last proven for what they must be. */
  readonly proven: number;
  readonly desired: number;
  readonly shortfalls: readonly Shortfall[];
}

export interface Shortfall {
  readonly what: string;
  readonly mend: string;
}

export function readinessOf(sight: SiteSight): Readiness {
  const { groups } = sight;
  const total = (of: (group: GroupSight) => number): number => groups.reduce((sum, group) => sum + of(group), 0);
  const proven = total((group) => provenIn(group).length);
  return {
    proven,
    desired: total(({ facts }) => facts?.desired ?? 0),
    shortfalls: [
      ...sight.open.map((incident) => ofIncident(incident, sight.now)),
      ...groups.flatMap((group) => ofGroup(group, sight.site)),
      ...ofSize(sight, proven),
      ...ofUpgrade(groups[0]?.state),
      ...ofSweep(sight),
    ],
  };
}

const ofIncident = ({ part, openedAt, message }: Incident, now: number): Shortfall => ({
  what: `the ${part} of the site: in trouble for ${length(now - openedAt)} (${message})`,
  mend: "`warden incidents` says who complains, and what was told of it",
});

function ofGroup(group: GroupSight, site: Site): Shortfall[] {
  const { name, facts, state } = group;
  if (facts === undefined) return [{ what: `there is no group ${name}`, mend: "deploy the site again" }];
  const { failedLaunches, rollout } = state;
  return [
    ...ofNodes(group, facts),
    ...facts.suspended.flatMap((process) => ofSuspended(name, process)),
    ...(failedLaunches < site.policy.breakerThreshold
      ? []
      : [
          { what: `${failedLaunches} launches of ${name} failed in a row`, mend: "`warden nodes` tells why they fail" },
        ]),
    ...(rollout === undefined || isOver(rollout.rollout)
      ? []
      : [
          {
            what: `a configuration is on its way: ${rollout.why}`,
            mend: "wait for its end, or `warden config rollback`",
          },
        ]),
  ];
}

function ofNodes(group: GroupSight, { desired }: GroupFacts): Shortfall[] {
  const proven = provenIn(group);
  if (proven.length >= desired) return [];
  const others = group.nodes.filter((node) => !proven.includes(node) && node.record.phase.name !== "gone");
  const shown = others.slice(0, 3).map(({ record, why }) => `${record.instance} is ${record.phase.name} (${why})`);
  const more = others.length > shown.length ? [`${others.length - shown.length} more`] : [];
  const what = `${proven.length} of ${desired} nodes of ${group.name} are in service, proven and without complaint`;
  return [{ what: [what, ...shown, ...more].join("; "), mend: "`warden nodes` shows what each waits for" }];
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
  const consequence = { ...harm, ...unresponsive }[process];
  if (consequence === undefined) return [];
  const mend = `aws autoscaling resume-processes --auto-scaling-group-name ${group} --scaling-processes ${process}`;
  return [{ what: `the process ${process} of ${group} is suspended: ${consequence}`, mend }];
}

/** Nothing is broken without them, but for a peak. */
const unresponsive: Readonly<Record<string, string>> = {
  AlarmNotification: "the group does not grow with its load",
  ScheduledActions: "the group does not follow its timetable",
};

function ofSize({ groups, needed }: SiteSight, proven: number): Shortfall[] {
  if (needed === undefined || proven >= needed) return [];
  const most = groups.reduce((sum, { facts }) => sum + (facts?.max ?? 0), 0);
  if (most < needed)
    return [
      {
        what: `the site can have at most ${most} nodes, and ${needed} are needed`,
        mend: "raise the maximum of its size (stacks/stages.ts), and the database's connections with it",
      },
    ];
  return [
    {
      what: `${proven} nodes are proven in service, and ${needed} are needed`,
      mend: `aws autoscaling set-desired-capacity --auto-scaling-group-name ${groups[0]?.name} --desired-capacity ${needed}: a launch takes some minutes`,
    },
  ];
}

function ofUpgrade(state: GroupState | undefined): Shortfall[] {
  const stored = state?.upgrade;
  if (stored === undefined) return [];
  if (stored.upgrade.phase === "stuck")
    return [{ what: `an upgrade is stuck: ${stored.why}`, mend: "`warden moodle upgrade status` says how to go on" }];
  if (isUpgradeOver(stored.upgrade)) return [];
  return [
    { what: `an upgrade is under way: ${stored.why}`, mend: "wait for its end, or `warden moodle upgrade abort`" },
  ];
}

function ofSweep({ lastSweep, now }: SiteSight): Shortfall[] {
  if (lastSweep !== undefined && now - lastSweep < missed) return [];
  const what = lastSweep === undefined ? "no sweep has run yet" : `the last sweep was ${length(now - lastSweep)} ago`;
  return [{ what: `${what}: Warden may not be at work`, mend: "`warden doctor` looks for the reason" }];
}

/** Three of them: one may be late. */
const missed = 180_000;
