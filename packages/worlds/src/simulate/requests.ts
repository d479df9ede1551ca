/** Visitors: how many there are, and whose requests fail because no node could serve them or their node lost power. */
import { readFileSync } from "node:fs";
import { type Recording, readTrace, requestsIn, type Scenario, type UsersAt, usersOfCurve } from "@warden/simulator";
import type { VirtualWorld } from "../virtual.ts";

/** How often the visitors of the time in between are counted, in milliseconds. */
const tick = 10_000;

export function usersOf({ traffic }: Scenario): UsersAt {
  if ("curve" in traffic) return usersOfCurve(traffic.curve, traffic.peak);
  const read = readTrace(readFileSync(traffic.trace, "utf8"));
  if (!read.ok) throw new Error(`the trace ${traffic.trace} cannot be read`);
  return read.usersAt;
}

export interface Requests {
  count(recording: Recording): { readonly served: number; readonly failed: number };
}

/** @param users how many are online at an instant of the world's clock */
export function countRequests(
  world: VirtualWorld,
  inService: ReadonlySet<string>,
  users: (at: number) => number,
): Requests {
  let arrived = 0;
  let unanswered = 0;
  const timer = world.clock.every(tick, () => {
    const requests = requestsIn(users(world.clock.now()), tick);
    arrived += requests;
    if (!canServe(world, inService)) unanswered += requests;
  });
  return {
    count(recording) {
      timer.cancel();
      const cut = recording.facts.reduce((sum, fact) => sum + (fact.kind === "power-off" ? fact.requestsCut : 0), 0);
      const failed = Math.round(Math.min(arrived, unanswered + cut));
      return { served: Math.round(arrived) - failed, failed };
    },
  };
}

/** Without its database, its sessions or its files no Moodle page can be made; without its cache one can. Closed, none is. */
function canServe({ shared, machines }: VirtualWorld, inService: ReadonlySet<string>): boolean {
  if (shared.database === "down" || shared.sessions === "down" || shared.files === "down" || shared.maintenance)
    return false;
  return [...inService].some((node) => machines.get(node)?.power === "on");
}
