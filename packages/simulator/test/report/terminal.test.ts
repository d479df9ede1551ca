import { stripVTControlCharacters } from "node:util";
import { priceBook } from "@warden/cost";
import { describe, expect, it } from "vitest";
import { tutoringBills } from "../../src/cost/tutoring-week.ts";
import type { Report } from "../../src/report/report.ts";
import type { RunRecord } from "../../src/report/run-record.ts";
import { createSummary } from "../../src/report/summarise.ts";
import { renderReport } from "../../src/report/terminal.ts";
import { clockOf, countInWords, dollars, secondsInWords } from "../../src/report/words.ts";
import { factsFrom, lifecycle, morning, recordOf, violation } from "./plausible-run.ts";

function reportOf(run: RunRecord): Report {
  const summary = createSummary({ scenario: "enrolment-morning", seed: 4_711, now: Date.UTC(2026, 10, 21) });
  summary.add(run);
  return summary.result();
}

const broken: RunRecord = { ...morning(), violations: [violation] };
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));
const rowOf = (text: string, name: string): string => text.split("\n").find((line) => line.startsWith(name)) ?? "";

describe("a report in a terminal", () => {
  it.each([40, 60, 80, 200])("never is wider than %i columns", (width) => {
    const text = renderReport(reportOf(broken), { width, colour: false, sample: broken });
    expect(widest(text)).toBeLessThanOrEqual(width);
    expect(text).toContain("rule-08");
  });

  it("has colour that takes no room and says nothing by itself", () => {
    const options = { width: 80, sample: broken };
    const coloured = renderReport(reportOf(broken), { ...options, colour: true });
    expect(coloured).not.toBe(stripVTControlCharacters(coloured));
    expect(stripVTControlCharacters(coloured)).toBe(renderReport(reportOf(broken), { ...options, colour: false }));
  });

  it("begins with the verdict", () => {
    expect(renderReport(reportOf(morning()), { width: 80, colour: false })).toMatch(/^✓ No rule was broken in 1 run\n/);
    expect(renderReport(reportOf(broken), { width: 80, colour: false })).toMatch(/^✗ 1 violation of 1 rule in 1 run\n/);
  });

  it("shows of a violation when, where, what, the command that replays it and the shortest scenario", () => {
    const text = renderReport(reportOf(broken), { width: 80, colour: false });
    expect(text).toContain("rule-08  run 1, 1:14:20, i-0000000000000000c");
    expect(text).toContain("a drain dropped 2 requests");
    expect(text).toContain("replay: npx warden simulate enrolment-morning.yaml --seed 4711 --runs 1");
    expect(text).toContain("    timeline:\n      - { at: 1m, spot: { nodes: 1 } }");
  });

  it("counts the violations that it does not show", () => {
    const many = { ...broken, violations: Array.from({ length: 1_205 }, () => violation) };
    expect(renderReport(reportOf(many), { width: 80, colour: false })).toContain(
      "and 1\u202f200 more; --json lists them all",
    );
  });

  it("draws a node's life, the story, what was down and where a rule broke", () => {
    const text = renderReport(reportOf(broken), { width: 80, colour: false, sample: broken });
    expect(rowOf(text, "i-0000000000000000d")).toMatch(/^i-0000000000000000d +[░▒]*\?+▓?█+$/);
    expect(rowOf(text, "i-00000000000000005")).toMatch(/█×+$/);
    expect(rowOf(text, "i-0000000000000000c")).toMatch(/█▃*✗/);
    expect(rowOf(text, "database down")).toMatch(/ ━+$/);
    expect(text).toContain("2  0:40:00    the database goes down for 8 min");
    expect(text).toContain("8 events lost");
  });

  it("lets a short trouble show over a long calm in the same column", () => {
    const facts = factsFrom();
    facts.add(0, lifecycle("i-1", "InService"));
    facts.add(1_800, { kind: "power-off", node: "i-1", requestsCut: 0, tasksCut: 0, announced: false });
    facts.add(1_801, lifecycle("i-1", "Terminated"));
    const run = recordOf(facts.list);
    expect(rowOf(renderReport(reportOf(run), { width: 80, colour: false, sample: run }), "i-1")).toContain("×");
  });

  it("marks money as an estimate with the dates and region of its prices", () => {
    const text = renderReport(reportOf(morning()), { width: 80, colour: false });
    expect(text).toMatch(/Cost in USD \(estimate, list prices of 2024 to 2026-10-08, us-east-1\)/);
    expect(text).toMatch(/nodes and their disks +0\.87 +2\d\d\.\d\d/);
    expect(text).toContain("prices are more than 12 months old");
  });

  it("sets the tutoring site's two bills side by side, with the write-up's figures", () => {
    const prices = priceBook("us-east-1");
    const bills = tutoringBills({ hours: 168, nodeHours: 252, instanceType: "t4g.medium", controlPlane: [] }, prices);
    for (const width of [40, 80]) {
      const text = renderReport(reportOf(morning()), { width, colour: false, bills });
      expect(widest(text)).toBeLessThanOrEqual(width);
      expect(rowOf(text, "  all")).toMatch(
        new RegExp(`${bills.single.usd.toFixed(2)} +${bills.scaled.usd.toFixed(2)}$`),
      );
      expect(rowOf(text, "  the write-up, 2015")).toMatch(/over 300 +about 50$/);
      expect(text.replaceAll("\n", " ")).toContain(bills.says);
    }
  });

  it("shows a dash where nothing was measured", () => {
    const text = renderReport(reportOf(recordOf([])), { width: 80, colour: false });
    expect(rowOf(text, "Time to service")).toBe("Time to service      p50 – · p95 – · p99 –");
    expect(rowOf(text, "Repair after a loss")).toContain("longest –");
  });

  it("lets no name or reason steer the terminal", () => {
    const node = "i-\u001b[2Jgone\u202e";
    const facts = factsFrom();
    facts.add(0, lifecycle(node, "InService"), { kind: "story", text: "\u001b]0;title\u0007 and \u009b1m" });
    const run = {
      ...recordOf(facts.list),
      violations: [{ ...violation, node, detail: "\u001b[31m", shrunk: "a: \u001b[1A" }],
    };
    const text = renderReport(reportOf(run), { width: 80, colour: false, sample: run });
    expect(text).toContain("i-\ufffd[2Jgone\ufffd");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("figures in words", () => {
  it.each([
    [0.42, "0.4 s"],
    [85.4, "85 s"],
    [185, "3 min 5 s"],
    [180, "3 min"],
    [7_199.6, "2 h"],
    [9_000, "2 h 30 min"],
  ])("%f seconds are %s", (seconds, words) => expect(secondsInWords(seconds)).toBe(words));

  it("are clocks, counts and dollars", () => {
    expect(clockOf(93_784)).toBe("26:03:04");
    expect([countInWords(1_234_567), countInWords(3.25), countInWords(1_234.5)]).toEqual([
      "1\u202f234\u202f567",
      "3.3",
      "1\u202f235",
    ]);
    expect([dollars(0), dollars(0.00001), dollars(0.0421), dollars(12.345)]).toEqual([
      "0.00",
      "< 0.0001",
      "0.0421",
      "12.35",
    ]);
  });
});
