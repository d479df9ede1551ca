/** How busy this host's processors are. All parts of the lab and the users share them, so they are its own limit. */
import { readFileSync } from "node:fs";

/** Since the host started, in ticks over all processors. */
export interface ProcessorTimes {
  readonly busy: number;
  readonly all: number;
}

export const processorTimes = (): ProcessorTimes => timesOf(readFileSync("/proc/stat", "utf8"));

/** proc(5): user, nice, system, idle, iowait, irq, softirq, steal; then guest, which user has in it already. */
export function timesOf(stat: string): ProcessorTimes {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1];
  const ticks = line?.split(" ").slice(0, 8).map(Number) ?? [];
  const [, , , idle, waiting] = ticks;
  if (idle === undefined || waiting === undefined || ticks.some(Number.isNaN))
    throw new Error("/proc/stat has no line of all processors");
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: all - idle - waiting, all };
}

/** From 0 to 1; what a hypervisor took away counts as busy. */
export const shareBusy = (from: ProcessorTimes, to: ProcessorTimes): number =>
  to.all === from.all ? 0 : (to.busy - from.busy) / (to.all - from.all);
