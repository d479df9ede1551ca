import { problemInWords } from "@warden/yaml";
import { describe, expect, it } from "vitest";
import { readScenario } from "../../src/scenario/read.ts";

const example = `name: enrolment-morning
for: 6h
fleet: { min: 2, max: 40, desired: 2, zones: 3, hookTimeout: 15m, deregistrationDelay: 300s, budget: 20% }   # settled at the start unless start: empty
hosts: { boot: 40s±20s, agent: 15s±10s, bootstrap: 60s±30s, failBootstrap: 1%, hang: 0.5% }
events: { lose: 5%, duplicate: 5%, delay: 0..30s, reorder: true }
api: { throttle: 2%, error: 1%, answerLost: 0.5%, stale: 0..5s }
functions: { crash: 1%, coldStart: 100ms }
traffic: { trace: curve.csv }            # users over time; or a built-in curve
timeline:
  - { at: 10m, scale: 12 }
  - { at: 40m, spot: { nodes: 3 } }
  - { at: 1h, break: { what: database, for: 8m } }
  - { at: 2h, alarm: { name: HighCpu, state: ALARM } }
  - { at: 3h, refresh: {} }
  - { at: 4h, operator: { drain: any } }
  - { at: 5h, deploy: { from: previous, to: current } } # Warden itself, mid-flight
expect:
  - { by: 20m, inService: 12 }
  - { never: capacityBelow, value: 2 }
  - { max: timeToService.p99, value: 4m }
`;

const minute = 60_000;

function scenarioOf(text: string) {
  const read = readScenario(text);
  if (!read.ok) throw new Error(read.problems.map(problemInWords).join("\n"));
  return read.value;
}

function problemsOf(text: string) {
  const read = readScenario(text);
  return read.ok ? [] : read.problems;
}

/** The example with one thing changed: what is said about it. */
const changed = (from: string, to: string) => problemsOf(example.replace(from, to));
const inTimeline = (entry: string) => problemsOf(`name: x\nfor: 1h\ntimeline:\n  - ${entry}\n`);

describe("a scenario that can be read", () => {
  it("is the example of an enrolment morning", () => {
    const scenario = scenarioOf(example);
    expect(scenario.hosts.boot).toEqual({ low: 20_000, high: 60_000 });
    expect(scenario.events.delay).toEqual({ low: 0, high: 30_000 });
    expect(scenario.hosts.hang).toBe(0.005);
    expect(scenario.traffic).toEqual({ trace: "curve.csv" });
    expect(scenario.timeline[2]).toEqual({ at: 60 * minute, break: { what: "database", for: 8 * minute } });
    expect(scenario.timeline[4]).toEqual({ at: 180 * minute, refresh: { minHealthy: 0.9 } });
    expect(scenario.expect[2]).toEqual({ max: "timeToService.p99", value: 240 });
  });

  it("says no more than its name and its length", () => {
    const { fleet, traffic, timeline } = scenarioOf("name: quiet\nfor: 1h30m");
    expect({ fleet, traffic, timeline }).toMatchObject({
      fleet: { min: 2, max: 10, desired: 2, hookTimeout: 15 * minute, start: "settled" },
      traffic: { curve: "flat" },
      timeline: [],
    });
  });

  it("is JSON as well", () => {
    expect(scenarioOf('{ "name": "quiet", "for": "1h", "timeline": [{ "at": "5m", "scale": 3 }] }').timeline).toEqual([
      { at: 5 * minute, scale: 3 },
    ]);
  });

  it("takes its name from its file when it has none of its own", () => {
    expect(readScenario("for: 1h", { name: "from-file" })).toMatchObject({ ok: true, value: { name: "from-file" } });
    expect(readScenario("name: own\nfor: 1h", { name: "from-file" })).toMatchObject({ value: { name: "own" } });
  });

  it.each(["{ at: 5m, push: good }", "{ at: 5m, push: bad }", "{ at: 5m, push: any }", "{ at: 5m, withdraw: {} }"])(
    "has a configuration pushed or taken back: %s",
    (moment) => expect(inTimeline(moment)).toEqual([]),
  );

  it.each(["same", "upgrade", "upgrade-open", "broken", "unparsable", "any"])("has a release deployed: %s", (kind) => {
    expect(inTimeline(`{ at: 5m, release: { kind: ${kind} } }`)).toEqual([]);
    expect(inTimeline(`{ at: 5m, release: { kind: ${kind}, chance: 20% } }`)).toEqual([]);
    expect(inTimeline("{ at: 5m, abort: {} }")).toEqual([]);
  });

  it.each(["database", "sessions", "cache", "files", "zone", "agent", "events", "functions", "sweep"])(
    "breaks %s",
    (what) => expect(inTimeline(`{ at: 5m, break: { what: ${what}, for: 2m } }`)).toEqual([]),
  );
});

