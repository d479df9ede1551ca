import { describe, expect, it } from "vitest";
import type { FactDetail } from "../../src/facts/fact.ts";
import { htmlReport } from "../../src/report/html.ts";
import { pushedIn, pushInWords } from "../../src/report/rollouts.ts";
import { createSummary } from "../../src/report/summarise.ts";
import { renderReport } from "../../src/report/terminal.ts";
import { type Facts, factsFrom, recordOf } from "./plausible-run.ts";

type Written = Extract<FactDetail, { kind: "rollout" }>;

const wrote = (
  id: string,
  phase: Written["phase"],
  members: readonly string[],
  more: Partial<Written> = {},
): FactDetail => ({
  kind: "rollout",
  ...{ id, phase, candidate: `${id}-digest`, lastGood: "d1", release: "r1", members, why: phase, because: undefined },
  ...more,
});
const put = (node: string, id: string): FactDetail => ({
  ...{ kind: "configuration", node, digest: `${id}-digest`, event: "put" },
});

/** A good one in three waves, and a bad one that the second of two nodes shows. */
function story(facts: Facts): void {
  facts.add(100, wrote("good", "rolling", []), { kind: "push", digest: "good-digest", is: "good" });
  facts.add(101, wrote("good", "rolling", ["i-1"]), put("i-1", "good"));
  facts.add(140, wrote("good", "rolling", ["i-1", "i-2", "i-3"]), put("i-2", "good"), put("i-3", "good"));
  facts.add(180, wrote("good", "rolling", ["i-1", "i-2", "i-3", "i-4"]), put("i-4", "good"));
  facts.add(220, wrote("good", "concluding", ["i-1", "i-2", "i-3", "i-4"]));
  facts.add(221, wrote("good", "done", ["i-1", "i-2", "i-3", "i-4"]), put("i-5", "good"));
  facts.add(600, wrote("bad", "rolling", []), { kind: "push", digest: "bad-digest", is: "bad" });
  // The first could not be told, and lost its turn.
  facts.add(601, wrote("bad", "rolling", ["i-1"]));
  facts.add(661, wrote("bad", "rolling", ["i-2"]), put("i-2", "bad"), put("i-2", "bad"));
  const because = "i-2 is bad with it: page (500)";
  facts.add(670, wrote("bad", "returning", ["i-2"], { because }), wrote("bad", "returned", ["i-2"], { because }));
}

function run(tell: (facts: Facts) => void) {
  const facts = factsFrom();
  tell(facts);
  return recordOf(facts.list);
}

describe("a configuration that was pushed", () => {
  const [good, bad] = pushedIn(run(story).facts).map(pushInWords);

  it("is told with its canary, its waves and how long it took", () => {
    expect(good).toBe(
      "a good configuration, good-digest: first i-1, then 3 more nodes in 2 waves; the last good after 2 min",
    );
  });

  it("is told with why it was taken back, and how many nodes had it", () => {
    expect(bad).toBe(
      "a bad configuration, bad-digest: first i-1, then 1 more node in 1 wave; taken back after 70 s, i-2 is bad with it: page (500); 1 node had it",
    );
  });

  it("is told as far as it came", () => {
    const [never] = pushedIn(run((facts) => facts.add(9, wrote("r", "rolling", [], { why: "waits: stopped" }))).facts);
    expect(never && pushInWords(never)).toBe(
      "a good configuration, r-digest: no node was asked to take it; not ended, waits: stopped",
    );
  });
});

describe("a report", () => {
  const record = run(story);
  const summary = createSummary({ scenario: "push", seed: 1, now: Date.UTC(2026, 10, 21) });
  summary.add(record);
  summary.add(record);
  const report = summary.result();

  it("counts rollouts over all runs, and the most nodes that a bad one reached", () => {
    expect(report.rollouts).toEqual({ begun: 4, concluded: 2, returned: 2, spoiled: 1 });
  });

  it.each([40, 80])("tells of each in a terminal of %i columns", (width) => {
    const text = renderReport(report, { width, colour: false, sample: record });
    expect(text).toContain("  Configurations pushed\n     0:01:40    a good configuration,");
    expect(text.replaceAll(/\s+/g, " ")).toContain("begun 4 · concluded 2 · returned 2");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  });

  it("tells of each on the page, and of none where there was none", () => {
    expect(htmlReport(report, record)).toContain("<h3>Configurations pushed</h3>");
    expect(htmlReport(report, record)).toContain("taken back after 70 s, i-2 is bad with it: page (500)");
    expect(htmlReport(report, recordOf([]))).not.toContain("Configurations pushed");
  });
});
