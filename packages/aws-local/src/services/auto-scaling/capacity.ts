/**
 * The pass: compares desired with actual capacity and does what makes them equal. Launches go to the emptiest zone,
 * scale-in takes from the fullest; an instance that is replaced leaves when its successor is ready.
 */

import { AwsError } from "../../aws-error.ts";
import type { Timer } from "../../clock.ts";
import type { LaunchRequest, ResolvedLaunchTemplate, Surroundings } from "../../region.ts";
import { type Activities, secondsText } from "./activities.ts";
import { type Census, takeCensus } from "./census.ts";
import { type Group, isSuspended, type LaunchSource, type Member, type Placement } from "./groups.ts";
import type { Launching } from "./launching.ts";
import type { Members } from "./members.ts";
import { shortDelay } from "./motion.ts";
import type { Notifications } from "./notifications.ts";
import { chooseForScaleIn } from "./termination-policy.ts";

export interface Capacity {
  /** Looks at the group again shortly. */
  request(group: Group): void;
  /** Compares and acts. */
  pass(group: Group): void;
  /** Launches one instance where the group has fewest; false when it could not. */
  launchOne(group: Group, census: Census, how: { readonly pool: boolean; readonly cause: string }): boolean;
}

export interface CapacitySurroundings {
  readonly surroundings: Surroundings;
  readonly launching: Launching;
  readonly members: () => Members;
  readonly activities: Activities;
  readonly notifications: Notifications;
  /** What else is looked at in a pass, before the counting. */
  readonly before: (group: Group) => void;
  /** And after it: the warm pool. */
  readonly after: (group: Group, census: Census) => void;
  /** What new instances are launched from: the group's setting, or what an instance refresh brings. */
  readonly launchSource: (group: Group) => LaunchSource;
  /** How far above desired capacity replacements may go, in percent; the refresh and the maintenance policy know. */
  readonly surplusPercentage: (group: Group) => number;
  /** Milliseconds that a new instance must be in service before the one it replaces may go. */
  readonly warmup: (group: Group) => number;
  /** A warmed instance that can take its place in the group. */
  readonly takeFromPool: (group: Group, cause: string) => boolean;
}

/** AWS does not say how it slows down: from the third failing pass on, doubling, up to this many passes. */
const PATIENCE = 3;
const LONGEST_BACK_OFF = 90;
/** Passes for which a zone without capacity is left alone. */
const ZONE_REST = 10;

