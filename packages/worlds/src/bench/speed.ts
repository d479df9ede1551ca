/** How fast the simulator itself is, on one core. */
import { scenario, simulated } from "./launch.ts";
import type { Measure } from "./measure.ts";

export async function speed(): Promise<readonly Measure[]> {
  const hour = scenario(
    "for: 1h\nfleet: { min: 2, max: 10, desired: 10 }\nevents: { lose: 5%, duplicate: 5%, delay: 0s..30s, reorder: true }\n" +
      "api: { throttle: 2%, error: 1%, answerLost: 0.5% }\nfunctions: { crash: 0.5% }\ntimeline: [{ at: 10m, kill: { nodes: 1 } }, { at: 20m, operator: { replace: any } }]",
  );
  await simulated(hour, 1);
  const runs = 12;
  const startedAt = process.cpuUsage();
  for (let seed = 2; seed < 2 + runs; seed++) await simulated(hour, seed);
  const day = process.cpuUsage();
  await simulated(scenario("for: 24h\nfleet: { min: 0, max: 1000, desired: 1000 }"), 1);
  return [
    {
      name: "runs of a 10-node hour with faults",
      value: runs / seconds(startedAt, day),
      unit: "runs/s/core",
      bar: { least: 5 },
      note: "typed path; each run includes its set-up and twenty minutes of rest",
    },
    { name: "24 h of a 1,000-node fleet", value: seconds(day), unit: "s", bar: { most: 120 }, note: "set-up included" },
  ];
}

/** Processor time between two readings, or until now. */
function seconds(from: NodeJS.CpuUsage, to?: NodeJS.CpuUsage): number {
  const until = to ?? process.cpuUsage();
  return (until.user + until.system - from.user - from.system) / 1e6;
}