describe("a problem names its path, its line, what was found and what is allowed", () => {
  it.each([
    [
      "a wrong value",
      "what: database",
      "what: databse",
      12,
      "timeline[2].break.what",
      '"databse"',
      /^did you mean database\? one of database, sessions/,
    ],
    [
      "a wrong key",
      "lose: 5%",
      "loose: 5%",
      5,
      "events.loose",
      "not a key here",
      /^did you mean lose\? the keys lose, duplicate/,
    ],
    ["a wrong key of the whole", "hosts:", "host:", 4, "host", "not a key here", /^did you mean hosts\?/],
    ["a number without a unit", "for: 6h", "for: 6", 2, "for", "6", /a duration such as 90s/],
    ["a share over the whole", "budget: 20%", "budget: 120%", 3, "fleet.budget", '"120%"', /a share from 0% to 100%/],
    ["a range upside down", "0..30s", "30s..10s", 5, "events.delay", '"30s..10s"', /40s±20s or 10s..60s/],
    ["too many zones", "zones: 3", "zones: 4", 3, "fleet.zones", "4", /a whole number, from 1 to 3/],
    ["a word for a truth", "reorder: true", "reorder: often", 5, "events.reorder", '"often"', /true or false/],
    [
      "an unknown kind of moment",
      "scale: 12",
      "scal: 12",
      10,
      "timeline[0]",
      '{"at":"10m","scal":12}',
      /^did you mean scale\? a moment of the timeline, which has one of scale, spot/,
    ],
    [
      "an unknown order",
      "drain: any",
      "drian: any",
      15,
      "timeline[5].operator",
      '{"drian":"any"}',
      /^did you mean drain\? an order/,
    ],
    [
      "a kind that lacks a part",
      "what: database, for: 8m",
      "what: database",
      12,
      "timeline[2].break.for",
      "missing",
      /a duration/,
    ],
    [
      "a key that its kind does not take",
      "scale: 12 }",
      "scale: 12, nodes: 3 }",
      10,
      "timeline[0].nodes",
      "not a key here",
      /the keys at and scale/,
    ],
    [
      "an unknown figure",
      "timeToService.p99",
      "timeToServce.p99",
      20,
      "expect[2].max",
      '"timeToServce.p99"',
      /^did you mean timeToService.p99\? a figure of the report/,
    ],
    [
      "a name with spaces",
      "enrolment-morning",
      "Enrolment morning",
      1,
      "name",
      '"Enrolment morning"',
      /lower-case letters/,
    ],
  ])("%s", (_, from, to, line, path, found, allowed) => {
    expect(changed(from, to)).toEqual([{ path, line, found, allowed: expect.stringMatching(allowed) }]);
  });

  it("of a push that is neither good nor bad", () => {
    expect(inTimeline("{ at: 5m, push: better }")).toMatchObject([{ path: "timeline[0].push", found: '"better"' }]);
  });

  it("of two kinds at once, as neither is meant more than the other", () => {
    expect(inTimeline("{ at: 1m, scale: 3, spot: {} }")).toMatchObject([{ path: "timeline[0]", line: 4 }]);
  });

  it("and all of them at once", () => {
    const text = example
      .replace("lose: 5%", "lose: 5")
      .replace("zones: 3", "zones: 9")
      .replace("scale: 12", "scale: -1");
    expect(problemsOf(text).map(({ path }) => path)).toEqual(["fleet.zones", "events.lose", "timeline[0].scale"]);
  });

  it("in one line for people", () => {
    const [problem] = changed("what: database", "what: databse");
    expect(problem && problemInWords(problem)).toMatch(
      /^line 12: timeline\[2\]\.break\.what is "databse"; allowed: did you mean database\?/,
    );
  });
});

describe("what makes no sense is refused", () => {
  it.each([
    ["min above max", "max: 40", "max: 1", "fleet.min", /max, which is 1, or less/],
    ["a desired capacity outside its limits", "desired: 2", "desired: 50", "fleet.desired", /from min 2 to max 40/],
    [
      "a hook that three heartbeats do not fit into",
      "hookTimeout: 15m",
      "hookTimeout: 179s",
      "fleet.hookTimeout",
      /from 180s .* heartbeats run every 60s and three must fit/,
    ],
    [
      "a deregistration delay that AWS does not take",
      "deregistrationDelay: 300s",
      "deregistrationDelay: 2h",
      "fleet.deregistrationDelay",
      /1h at most/,
    ],
    [
      "an empty site whose nodes serve already",
      "budget: 20%",
      "site: empty",
      "fleet.site",
      /^installed, as nodes serve/,
    ],
    ["a moment after the end", "at: 5h", "at: 6h", "timeline[6].at", /before the end of the scenario, which lasts 6h/],
    [
      "an outage that outlasts the scenario",
      "for: 8m",
      "for: 330m",
      "timeline[2].break.for",
      /an end before the end .* begins at 1h/,
    ],
    ["scaling beyond the maximum", "scale: 12", "scale: 41", "timeline[0].scale", /from min 2 to max 40/],
    ["more spot nodes than there can be", "nodes: 3", "nodes: 41", "timeline[1].spot.nodes", /40, or less/],
    ["an expectation after the end", "by: 20m", "by: 7h", "expect[0].by", /which lasts 6h/],
    ["an expectation that no fleet can meet", "inService: 12", "inService: 41", "expect[0].inService", /max 40/],
  ])("%s", (_, from, to, path, allowed) => {
    expect(changed(from, to)).toEqual([expect.objectContaining({ path, allowed: expect.stringMatching(allowed) })]);
  });

  it("an instance type without a price, which would leave a hole in the bill", () => {
    const [problem] = problemsOf("name: x\nfor: 1h\nfleet: { instanceType: z9.huge }");
    expect(problem?.path).toBe("fleet.instanceType");
    expect(problem?.allowed).toContain("t4g.medium, t4g.large");
    expect(problem?.allowed).not.toContain("discount");
  });

  it("a hook shortened under way to less than three heartbeats", () => {
    expect(inTimeline("{ at: 5m, hook: { which: launch, timeout: 1m } }")).toMatchObject([
      { path: "timeline[0].hook.timeout" },
    ]);
  });
});

describe("a text that is no scenario", () => {
  it.each(["", "[]", "3", "- a"])("%j is not taken for one", (text) => {
    expect(problemsOf(text)).toMatchObject([{ path: "", allowed: expect.stringContaining("name, about, for") }]);
  });

  it("is told by its line when it is not even YAML", () => {
    expect(problemsOf("name: x\nfor: [1")[0]).toMatchObject({ line: 2, found: expect.stringMatching(/^not YAML: /) });
  });
});
