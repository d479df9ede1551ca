/** What the benchmark of the application cache decides and says, from runs that were made up. */
import { filesAmiss, type Look, storesAmiss } from "@warden/lab/bench/arrangement";
import type { BenchRecord, Run } from "@warden/lab/bench/bench";
import { figuresOf, limitOf } from "@warden/lab/bench/figures";
import { type Arrangement, arrangements, planOf, wholeScope } from "@warden/lab/bench/plan";
import { plotOf } from "@warden/lab/bench/plot/plot";
import { shareBusy, timesOf } from "@warden/lab/bench/processors";
import { benchFigures } from "@warden/lab/bench/schema";
import { median } from "@warden/lab/bench/statistics";
import { pages } from "@warden/lab/bench/visit";
import { describe, expect, it } from "vitest";

describe("the plan", () => {
  const plan = planOf(wholeScope);

  it("never has the same arrangement twice in a row, and each as often as the others in every round", () => {
    expect(plan.filter(({ arrangement }, index) => arrangement === plan[index - 1]?.arrangement)).toEqual([]);
    for (let start = 0; start < plan.length; start += 3) {
      const three = plan.slice(start, start + 3);
      expect(three.map(({ arrangement }) => arrangement).sort()).toEqual([...arrangements].sort());
      expect(new Set(three.map(({ delay, repeat }) => `${delay} ${repeat}`)).size).toBe(1);
    }
  });

  it("comes to every delay in a repeat before the next, with crowds where they are wanted", () => {
    expect(plan.map(({ repeat }) => repeat)).toEqual([1, 2, 3].flatMap((repeat) => Array(15).fill(repeat)));
    expect(new Set(plan.map(({ delay }) => delay))).toEqual(new Set([0.1, 0.3, 1, 3, 5]));
    for (const { delay, users } of plan) expect(users).toEqual(delay === 1 ? [1, 20, 30, 40] : [1]);
  });

  it("refuses crowds at a delay that is not measured", () => {
    expect(() => planOf({ ...wholeScope, crowdDelays: [2] })).toThrow("2 ms is none of them");
  });
});

describe("an arrangement", () => {
  const shared = { class: "cachestore_file", path: "/srv/data/cache/cachestore_file/default_application" };
  const local = { class: "cachestore_file", path: "/var/cache/moodle/muc" };
  const redis = { class: "cachestore_redis", path: "" };
  const right: Record<Arrangement, Look> = {
    shared: { config: shared, string: shared, files: { shared: 3, local: 0 } },
    redis: { config: redis, string: local, files: { shared: 0, local: 0 } },
    local: { config: local, string: local, files: { shared: 0, local: 3 } },
  };

  it("is that one, and no other, by its stores and by the files that pages leave", () => {
    for (const is of arrangements)
      for (const wanted of arrangements) {
        expect(storesAmiss(right[is], wanted) === undefined, `${is} for ${wanted}`).toBe(is === wanted);
        expect(filesAmiss(right[is], wanted) === undefined, `${is} for ${wanted}`).toBe(is === wanted);
      }
  });

  it("is told with what it is instead", () => {
    expect(storesAmiss({ ...right.redis, config: shared }, "redis")).toBe(
      `core/config is in cachestore_file at ${shared.path}, core/string in cachestore_file at ${local.path}`,
    );
  });
});

