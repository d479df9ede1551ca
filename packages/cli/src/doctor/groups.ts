/** Is each Auto Scaling group set up as Warden needs it? */
import type { GroupFacts, GroupState } from "@warden/control";
import { type InstanceId, impossible, nodeKey, type Policy } from "@warden/fleet";
import { bad, check, type Finding, ok, redeploy, warning } from "./check.ts";
import type { GroupSettings, HookSettings } from "./inspection.ts";
import { sitesIn } from "./scope.ts";

export interface GroupSight {
  readonly name: string;
  readonly policy: Policy;
  readonly facts: GroupFacts | undefined;
  readonly settings: GroupSettings | undefined;
  readonly hooks: readonly HookSettings[];
  readonly state: GroupState;
  /** Milliseconds, the longest of its target groups. */
  readonly deregistrationDelay: number;
  readonly newer: readonly InstanceId[];
  /** That served before Warden came, and what each lacks; undefined until it was looked at. */
  readonly before: readonly { readonly instance: InstanceId; readonly lacks: string | undefined }[];
}

export const groupsCheck = check(
  "groups",
  async (reach, scope): Promise<readonly GroupSight[]> => {
    const { deps, inspection } = reach;
    const { store, autoScaling } = deps.ports;
    const sites = await sitesIn(reach, scope);
    return Promise.all(
      sites.flatMap(({ site, groups, policy }) =>
        groups.map(async (name): Promise<GroupSight> => {
          const [facts, settings, state] = await Promise.all([
            autoScaling.describeGroups([name]).then((found) => found.get(name)),
            inspection.group(name),
            store.groupState(site, name),
          ]);
          const exists = facts !== undefined;
          const keys = (facts?.instances ?? []).map(({ instance }) => nodeKey({ site, group: name, instance }));
          const [hooks, snapshot, ...delays] = await Promise.all([
            exists ? inspection.hooks(name) : [],
            store.read(keys),
            ...(facts?.targetGroupArns ?? []).map((arn) => deps.settings.deregistrationDelay(arn)),
          ]);
          const newer = (facts?.instances ?? [])
            .map((each) => each.instance)
            .filter((instance) => snapshot.newer.has(nodeKey({ site, group: name, instance })));
          const before = [...snapshot.nodes.values()].flatMap(({ record: { instance, phase } }) =>
            phase.name === "found" ? [{ instance, lacks: phase.lacks }] : [],
          );
          const deregistrationDelay = Math.max(0, ...delays);
          return { name, policy, facts, settings, hooks, state, deregistrationDelay, newer, before };
        }),
      ),
    );
  },
  (groups) => groups.flatMap(judgeGroup),
);

export function judgeGroup(group: GroupSight): Finding[] {
  const { name, facts, settings } = group;
  const subject = `group ${name}`;
  if (facts === undefined || settings === undefined) {
    return [bad(subject, "it does not exist", "create it, or take it out of the site's groups")];
  }
  return [
    ok(subject, `exists, ${facts.desired} desired of ${facts.min} to ${facts.max}`),
    ...judgeHooks(group),
    judgeHealthCheck(subject, settings),
    ...judgeSuspended(subject, settings),
    judgeDelay(subject, group),
    ...judgeLaunches(subject, group),
    ...judgeRecords(subject, group),
    ...judgeBefore(subject, group),
  ];
}

/** With the default results the other way round, a node that nobody verified would serve when time is up. */
function judgeHooks({ name, hooks, policy }: GroupSight): Finding[] {
  const wanted = [
    { name: policy.launchHook, transition: "launching", defaultResult: "ABANDON" },
    { name: policy.terminateHook, transition: "terminating", defaultResult: "CONTINUE" },
  ] as const;
  const findings = wanted.map((want): Finding => {
    const subject = `hook ${want.name} of ${name}`;
    const hook = hooks.find((each) => each.name === want.name);
    if (hook === undefined) {
      const others = hooks.filter((each) => each.transition === want.transition).map((each) => each.name);
      const instead = others.length === 0 ? "" : `; ${others.join(", ")} has its transition and another name`;
      return bad(subject, `the group has no such hook${instead}`, redeploy);
    }
    if (hook.transition !== want.transition) return bad(subject, `its transition is ${hook.transition}`, redeploy);
    if (hook.defaultResult !== want.defaultResult) {
      return bad(subject, `its default result is ${hook.defaultResult}, and must be ${want.defaultResult}`, redeploy);
    }
    return ok(subject, `${hook.transition}, default ${hook.defaultResult}, ${hook.timeout / 1000} s`);
  });
  const mend = "give the hook a longer time-out, or the site a smaller budget";
  return [...findings, ...impossible(policy, hooks).map((why) => bad(`hooks of ${name}`, why, mend))];
}

