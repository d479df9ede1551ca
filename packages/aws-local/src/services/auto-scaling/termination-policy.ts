/** Which instances scale in: the fullest zone first, there by the group's termination policies, never a protected one. */
import type { Random } from "../../random.ts";
import type { Group, Member } from "./groups.ts";

/** What `TerminationPolicies` may say. The Lambda function of a custom policy is not modelled. */
export const TERMINATION_POLICIES = [
  "AllocationStrategy",
  "ClosestToNextInstanceHour",
  "Default",
  "NewestInstance",
  "OldestInstance",
  "OldestLaunchConfiguration",
  "OldestLaunchTemplate",
] as const;

/** Up to `count` of the candidates, in the order in which they are to go. */
export function chooseForScaleIn(
  group: Group,
  candidates: readonly Member[],
  count: number,
  now: number,
  random: Random,
): Member[] {
  const zones = new Map<string, Member[]>();
  for (const member of candidates) {
    const zone = zones.get(member.availabilityZone);
    if (zone === undefined) zones.set(member.availabilityZone, [member]);
    else zone.push(member);
  }
  const order = byPolicies(group, now, random);
  const queues = [...zones.values()].map((members) => ({
    // Protected instances make a zone no less full, so they count when zones are compared.
    size: members.length,
    waiting: members.filter((member) => !member.protectedFromScaleIn).sort(order),
  }));
  const chosen: Member[] = [];
  while (chosen.length < count) {
    const open = queues.filter((queue) => queue.waiting.length > 0);
    const fullest = open.reduce<(typeof open)[number] | undefined>(
      (most, queue) => (most === undefined || queue.size > most.size ? queue : most),
      undefined,
    );
    const next = fullest?.waiting.shift();
    if (fullest === undefined || next === undefined) return chosen;
    fullest.size -= 1;
    chosen.push(next);
  }
  return chosen;
}

/** A comparison that puts first who goes first. */
function byPolicies(group: Group, now: number, random: Random): (one: Member, other: Member) => number {
  const policies = group.settings.terminationPolicies.flatMap((policy) =>
    policy === "Default" ? ["OldestLaunchTemplate", "ClosestToNextInstanceHour"] : [policy],
  );
  const lots = new Map<string, number>();
  const lot = (member: Member): number => {
    const drawn = lots.get(member.instanceId) ?? random.next();
    lots.set(member.instanceId, drawn);
    return drawn;
  };
  return (one, other) => {
    // What is unhealthy or being replaced anyway goes before all others.
    const doomed = Number(isDoomed(other)) - Number(isDoomed(one));
    if (doomed !== 0) return doomed;
    for (const policy of policies) {
      const difference = rank(policy, group, one, now) - rank(policy, group, other, now);
      if (difference !== 0) return difference;
    }
    return lot(one) - lot(other);
  };
}

const isDoomed = (member: Member): boolean => member.health === "Unhealthy" || member.replacement !== undefined;

const HOUR = 3_600_000;

/** Smaller goes first. */
function rank(policy: string, group: Group, member: Member, now: number): number {
  switch (policy) {
    case "OldestInstance":
      return member.joinedAt;
    case "NewestInstance":
      return -member.joinedAt;
    case "OldestLaunchTemplate":
      // Another template first, then the lowest version of the group's own.
      return member.launchTemplate?.id === group.settings.launch.template.id
        ? Number(member.launchTemplate.version)
        : Number.NEGATIVE_INFINITY;
    case "ClosestToNextInstanceHour":
      return HOUR - ((now - member.joinedAt) % HOUR);
    // Launch configurations and allocation strategies make no difference between the instances modelled here.
    default:
      return 0;
  }
}