export function createCapacity(given: CapacitySurroundings): Capacity {
  const { launching, activities, notifications } = given;
  const { clock, random, timings } = given.surroundings;
  const requested = new Map<Group, Timer>();
  const moment = shortDelay(timings.groupPass);

  function request(group: Group): void {
    if (requested.has(group)) return;
    const timer = clock.after(moment, () => {
      requested.delete(group);
      pass(group);
    });
    requested.set(group, timer);
  }

  function pass(group: Group): void {
    if (group.deleting) return;
    countFailures(group);
    given.before(group);
    const census = takeCensus(group, clock.now(), given.warmup(group));
    retireReplaced(group, census);
    scaleIn(group, census);
    scaleOut(group, census);
    given.after(group, census);
    group.capacityCauses = [];
  }

  // ---- In --------------------------------------------------------------------------------------------------------

  /** Those whose successors are ready. */
  function retireReplaced(group: Group, census: Census): void {
    if (isSuspended(group, "Terminate")) return;
    const spare = census.ready - group.settings.desiredCapacity;
    for (const member of census.marked.splice(0, Math.max(0, spare))) {
      given.members().terminate(member, { cause: member.replacement?.cause ?? "" });
      census.capacity -= 1;
      census.ready -= 1;
      census.inService.splice(census.inService.indexOf(member), 1);
    }
  }

  /** Takes only from what is in service, and never below desired capacity there: pending instances may yet fail. */
  function scaleIn(group: Group, census: Census): void {
    if (isSuspended(group, "Terminate")) return;
    const { desiredCapacity } = group.settings;
    const excess = Math.min(census.capacity - wanted(group, census), census.inService.length - desiredCapacity);
    if (excess <= 0) return;
    const toPool = group.warmPool?.reuseOnScaleIn === true && !group.warmPool.deleting;
    for (const member of chooseForScaleIn(group, census.inService, excess, clock.now(), random)) {
      const now = secondsText(clock.now());
      const cause = sentence(
        group,
        `At ${now} an instance was taken out of service in response to a difference between desired and actual ` +
          `capacity, shrinking the capacity from ${census.capacity} to ${census.capacity - 1}.  ` +
          `At ${now} instance ${member.instanceId} was selected for termination.`,
      );
      given.members().terminate(member, { cause, toPool });
      census.capacity -= 1;
    }
  }

  // ---- Out -------------------------------------------------------------------------------------------------------

  function scaleOut(group: Group, census: Census): void {
    const missing = wanted(group, census) - census.capacity;
    if (missing <= 0 || isSuspended(group, "Launch") || clock.now() < group.backOff.until) return;
    const target = census.capacity + missing;
    for (let launched = 0; launched < missing; launched += 1) {
      const cause = sentence(
        group,
        `At ${secondsText(clock.now())} an instance was started in response to a difference between desired and ` +
          `actual capacity, increasing the capacity from ${census.capacity} to ${target}.`,
      );
      if (given.takeFromPool(group, cause)) census.capacity += 1;
      else if (!launchOne(group, census, { pool: false, cause })) return;
    }
  }

  function launchOne(group: Group, census: Census, how: { readonly pool: boolean; readonly cause: string }): boolean {
    const launch = given.launchSource(group);
    let failure = new AwsError("ValidationError", "The group has no Availability Zone to launch into");
    for (const placement of emptiestFirst(group, census)) {
      try {
        const template = launching.resolve(launch.template);
        const spot = template.spot || isSpotDue(launch, census);
        launchInto(group, launch, template, { placement, spot }, how);
        if (how.pool) return true;
        census.capacity += 1;
        if (!spot) census.onDemand += 1;
        const { availabilityZone } = placement;
        census.zones.set(availabilityZone, (census.zones.get(availabilityZone) ?? 0) + 1);
        return true;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        failure = error;
        group.failingZones.set(placement.availabilityZone, clock.now() + ZONE_REST * timings.groupPass);
      }
    }
    noteFailedLaunch(group, how.cause, failure);
    return false;
  }

  /** Tries the instance types in their order. */
  function launchInto(
    group: Group,
    launch: LaunchSource,
    template: ResolvedLaunchTemplate,
    where: { readonly placement: Placement; readonly spot: boolean },
    how: { readonly pool: boolean; readonly cause: string },
  ): Member {
    const { id, name, version } = template;
    const attempt = (request: LaunchRequest): Member =>
      given.members().launch(group, request, { id, name, version }, how);
    const [first, ...others] = launching.requests(group, template, launch, where);
    if (first === undefined) throw new AwsError("ValidationError", "There is no instance type to launch");
    let request = first;
    for (const other of others) {
      try {
        return attempt(request);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        request = other;
      }
    }
    return attempt(request);
  }

  /** Zones that failed lately come last, as long as there are others. */
  function emptiestFirst(group: Group, census: Census): Placement[] {
    const now = clock.now();
    const failing = (zone: string): number => Number((group.failingZones.get(zone) ?? 0) > now);
    const size = (zone: string): number => census.zones.get(zone) ?? 0;
    return group.settings.placements.toSorted(
      ({ availabilityZone: one }, { availabilityZone: other }) =>
        failing(one) - failing(other) || size(one) - size(other),
    );
  }

  function noteFailedLaunch(group: Group, cause: string, failure: AwsError): void {
    const activity = activities.begin(group, {
      description: "Launching a new EC2 instance",
      cause,
      statusCode: "InProgress",
    });
    activities.end(group, activity, "Failed", `${failure.message}. Launching EC2 instance failed.`);
    notifications.outcome(group, "", "Launch", activity);
    group.backOff.failed = true;
  }

  /** However many failed since the last pass, they count once. */
  function countFailures(group: Group): void {
    const { backOff } = group;
    if (!backOff.failed) return;
    backOff.failed = false;
    backOff.failures += 1;
    if (backOff.failures < PATIENCE) return;
    const passes = Math.min(LONGEST_BACK_OFF, 2 ** (backOff.failures - PATIENCE + 1));
    backOff.until = clock.now() + passes * timings.groupPass;
  }

  // ---- Numbers ---------------------------------------------------------------------------------------------------

  /** Desired capacity, and while instances are replaced as many above it as may be. */
  function wanted(group: Group, census: Census): number {
    const { desiredCapacity } = group.settings;
    const most = Math.max(1, Math.floor((desiredCapacity * given.surplusPercentage(group)) / 100));
    return desiredCapacity + Math.min(census.marked.length, most);
  }

  return { request, pass, launchOne };
}

/** With a mixed instances policy: the base and a share of the rest are On-Demand. */
function isSpotDue(launch: LaunchSource, census: Census): boolean {
  if (launch.kind !== "mixed") return false;
  const above = Math.max(0, census.capacity + 1 - launch.onDemandBase);
  const onDemand =
    Math.min(census.capacity + 1, launch.onDemandBase) + Math.ceil((above * launch.onDemandPercentage) / 100);
  return census.onDemand >= onDemand;
}

/** Why desired capacity changed stands before what was done about it. */
function sentence(group: Group, what: string): string {
  return [...group.capacityCauses, what].join("  ");
}