function judgeHealthCheck(subject: string, { healthCheckType }: GroupSettings): Finding {
  if (healthCheckType === "EC2") return ok(subject, "health check type EC2");
  return bad(
    subject,
    `health check type ${healthCheckType}: a database outage makes every node unhealthy, and Auto Scaling would terminate the whole fleet`,
    "set the group's health check type to EC2; Warden replaces what is ill",
  );
}

/** What a process of Auto Scaling that is suspended does to a site. */
export const harm: Readonly<Record<string, string>> = {
  Launch: "no node can start",
  Terminate: "no node can end",
  AddToLoadBalancer: "new nodes get no traffic",
  HealthCheck: "dead nodes go unnoticed",
  ReplaceUnhealthy: "dead nodes are not replaced",
};

function judgeSuspended(subject: string, { suspended }: GroupSettings): Finding[] {
  return suspended.map((process) => {
    const consequence = harm[process];
    const mend =
      "resume it with `aws autoscaling resume-processes` unless you suspended it on purpose, or a freeze holds it (`warden freeze list`)";
    return consequence === undefined
      ? warning(subject, `its process ${process} is suspended`, mend)
      : bad(subject, `its process ${process} is suspended: ${consequence}`, mend);
  });
}

/** Auto Scaling waits the whole delay before the terminate hook, and the budget runs meanwhile. */
function judgeDelay(subject: string, { deregistrationDelay, policy }: GroupSight): Finding {
  const [delay, budget] = [deregistrationDelay / 1000, policy.drainBudget / 1000];
  const arithmetic = `deregistration takes ${delay} s of the drain budget of ${budget} s`;
  return delay >= budget
    ? bad(subject, `${arithmetic}: nothing is left for running tasks`, "shorten the delay or raise the drain budget")
    : ok(subject, `${arithmetic}; ${budget - delay} s are left for running tasks`);
}

function judgeLaunches(subject: string, { state, policy }: GroupSight): Finding[] {
  const { failedLaunches, kept } = state;
  const open = failedLaunches >= policy.breakerThreshold;
  return [
    open
      ? bad(
          subject,
          `${failedLaunches} launches failed in a row (of ${policy.breakerThreshold}): failing nodes are kept, not replaced`,
          kept === undefined ? "`warden nodes` tells why they fail" : `\`warden explain ${kept}\` tells why they fail`,
        )
      : failedLaunches > 0
        ? warning(
            subject,
            `${failedLaunches} launches failed in a row (of ${policy.breakerThreshold})`,
            "`warden nodes` tells why",
          )
        : ok(subject, "the last launches succeeded"),
    ...(kept === undefined
      ? []
      : [
          warning(
            subject,
            `${kept} is kept for the post-mortem, and costs money`,
            `look at it, then end it with \`aws autoscaling terminate-instance-in-auto-scaling-group\``,
          ),
        ]),
  ];
}

function judgeRecords(subject: string, { newer }: GroupSight): Finding[] {
  if (newer.length === 0) return [];
  return [
    bad(
      subject,
      `the records of ${newer.join(", ")} were written by a newer Warden or cannot be read`,
      "finish deploying the newer version; until then these nodes are left alone",
    ),
  ];
}

/** They serve, so it is no fault; but Warden can do nothing for them. */
const judgeBefore = (subject: string, { before }: GroupSight): Finding[] =>
  before.map(({ instance, lacks }) =>
    warning(
      subject,
      `${instance} served before Warden came, and is left as it is: ${lacks ?? "it was not looked at yet"}`,
      `once the group launches nodes of Warden's: \`warden replace ${instance}\``,
    ),
  );
