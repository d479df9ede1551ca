import { createHash } from "node:crypto";
import { priceBook } from "@warden/cost";
import { describe, expect, it } from "vitest";
import { controlPlaneCost, noUnits } from "../../src/cost/control-plane.ts";
import { tutoringBills } from "../../src/cost/tutoring-week.ts";
import { htmlReport } from "../../src/report/html.ts";
import type { RunRecord } from "../../src/report/run-record.ts";
import { createSummary } from "../../src/report/summarise.ts";
import { factsFrom, lifecycle, morning, phase, recordOf, violation } from "./plausible-run.ts";
import { readPage } from "./well-formed.ts";

function pageOf(run: RunRecord, scenario = "enrolment-morning"): string {
  const summary = createSummary({ scenario, seed: 4_711, now: Date.UTC(2026, 10, 21) });
  summary.add(run);
  const prices = priceBook("us-east-1");
  const controlPlane = controlPlaneCost({ hours: 168, calls: {}, functions: {}, units: noUnits }, prices);
  const bills = tutoringBills({ hours: 168, nodeHours: 250, instanceType: "t4g.medium", controlPlane }, prices);
  return htmlReport(summary.result(), run, { bills });
}

const broken: RunRecord = { ...morning(), violations: [violation] };
const page = pageOf(broken);
const read = readPage(page);
const partOf = (name: string): string => new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(page)?.[1] ?? "";

describe("the page", () => {
  it("is well formed", () => expect(read.mistakes).toEqual([]));

  it("says the verdict, the figures, the story and the violation with its replay", () => {
    for (const text of [
      "<h1>enrolment-morning</h1>",
      "1 violation of 1 rule in 1 run",
      "the database goes down for 8 min",
      "a drain dropped 2 requests",
      "npx warden simulate enrolment-morning.yaml --seed 4711 --runs 1",
      "- { at: 1m, spot: { nodes: 1 } }",
      "estimate, list prices of 2024 to 2026-10-08, us-east-1",
      "write-up, 2015: over 300 USD",
    ])
      expect(page).toContain(text);
  });

  it("draws a lane for each node with blocks that tell about themselves", () => {
    expect(page.match(/class="lane"/g)).toHaveLength(15);
    expect(page).toContain(
      "<title>i-0000000000000000d · on hold · 0:42:40 – 0:48:10 (5 min 30 s) · the database does not answer: nothing is this node&#39;s fault</title>",
    );
    expect(page).toContain("<title>database down · 0:40:00 – 0:48:00 (8 min)</title>");
    expect(page).toMatch(/aria-label="i-0000000000000000e: starting 80 s, bootstrapping 7 min, refused 80 s"/);
  });

  it("goes without a picture where no run is given", () => {
    const bare = htmlReport(createSummary({ scenario: "empty", seed: 1, now: 0 }).result(), undefined);
    expect(readPage(bare).mistakes).toEqual([]);
    expect(readPage(bare).elements).not.toContain("form");
  });
});

describe("the page alone", () => {
  it("allows nothing but its own style and script, by their hashes", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
    const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `style-src ${hash(partOf("style"))}`,
      `script-src ${hash(partOf("script"))}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it("refers to nothing outside itself", () => {
    const addresses = read.attributes.filter(([name]) => ["src", "href", "srcset", "action", "data"].includes(name));
    expect(addresses).toEqual([]);
    expect(page).not.toMatch(/https?:\/\/|@import|url\((?!#)/);
    for (const element of ["link", "img", "iframe", "object", "base"]) expect(read.elements).not.toContain(element);
  });

  it("has no style and no handler in an attribute: the policy would refuse them", () => {
    expect(read.attributes.filter(([name]) => name === "style" || name.startsWith("on"))).toEqual([]);
  });
});

describe("the page for everybody", () => {
  it("has a language, one main heading, and headings that skip no level", () => {
    expect(page).toContain('<html lang="en">');
    const levels = read.elements.filter((name) => /^h[1-6]$/.test(name)).map((name) => Number(name[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
  });

  it("names its tables, and their rows and columns", () => {
    const count = (name: string): number => read.elements.filter((each) => each === name).length;
    expect(count("caption")).toBe(count("table"));
    expect(read.attributes.filter(([name, value]) => name === "scope" && value === "row").length).toBeGreaterThan(20);
  });

  it("can be reached by keyboard, lane by lane and violation by violation", () => {
    expect(page.match(/class="lane" tabindex="0"/g)).toHaveLength(15);
    expect(page).toMatch(/class="told wrong"[^>]* tabindex="0" role="img" aria-label="Violation: rule-08/);
  });

  it("tells stages apart by height and pattern too, and knows dark rooms and paper", () => {
    const heights = [...page.matchAll(/<rect fill="url\(#p-([a-z-]+)\)" y="[\d.]+" width="24" height="(\d+)"/g)];
    expect(new Map(heights.map(([, stage, height]) => [stage, height])).get("starting")).toBe("6");
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toContain("@media print");
  });
});

describe("text from outside", () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;\u202e\u0000`;

  it("stays text wherever it stands", () => {
    const facts = factsFrom();
    facts.add(0, lifecycle(evil, "InService"), phase(evil, "in-service", evil), { kind: "story", text: evil });
    facts.add(5, { kind: "shared", part: evil, up: false });
    const found = { ...violation, rule: evil, node: evil, detail: evil, replay: evil, shrunk: `${evil}\nsecond: line` };
    const hostile = recordOf(facts.list, {
      violations: [found],
      calls: { [evil]: 3 },
      functions: { [evil]: { invocations: 1, gbSeconds: 1, crashes: 1 } },
    });
    const text = pageOf(hostile, evil);
    const { mistakes, elements, attributes } = readPage(text);
    expect(mistakes).toEqual([]);
    expect(elements.filter((name) => name === "script" || name === "img")).toEqual(["script"]);
    expect(attributes.filter(([name]) => name === "onerror" || name === "src")).toEqual([]);
    expect(text).not.toMatch(/[\u202e\0]/);
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).toContain("&amp;amp;");
  });
});
