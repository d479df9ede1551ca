/**
 * Which group an instance is in. Groups say so whenever they are described, and an instance seldom moves, so most are
 * known already; who has moved is noticed when its group no longer lists it.
 */
import type { InstanceId } from "@warden/fleet";
import type { AutoScalingPort, GroupFacts } from "./ports.ts";

export interface Whereabouts {
  /** Instances that no group has are left out. */
  groupOf(instances: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, string>>;
  learn(facts: Iterable<GroupFacts>): void;
}

/** More would only fill the memory: what is forgotten is asked for again. */
const most = 20_000;

export function createWhereabouts(autoScaling: AutoScalingPort): Whereabouts {
  const groups = new Map<InstanceId, string>();
  return {
    async groupOf(instances) {
      const unknown = instances.filter((id) => !groups.has(id));
      if (groups.size > most) groups.clear();
      if (unknown.length > 0) {
        for (const [id, { group }] of await autoScaling.describeInstances(unknown)) groups.set(id, group);
      }
      return new Map(instances.flatMap((id) => (groups.has(id) ? [[id, groups.get(id) ?? ""] as const] : [])));
    },
    learn(facts) {
      for (const { name, instances } of facts) for (const { instance } of instances) groups.set(instance, name);
    },
  };
}