describe("processors", () => {
  it("are busy with all but idling and waiting for disks, and what virtual machines use is counted once", () => {
    const from = timesOf("cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
    const to = timesOf("cpu  150 0 120 710 110 5 5 10 90 0\n");
    expect(from).toEqual({ busy: 200, all: 1000 });
    expect(shareBusy(from, to)).toBeCloseTo(90 / 110);
    expect(shareBusy(from, from)).toBe(0);
    expect(() => timesOf("intr 1\n")).toThrow();
  });

  it("are the limit before workers are, and neither with users to spare", () => {
    expect(limitOf(0.95, 1, 6)).toBe("processors");
    expect(limitOf(0.95, 40, 6)).toBe("processors");
    expect(limitOf(0.5, 7, 6)).toBe("workers");
    expect(limitOf(0.5, 6, 6)).toBe("none");
  });
});

describe("sums", () => {
  it("take the middle of two where there is no middle one", () => {
    expect([[3, 1, 2], [1, 2, 4, 8], [5, 6], [9], []].map(median)).toEqual([2, 3, 5.5, 9, undefined]);
  });
});

describe("figures", () => {
  it("are of right answers alone, and say what failed and why", () => {
    const failing = { ...runOf("shared", 1, 100), samples: [...samplesOf(100), ...lateFailures] };
    const [run] = figuresOf(recordOf([failing])).runs;
    expect(run?.failed).toEqual({ "status 503": 2, "time-out": 1 });
    expect(run?.times.home).toEqual({ count: 3, median: 100, p95: 200, most: 200 });
    expect(run?.times.views).toEqual({ count: 3, median: 300, p95: 600, most: 600 });
    expect(figuresOf(recordOf([failing])).cells[0]?.failed).toBe(0.2);
  });

  it("compare with the neighbour in the same repeat, whatever the machine did meanwhile", () => {
    // In the second repeat everything took three times as long.
    const runs = [
      runOf("shared", 1, 1000),
      runOf("redis", 1, 100),
      runOf("shared", 1, 3300, 2),
      runOf("redis", 1, 300, 2),
    ];
    const { curves, bars } = figuresOf(recordOf(runs));
    const views = curves.find(({ thing }) => thing === "views");
    expect(views?.points).toEqual([{ delay: 1, ratio: 10.5, least: 10, most: 11, limit: "none" }]);
    expect(bars).toEqual([expect.objectContaining({ least: 8, value: 10.5, met: true })]);
  });

  it("miss the bar below it", () => {
    const { bars } = figuresOf(recordOf([runOf("shared", 1, 799), runOf("redis", 1, 100)]));
    expect(bars).toEqual([expect.objectContaining({ value: 7.99, met: false })]);
  });

  it.each([
    ["between two delays", [2, 4, 8], { is: "at", delay: 1.25 }],
    ["at the first already", [5, 6, 7], { is: "below", delay: 0.5 }],
    ["at none", [2, 3, 4.99], { is: "beyond", delay: 2 }],
  ])("name the delay at which it takes five times as long: %s", (_, ratios, fiveTimes) => {
    const runs = [0.5, 1, 2].flatMap((delay, index) => [
      runOf("shared", delay, 100 * (ratios[index] ?? 0)),
      runOf("redis", delay, 100),
    ]);
    expect(figuresOf(recordOf(runs)).curves.find(({ thing }) => thing === "views")?.fiveTimes).toEqual(fiveTimes);
  });

  it("say where the processors were the limit, in every figure that rests on such a run", () => {
    const runs = [runOf("shared", 1, 500), { ...runOf("redis", 1, 100), busy: 0.97 }];
    const { runs: told, cells, curves } = figuresOf(recordOf(runs));
    expect(told.map(({ limit }) => limit)).toEqual(["none", "processors"]);
    expect(cells.map(({ arrangement, limit }) => `${arrangement} ${limit}`)).toContain("redis processors");
    expect(curves.every(({ points }) => points.every(({ limit }) => limit === "processors"))).toBe(true);
  });

  it("are the same when they were written and read", () => {
    const figures = figuresOf(whole);
    expect(benchFigures.parse(JSON.parse(JSON.stringify(figures)))).toEqual(figures);
  });
});

describe("the plot", () => {
  const plot = plotOf(figuresOf(whole));

  it("is one picture that needs nothing else, in two colour schemes", () => {
    expect(plot).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>\n$/s);
    expect(plot.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|href|@import|<script|<image/);
    expect(plot).toContain("prefers-color-scheme: dark");
    expect(plot).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("is well-formed", () => {
    const open: string[] = [];
    for (const [, end, name = "", closed] of plot.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
      if (end === "/") expect(open.pop()).toBe(name);
      else if (closed !== "/") open.push(name);
    }
    expect(open).toEqual([]);
    expect(plot.replaceAll(/&(amp|lt|gt|quot);/g, "")).not.toContain("&");
  });

  it("shows every arrangement and number of users, the crossing, the write-up and the machine's limit", () => {
    for (const each of ["● shared files", "● Redis", "● local disk", "20 users", "30 users", "40 users", "5 × at "])
      expect(plot).toContain(each);
    expect(plot).toContain("write-up: 10000 12000 ms");
    expect(plot).toContain("the processors were the limit (≥ 90 % busy), with 40 users");
    expect(plot.match(/class="bar \w+ hollow"/g)).toHaveLength(3);
  });

  it("is there without crowds, too, and says when no bar failed for want of a processor", () => {
    const runs = arrangements.map((each) => runOf(each, 1, 100));
    const alone = plotOf(figuresOf({ ...recordOf(runs), scope: { ...wholeScope, crowds: [], crowdDelays: [] } }));
    expect(alone).toContain("The processors were never the limit");
    expect(alone).not.toMatch(/NaN|Infinity|undefined|Crowds/);
  });

  it("shows a crowd that got no right answer as failed", () => {
    const lost = { ...runOf("shared", 1, 100), users: 20, samples: lateFailures };
    const plot = plotOf(figuresOf(recordOf([...arrangements.map((each) => runOf(each, 1, 100)), lost])));
    expect(plot).toContain(">failed<");
  });
});

/** Medians are as given, the longest is twice that. */
function samplesOf(ms: number): Run["samples"] {
  const three = pages.flatMap((page) => [ms, ms, 2 * ms].map((each, at) => ({ of: page, at, ms: each })));
  return [...three, ...[3 * ms, 3 * ms, 6 * ms].map((each, at) => ({ of: "views" as const, at, ms: each }))];
}

const lateFailures: Run["samples"] = ["status 503", "time-out", "status 503"].map((failed) => ({
  ...{ of: "home", at: 1, ms: 60_000, failed },
}));

const runOf = (arrangement: Arrangement, delay: number, ms: number, repeat = 1, users = 1): Run => ({
  ...{ arrangement, delay, repeat, users, seconds: 10, busy: 0.4, samples: samplesOf(ms) },
});

const recordOf = (runs: readonly Run[]): BenchRecord => ({
  ...{ date: new Date("2026-01-02T03:04:05Z"), moodle: "4.5.6 <judge & co>", scope: wholeScope, atRest: 0.03, runs },
  machine: { processors: 2, workers: 6 },
});

const slower: Readonly<Record<Arrangement, number>> = { shared: 700, redis: 0, local: -10 };

/** As the plan has them; a crowd of 40 takes all that the processors have. */
const whole = recordOf(
  planOf(wholeScope).flatMap(({ arrangement, delay, repeat, users }) =>
    users.map((count) => ({
      ...runOf(arrangement, delay, (100 + slower[arrangement] * delay) * count, repeat, count),
      busy: count === 40 ? 0.97 : 0.5,
    })),
  ),
);
