/** What HAProxy is to be told, so that it routes as the embedded ELB does. */
import type { RoutedTarget, Routing } from "@warden/aws-local/region";
import { backend, mostTargets, slotName } from "./configuration.ts";

/** Which server of HAProxy's stands for which target. */
export type Slots = ReadonlyMap<string, number>;

export interface Step {
  readonly slots: Slots;
  readonly commands: readonly string[];
}

/**
 * All is said anew at each step. Who takes requests comes first, and who is gone last: there is no moment without anybody.
 * A target keeps its slot; a new one gets a slot that nobody has, also not one that goes with this step, so that it never
 * inherits a connection.
 */
export function stepTo(slots: Slots, routing: Routing): Step {
  const [group, another] = routing;
  // Weights between groups would be needed, which nothing in the lab has.
  if (another !== undefined) throw new Error("the lab's load balancer serves one target group: forward to one only");
  const targets = group?.targets ?? [];
  const free = freeSlots(slots);
  const next = new Map(targets.map((target) => [keyOf(target), slots.get(keyOf(target)) ?? nextOf(free)]));
  const gone = [...slots].filter(([key]) => !next.has(key)).map(([, slot]) => slot);
  const [taking, others] = [targets.filter(takesRequests), targets.filter((target) => !takesRequests(target))];
  const serverOf = (target: RoutedTarget): string => server(next.get(keyOf(target)));
  return {
    slots: next,
    commands: [
      ...targets.map((target) => `set server ${serverOf(target)} addr ${target.address} port ${target.port}`),
      ...taking.map((target) => `set server ${serverOf(target)} state ready`),
      // What runs goes on, and nothing is added.
      ...others.map((target) => `set server ${serverOf(target)} state drain`),
      ...gone.flatMap((slot) => cut(server(slot))),
    ],
  };
}

/** Connections that are idle end with the first, all others with the second. */
const cut = (name: string): string[] => [`set server ${name} state maint`, `shutdown sessions server ${name}`];

const takesRequests = (target: RoutedTarget): boolean => target.takesRequests;
const keyOf = ({ instanceId, address, port }: RoutedTarget): string => `${instanceId} ${address}:${port}`;

function freeSlots(slots: Slots): number[] {
  const taken = new Set(slots.values());
  return Array.from({ length: mostTargets }, (_, index) => index + 1).filter((slot) => !taken.has(slot));
}

function nextOf(free: number[]): number {
  const slot = free.shift();
  if (slot === undefined)
    throw new Error(`the lab's load balancer has room for ${mostTargets} targets: deregister some`);
  return slot;
}

const server = (slot: number | undefined): string => {
  if (slot === undefined) throw new Error("each target has a slot");
  return `${backend}/${slotName(slot)}`;
};
