/** One count of a group's members, made once a pass: everything a pass asks about numbers is answered from it. */
import type { Group, Member } from "./groups.ts";
import { countsAsCapacity } from "./lifecycle.ts";

export interface Census {
  /** Counted toward desired capacity, leaving out nothing: in service or pending. */
  capacity: number;
  /** In service, replaced ones included. */
  readonly inService: Member[];
  /** In service, and to be replaced once the successor is ready. */
  readonly marked: Member[];
  /** In service for at least the warm-up. */
  ready: number;
  /** Pending instances and those that still warm up. */
  settling: number;
  onDemand: number;
  /** Capacity by zone; what is being replaced does not count, so that its successor takes its place. */
  readonly zones: Map<string, number>;
}

/** `warmup` in milliseconds. */
export function takeCensus(group: Group, now: number, warmup: number): Census {
  const census: Census = {
    capacity: 0,
    inService: [],
    marked: [],
    ready: 0,
    settling: 0,
    onDemand: 0,
    zones: new Map(),
  };
  for (const member of group.members.values()) {
    const { lifecycle } = member;
    if (!countsAsCapacity(lifecycle)) continue;
    census.capacity += 1;
    if (!member.spot) census.onDemand += 1;
    if (lifecycle.state === "InService") {
      census.inService.push(member);
      if (now - lifecycle.since >= warmup) census.ready += 1;
      else census.settling += 1;
      if (member.replacement !== undefined) census.marked.push(member);
    } else {
      census.settling += 1;
    }
    if (member.replacement === undefined) {
      census.zones.set(member.availabilityZone, (census.zones.get(member.availabilityZone) ?? 0) + 1);
    }
  }
  return census;
}
