/** What a fleet costs in calls while nothing happens: it may grow with its groups, and by one call per fifty nodes. */

import { scenario, simulated } from "./launch.ts";
import type { Measure } from "./measure.ts";

const minutes = 60;

export async function idle(): Promise<readonly Measure[]> {
  const small = await perMinute(10);
  const large = await perMinute(500);
  return [
    { name: "calls a minute, idle fleet of 10", value: small, unit: "calls" },
    { name: "calls a minute, idle fleet of 500", value: large, unit: "calls" },
    {
      name: "more calls a minute for each 50 nodes",
      value: (large - small) / ((500 - 10) / 50),
      unit: "calls",
      bar: { most: 1 },
      note: "one group; regular verification, sweep and heartbeat included",
    },
  ];
}

async function perMinute(nodes: number): Promise<number> {
  const quiet = scenario(`for: ${minutes}m\nfleet: { min: 0, max: ${nodes}, desired: ${nodes} }`);
  const { calls } = await simulated(quiet, 1);
  return [...calls.values()].reduce((sum, count) => sum + count, 0) / minutes;
}
