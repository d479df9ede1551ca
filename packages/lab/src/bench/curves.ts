/** How many times as long a page takes with the application cache on the shared file system as on Redis, over the delay. */
import type { Curve, RunFigures } from "./schema.ts";
import { median, rounded, worstLimit } from "./statistics.ts";
import { type Thing, things } from "./visit.ts";

type Point = Curve["points"][number];

/** One for each number of users, and each page. */
export function curvesOf(runs: readonly RunFigures[]): readonly Curve[] {
  const counts = [...new Set(runs.map(({ users }) => users))].sort((a, b) => a - b);
  return counts.flatMap((users) =>
    things.flatMap((thing) => {
      const points = pointsOf(
        runs.filter((run) => run.users === users),
        thing,
      );
      return points.length === 0 ? [] : [{ users, thing, points, fiveTimes: fiveTimesOf(points) }];
    }),
  );
}

function pointsOf(runs: readonly RunFigures[], thing: Thing): Point[] {
  const delays = [...new Set(runs.map(({ delay }) => delay))].sort((a, b) => a - b);
  return delays.flatMap((delay) => {
    const there = runs.filter((run) => run.delay === delay);
    const pairs = there
      .filter(({ arrangement }) => arrangement === "shared")
      .flatMap((shared) => {
        // The next in time: what else this machine did then slowed both.
        const redis = there.find(({ arrangement, repeat }) => arrangement === "redis" && repeat === shared.repeat);
        const [slow, fast] = [shared.times[thing]?.median, redis?.times[thing]?.median];
        if (redis === undefined || slow === undefined || fast === undefined || fast === 0) return [];
        return [{ ratio: slow / fast, runs: [shared, redis] }];
      });
    const ratios = pairs.map(({ ratio }) => rounded(ratio, 2));
    const ratio = median(ratios);
    if (ratio === undefined) return [];
    const limit = worstLimit(pairs.flatMap((pair) => pair.runs));
    return [{ delay, ratio: rounded(ratio, 2), least: Math.min(...ratios), most: Math.max(...ratios), limit }];
  });
}

const wanted = 5;

/** Between two points the ratio grows as the delay does: each request to the shared file system waits for it once. */
function fiveTimesOf(points: readonly Point[]): Curve["fiveTimes"] {
  const above = points.findIndex(({ ratio }) => ratio >= wanted);
  const [last, after, before] = [points.at(-1), points[above], points[above - 1]];
  if (last === undefined) throw new Error("a curve has points");
  if (after === undefined) return { is: "beyond", delay: last.delay };
  if (before === undefined) return { is: "below", delay: after.delay };
  const part = (wanted - before.ratio) / (after.ratio - before.ratio);
  return { is: "at", delay: rounded(before.delay + part * (after.delay - before.delay), 2) };
}
