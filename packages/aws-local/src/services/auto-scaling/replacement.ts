/**
 * Instances that make way for new ones: unhealthy, too old, told of a spot reclaim, or in a zone that is too full.
 * Either the old one goes at once and the pass fills the gap, or it is marked and goes when its successor is ready.
 */
import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { Hosts, Instances } from "../../region.ts";
import { secondsText } from "./activities.ts";
import { type Group, isSuspended, type Member } from "./groups.ts";
import { countsAsCapacity, isLeaving } from "./lifecycle.ts";
import type { Members } from "./members.ts";
import { isDead } from "./state-machine.ts";
import { chooseForScaleIn } from "./termination-policy.ts";

export interface Replacement {
  /** Everything a pass replaces. */
  look(group: Group): void;
}

export interface ReplacementSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly instances: Instances;
  readonly hosts: Hosts;
  readonly members: () => Members;
}

/** AZ rebalancing and capacity rebalancing may exceed the group by this share or by one instance. */
const REBALANCING_PERCENTAGE = 10;

export function createReplacement(given: ReplacementSurroundings): Replacement {
  const { clock, random, instances, hosts, members } = given;

  function look(group: Group): void {
    if (isSuspended(group, "Terminate")) return;
    const inService: Member[] = [];
    let moving = 0;
    for (const member of group.members.values()) {
      if (member.lifecycle.state === "InService") inService.push(member);
      else if (isOnItsWay(member)) moving += 1;
    }
    if (!isSuspended(group, "ReplaceUnhealthy")) replaceUnhealthy(group, inService);
    if (isSuspended(group, "Launch")) return;
    const { desiredCapacity } = group.settings;
    /** How many more may be on the way. */
    const room = Math.max(1, Math.floor((desiredCapacity * REBALANCING_PERCENTAGE) / 100)) - moving;
    replaceOld(group, inService, room);
    if (group.settings.capacityRebalance) replaceReclaimed(inService);
    // Zones are balanced only where nothing else is in the air.
    const settled = moving === 0 && inService.length === desiredCapacity && inService.every(isStaying);
    if (settled && !isSuspended(group, "AZRebalance")) rebalanceZones(group, inService, room);
  }

  /** At once, unless the maintenance policy asks to launch before terminating and there is still a machine. */
  function replaceUnhealthy(group: Group, inService: readonly Member[]): void {
    const launchFirst = group.settings.maintenance?.min === 100 && !isSuspended(group, "Launch");
    for (const member of inService) {
      if (member.health !== "Unhealthy") continue;
      const cause = member.healthCause ?? "";
      if (isDead(instances.find(member.instanceId))) members().terminate(member, { cause, graceful: false });
      else if (launchFirst) member.replacement ??= { cause };
      else members().terminate(member, { cause });
    }
  }

  function replaceOld(group: Group, inService: readonly Member[], room: number): void {
    const { maxInstanceLifetime } = group.settings;
    if (maxInstanceLifetime === undefined || maxInstanceLifetime === 0 || room <= 0) return;
    const born = clock.now() - maxInstanceLifetime * 1000;
    const old = inService.filter((member) => member.joinedAt <= born && !member.protectedFromScaleIn);
    const cause = `At ${now()} an instance was taken out of service in response to a max instance lifetime.`;
    for (const member of old.slice(0, room)) members().terminate(member, { cause });
  }

  /** EC2 recommended to rebalance: a successor is launched before the spot interruption comes. */
  function replaceReclaimed(inService: readonly Member[]): void {
    const cause = `At ${now()} an instance was taken out of service in response to an EC2 instance rebalance recommendation.`;
    for (const member of inService) {
      const warned = member.spot && hosts.find(member.instanceId)?.metadata.rebalance !== undefined;
      if (warned) member.replacement ??= { cause };
    }
  }

  /** Zones that cannot be launched into are left out; one that the group no longer uses is emptied, whatever its size. */
  function rebalanceZones(group: Group, inService: readonly Member[], room: number): void {
    const sizes = new Map<string, number>();
    for (const { availabilityZone: zone } of group.settings.placements) {
      if ((group.failingZones.get(zone) ?? 0) <= clock.now()) sizes.set(zone, 0);
    }
    if (sizes.size === 0) return;
    const usable = new Set(sizes.keys());
    for (const { availabilityZone: zone } of inService) sizes.set(zone, (sizes.get(zone) ?? 0) + 1);
    const least = Math.min(...[...usable].map((zone) => sizes.get(zone) ?? 0));
    const [fullest, most] = [...sizes].reduce((one, other) => (other[1] > one[1] ? other : one));
    const used = group.settings.placements.some(({ availabilityZone }) => availabilityZone === fullest);
    const surplus = Math.min(room, used ? Math.floor((most - least) / 2) : most);
    if (surplus <= 0) return;
    const there = inService.filter(({ availabilityZone }) => availabilityZone === fullest);
    const cause =
      `At ${now()} instances were launched to balance instances in zone ${fullest} with other zones resulting in ` +
      "more than desired number of instances in the group.";
    for (const member of chooseForScaleIn(group, there, surplus, clock.now(), random)) member.replacement = { cause };
  }

  const now = (): string => secondsText(clock.now());

  return { look };
}

/** What is retained stays until somebody looks at it, and holds nothing up. */
const isOnItsWay = ({ lifecycle }: Member): boolean =>
  countsAsCapacity(lifecycle) || (isLeaving(lifecycle) && lifecycle.state !== "Terminating:Retained");

const isStaying = ({ health, replacement }: Member): boolean => health === "Healthy" && replacement === undefined;

/** How far above desired capacity the group may go while it replaces, in percent. */
export function surplusPercentage(group: Group, refreshMaximum: number | undefined): number {
  const maximum = Math.max(refreshMaximum ?? 100, group.settings.maintenance?.max ?? 100);
  return Math.max(REBALANCING_PERCENTAGE, maximum - 100);
}
