/** What a benchmark of the application cache says, from its runs. */
import { ascending, rank } from "@warden/simulator/percentiles";
import type { BenchRecord, Run } from "./bench.ts";
import { curvesOf } from "./curves.ts";
import { type BenchFigures, benchFigures, type Cell, type Curve, type Limit, type RunFigures } from "./schema.ts";
import { median, rounded, worstLimit } from "./statistics.ts";
import { pages, type Thing, things } from "./visit.ts";
import { writeUp } from "./write-up.ts";

export function figuresOf({ date, moodle, machine, atRest, scope, runs }: BenchRecord): BenchFigures {
  const figures = runs.map((run) => runFigures(run, machine.workers));
  const curves = curvesOf(figures);
  return benchFigures.parse({
    ...{ v: 1, bench: "cache", date: date.toISOString(), moodle, scope, runs: figures, curves, writeUp },
    machine: { ...machine, busyAtRest: rounded(atRest, 3) },
    cells: cellsOf(figures),
    bars: barsOf(curves),
  });
}

function runFigures({ samples, busy, seconds, ...run }: Run, workers: number): RunFigures {
  const failed: Record<string, number> = {};
  for (const { failed: why } of samples) if (why !== undefined) failed[why] = (failed[why] ?? 0) + 1;
  const right = samples.filter((sample) => sample.failed === undefined);
  const times: RunFigures["times"] = {};
  for (const thing of things) {
    const found = timesOf(right.filter(({ of }) => of === thing).map(({ ms }) => ms));
    if (found !== undefined) times[thing] = found;
  }
  const limit = limitOf(busy, run.users, workers);
  return { ...run, seconds: rounded(seconds, 1), busy: rounded(busy, 3), limit, failed, times };
}

function timesOf(values: readonly number[]) {
  if (values.length === 0) return undefined;
  const sorted = ascending(values);
  const at = (percent: number): number => rounded(rank(sorted, percent), 1);
  return { count: values.length, median: at(50), p95: at(95), most: at(100) };
}

/** From here on nothing more can be had from processors: the kernel, and who looks on, take some, too. */
const saturated = 0.9;

export function limitOf(busy: number, users: number, workers: number): Limit {
  if (busy >= saturated) return "processors";
  return users > workers ? "workers" : "none";
}

function cellsOf(runs: readonly RunFigures[]): readonly Cell[] {
  const groups = Map.groupBy(runs, ({ delay, arrangement, users }) => `${delay} ${arrangement} ${users}`);
  return [...groups.values()].flatMap((group) => things.flatMap((thing) => cellOf(group, thing) ?? []));
}

function cellOf(group: readonly RunFigures[], thing: Thing): Cell | undefined {
  const [first] = group;
  const found = group.map(({ times }) => times[thing]).filter((times) => times !== undefined);
  const medians = found.map((times) => times.median);
  const [middle, p95] = [median(medians), median(found.map((times) => times.p95))];
  if (first === undefined || middle === undefined || p95 === undefined) return undefined;
  const { delay, arrangement, users } = first;
  return {
    ...{ delay, arrangement, users, thing, median: middle, p95 },
    ...{ least: Math.min(...medians), most: Math.max(...medians) },
    ...{ failed: failedShare(group), limit: worstLimit(group) },
  };
}

function failedShare(group: readonly RunFigures[]): number {
  const failed = group.flatMap((run) => Object.values(run.failed)).reduce((sum, count) => sum + count, 0);
  const right = group.flatMap(({ times }) => pages.map((page) => times[page]?.count ?? 0)).reduce((a, b) => a + b, 0);
  return failed === 0 ? 0 : rounded(failed / (failed + right), 4);
}

function barsOf(curves: readonly Curve[]): BenchFigures["bars"] {
  const alone = curves.find(({ users, thing }) => users === 1 && thing === "views");
  const at = alone?.points.find(({ delay }) => delay === 1);
  if (at === undefined) return [];
  const what = "Login, front and course page together, one user, 1 ms: shared file system over Redis";
  return [{ what, least: 8, value: at.ratio, met: at.ratio >= 8 }];
}
