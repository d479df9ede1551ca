/** Moodle's own work on its nodes: cron looks once a minute, and now and then what it finds to do takes minutes. */
import type { Random, VirtualClock } from "@warden/aws-local";
import type { ModelledMachine } from "../virtual.ts";

/** As Moodle's documentation asks for. */
const cronEvery = 60_000;

/** Most runs of cron end within a second and matter to nobody. Chance and time of the others are estimates. */
const chanceOfLongTask = 0.2;
const longTask = { low: 5_000, high: 240_000 };

export function scheduleTasks(
  { clock, machines }: { readonly clock: VirtualClock; readonly machines: ReadonlyMap<string, ModelledMachine> },
  random: Random,
): void {
  clock.every(cronEvery, () => {
    for (const { power, software } of machines.values()) {
      if (power !== "on" || !random.chance(chanceOfLongTask)) continue;
      software.load.startTask("a long task", longTask.low + random.next() * (longTask.high - longTask.low));
    }
  });
}
