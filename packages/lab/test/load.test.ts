/** When a load's requests are due, what it comes to, and its picture: all without a site. */
import { applicationVisits } from "@warden/lab/load/application-visit";
import { figuresOf, loadFigures } from "@warden/lab/load/figures";
import { plot } from "@warden/lab/load/plot";
import type { LoadRecord, RequestRow } from "@warden/lab/load/record";
import { type LoadPlan, scheduleOf } from "@warden/lab/load/schedule";
import { describe, expect, it } from "vitest";

const plan: LoadPlan = { visitsPerSecond: 10, seconds: 100, seed: 3 };
const schedule = (changes: Partial<LoadPlan> = {}) => scheduleOf({ ...plan, ...changes }, applicationVisits);
const beginnings = (changes: Partial<LoadPlan> = {}): readonly number[] => schedule(changes).map(({ at }) => at);

describe("a schedule", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(beginnings()).toEqual(beginnings());
    expect(beginnings({ seed: 4 })).not.toEqual(beginnings());
  });

  it("has as many visits as were asked for, come by chance", () => {
    const at = beginnings();
    // Three times the square root of 1000 to both sides.
    expect(Math.abs(at.length - 1000)).toBeLessThan(95);
    expect(at.every((each) => each >= 0 && each < 100_000)).toBe(true);
    const gaps = at.slice(1).map((each, index) => each - (at[index] ?? 0));
    // Of an exponential distribution 63 % are below the mean, and 5 % above three times of it.
    expect(gaps.filter((gap) => gap < 100).length / gaps.length).toBeCloseTo(0.63, 1);
    expect(gaps.filter((gap) => gap > 300).length / gaps.length).toBeCloseTo(0.05, 1);
    expect(beginnings({ visitsPerSecond: 0 })).toEqual([]);
  });

  it("says of every step when it is due, and gives each visit a number", () => {
    const [first] = schedule();
    expect(first?.steps[0]?.due).toBe(first?.at);
    const due = first?.steps.map((each) => each.due) ?? [];
    expect(due).toEqual([...due].sort((one, other) => one - other));
    expect(schedule().map(({ visit }) => visit)).toEqual(beginnings().map((_, index) => index + 1));
  });

  it("spreads slow transfers over the time", () => {
    const slow = { uploads: 4, downloads: 2, bytes: 1, bytesPerSecond: 1 };
    const visits = schedule({ visitsPerSecond: 0, slow });
    const of = (page: string) =>
      visits.filter(({ steps }) => steps.some(({ step }) => step.page === page)).map(({ at }) => at);
    expect(of("slow upload")).toEqual([0, 25_000, 50_000, 75_000]);
    expect(of("slow download")).toEqual([0, 50_000]);
  });
});

const row = (changes: Partial<RequestRow> = {}): RequestRow => ({
  ...{ visit: 1, page: "course", due: 0, sent: changes.due ?? 0, ended: 10, outcome: "ok", slow: false },
  ...{ status: 200, machine: "one" },
  ...changes,
});
const recordOf = (rows: readonly RequestRow[], planned = rows.length): LoadRecord => ({
  ...{ v: 1, plan, began: 1_700_000_000_000, planned, stopped: false, rows: [...rows] },
});

