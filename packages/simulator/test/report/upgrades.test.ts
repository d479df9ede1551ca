import { describe, expect, it } from "vitest";
import type { FactDetail } from "../../src/facts/fact.ts";
import { createSummary } from "../../src/report/summarise.ts";
import { renderReport } from "../../src/report/terminal.ts";
import { timelineOf } from "../../src/report/timeline.ts";
import { factsFrom, recordOf } from "./plausible-run.ts";

const wrote = (phase: string, why = phase): FactDetail => ({ kind: "upgrade", phase, why });
const begun = (is: "upgrade" | "broken"): FactDetail => ({ kind: "release", release: "5.3", digest: "c0de", is });
const closed = (is: boolean): FactDetail => ({ kind: "maintenance", node: "i-1", closed: is });

describe("a report", () => {
  const facts = factsFrom();
  facts.add(
    60,
    wrote("preflight"),
    begun("upgrade"),
    wrote("returning"),
    wrote("returned"),
    wrote("returned", "still"),
  );
  facts.add(120, wrote("preflight"), begun("broken"), wrote("closing"));
  facts.add(130, closed(true), wrote("upgrading"), wrote("stuck"), wrote("stuck", "a person is needed"));
  facts.add(600, wrote("preflight"), begun("upgrade"), wrote("upgrading"), wrote("opening"));
  facts.add(660, closed(false), wrote("done"));
  // What comes to its end while everything comes to rest is no figure of the run.
  facts.add(3_700, wrote("preflight"), wrote("done"));
  const record = recordOf(facts.list);
  const summary = createSummary({ scenario: "upgrade", seed: 1, now: Date.UTC(2026, 10, 21) });
  summary.add(record);
  summary.add(record);

  it("counts upgrades by how they ended, each once", () => {
    expect(summary.result().upgrades).toEqual({ begun: 6, done: 2, returned: 2, stuck: 2 });
  });

  it("shows them, and while the site was closed", () => {
    const text = renderReport(summary.result(), { width: 100, colour: false, sample: record });
    expect(text.replaceAll(/\s+/g, " ")).toContain("Upgrades begun 6 · done 2 · returned 2 · stuck 2");
    expect(timelineOf(record).outages).toEqual([{ from: 130, to: 660, what: "site closed" }]);
  });
});