describe("figures", () => {
  it("count latency from when a request was due, however late it was sent", () => {
    // Ten a second; from second 2 to second 7 nobody is answered, and nobody is sent either.
    const rows = Array.from({ length: 100 }, (_, index) => index * 100).map((due) => {
      const sent = due >= 2000 && due < 7000 ? 7000 : due;
      return row({ due, sent, ended: sent + 10 });
    });
    const { latency, requests, seconds } = figuresOf(recordOf(rows));
    expect(latency).toEqual({ p50: 10, p95: 4510, p99: 4910, max: 5010 });
    expect(requests.late).toBe(49);
    expect(seconds.map((each) => each.latency?.max)).toEqual([10, 10, 5010, 4010, 3010, 2010, 1010, 10, 10, 10]);
  });

  it("tell what was wrong, where and when", () => {
    const rows = [
      row(),
      row({ due: 1000, ended: 1040, outcome: "status", status: 500, machine: "two" }),
      row({ due: 1200, ended: 1230, outcome: "lost-session", status: 303, page: "submit" }),
      row({ due: 1300, ended: 1320, outcome: "wrong-user" }),
      row({ due: 2000, ended: 62_000, outcome: "time-out", status: undefined, machine: undefined }),
      row({ due: 2000, ended: 2001, outcome: "connection", status: undefined, machine: undefined }),
    ];
    const figures = figuresOf(recordOf(rows, 9));
    expect(figures.requests).toEqual({ planned: 9, sent: 6, ok: 1, failed: 5, notSent: 3, late: 0 });
    expect(figures.failures).toEqual({
      ...{ status: 1, "lost-session": 1, "wrong-user": 1, "wrong-bytes": 0, connection: 1, "time-out": 1 },
    });
    expect(figures.lostSessions).toBe(1);
    expect(figures.machines.map(({ machine, requests, failed }) => [machine, requests, failed])).toEqual([
      ["one", 3, 2],
      ["two", 1, 1],
    ]);
    expect(figures.pages.map(({ page, requests, failed }) => [page, requests, failed])).toEqual([
      ["course", 5, 4],
      ["submit", 1, 1],
    ]);
    expect(figures.seconds.map(({ second, requests, failed }) => [second, requests, failed])).toEqual([
      [0, 1, 0],
      [1, 3, 3],
      [2, 2, 2],
    ]);
  });

  it("keep slow transfers apart from what should be fast", () => {
    const figures = figuresOf(recordOf([row(), row({ page: "slow upload", ended: 30_000, slow: true })]));
    expect(figures.latency?.max).toBe(10);
    expect(figures.seconds[0]?.latency?.max).toBe(10);
    expect(figures.pages.find(({ page }) => page === "slow upload")?.latency?.max).toBe(30_000);
    expect(figures.requests).toMatchObject({ sent: 2, ok: 2 });
  });

  it("of nothing are nothing, and all are what is stored", () => {
    const none = figuresOf(recordOf([]));
    expect(none).toMatchObject({ requests: { sent: 0, failed: 0 }, latency: null, seconds: [] });
    for (const each of [none, figuresOf(recordOf([row()]))])
      expect(loadFigures.parse(JSON.parse(JSON.stringify(each)))).toEqual(each);
  });
});

describe("the picture", () => {
  const figures = figuresOf(
    recordOf([
      row({ ended: 20 }),
      row({ due: 1000, ended: 1200 }),
      row({ due: 4000, ended: 9000, outcome: "status", status: 503 }),
    ]),
  );
  const picture = plot(figures, [{ at: 2500, text: 'node <"2"> & its drain' }]);
  const pathOf = (name: string): string =>
    new RegExp(`class="latency ${name}" d="(M[^"]*h0[^"]*)"`).exec(picture)?.[1] ?? "";
  const pointsOf = (name: string): number[][] =>
    pathOf(name)
      .match(/[\d.]+ [\d.]+/g)
      ?.map((point) => point.split(" ").map(Number)) ?? [];

  it("is whole by itself, and has its words in it as words", () => {
    expect(picture).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*>\n<title>3 requests, 1 failed/);
    expect(picture.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|@import|href/);
    expect(picture).toContain("node &lt;&quot;2&quot;&gt; &amp; its drain</text>");
    expect(picture).toContain("prefers-color-scheme: dark");
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("shows more time further right, more latency further up, and a gap as a gap", () => {
    const [first = [], second = [], third = []] = pointsOf("p99");
    expect(first[0]).toBeLessThan(second[0] ?? 0);
    expect(second[0]).toBeLessThan(third[0] ?? 0);
    expect(first[1]).toBeGreaterThan(second[1] ?? 0);
    expect(second[1]).toBeGreaterThan(third[1] ?? 0);
    expect(pathOf("p99").match(/[ML]/g)?.join("")).toBe("MLM");
  });

  it("marks failures, and only them", () => {
    expect(picture.match(/<path class="cross"[^>]*><title>[^<]*/g)).toEqual([
      expect.stringContaining("<title>1 of 1 failed at 0:04"),
    ]);
  });

  it("of nothing is a picture, too", () => {
    expect(plot(figuresOf(recordOf([])))).not.toMatch(/NaN|Infinity|undefined/);
  });
});
