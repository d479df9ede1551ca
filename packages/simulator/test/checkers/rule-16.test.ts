import { describe, expect, it } from "vitest";
import { rule16 } from "../../src/checkers/rule-16.ts";
import type { FactDetail } from "../../src/facts/fact.ts";
import { at, quietRun, verdict } from "./story.ts";

type Told = { readonly at: number } & FactDetail;
const check = (...facts: readonly Told[]) => verdict(rule16(quietRun), facts).map(({ detail }) => detail);

const old = "moodle-5.2";
const fix = "moodle-5.2+fix";
const next = "moodle-5.3";
const open = "moodle-5.3+open";

const serves = (node: string, release: string | undefined): FactDetail => ({ kind: "serves", node, release });
const closes = (closed: boolean): FactDetail => ({ kind: "maintenance", node: "i-1", closed });
const begins = (node: string, release = next, work: "install" | "upgrade" = "upgrade"): FactDetail => ({
  ...{ kind: "schema", event: "began", node, release, work },
});
const ends = (node: string, code = next, moving = false): FactDetail => ({
  ...{ kind: "schema", event: "ended", node, code, moving },
});
const runs = (node: string, release: string | undefined, until: number): FactDetail => ({
  ...{ kind: "task", node, release, until: until * 1_000 },
});
const asked = (release = next, is: "upgrade" | "upgrade-open" | "broken" | "unparsable" = "upgrade"): FactDetail => ({
  ...{ kind: "release", release, digest: "c0de", is },
});
const wrote = (phase: string): FactDetail => ({ kind: "upgrade", phase, why: `for ${phase}` });

const fleet = [at(0, serves("i-1", old)), at(0, serves("i-2", old))];
const closed = [
  ...fleet,
  at(10, wrote("preflight")),
  at(10, asked()),
  at(60, wrote("closing")),
  at(61, closes(true)),
  at(100, wrote("upgrading")),
];
const upgraded = [
  ...closed,
  at(101, serves("i-1", undefined)),
  at(104, serves("i-1", next)),
  at(110, begins("i-1")),
  at(200, ends("i-1")),
];
const switched = [
  ...upgraded,
  at(201, wrote("switching")),
  at(210, serves("i-2", undefined)),
  at(214, serves("i-2", next)),
];
const done = [...switched, at(220, wrote("opening")), at(221, closes(false)), at(222, wrote("done"))];

describe("rule 16 lets pass", () => {
  it("an upgrade of a closed site, from its first step to its last", () => {
    expect(check(...done, at(300, runs("i-2", next, 400)))).toEqual([]);
  });

  it("an upgrade of an open site, with which old code goes on until it is told", () => {
    const begun = [...fleet, at(10, wrote("preflight")), at(10, asked(open, "upgrade-open"))];
    const work = [
      at(50, runs("i-2", old, 500)),
      at(60, begins("i-1", open)),
      at(90, serves("i-2", old)),
      at(100, ends("i-1")),
    ];
    const end = [at(110, serves("i-1", open)), at(120, serves("i-2", open)), at(130, wrote("done"))];
    expect(check(...begun, ...work, ...end)).toEqual([]);
  });

  it("another release of the same versions", () => {
    expect(check(...fleet, at(10, serves("i-1", fix)), at(20, runs("i-1", fix, 60)))).toEqual([]);
  });

  it("an upgrade that returns before the schema moved", () => {
    expect(check(...closed, at(120, wrote("returning")), at(121, closes(false)), at(122, wrote("returned")))).toEqual(
      [],
    );
  });

  it("one that is stuck with what is broken, closed, until a mended one goes on", () => {
    const begun = [
      ...closed,
      at(100, asked(next, "broken")),
      at(104, serves("i-1", undefined)),
      at(110, begins("i-1")),
    ];
    const stuck = [...begun, at(150, ends("i-1", old, true)), at(151, wrote("stuck"))];
    expect(check(...stuck)).toEqual([]);
    const mended = [at(300, wrote("preflight")), at(300, asked()), at(400, begins("i-2")), at(450, ends("i-2"))];
    const all = [
      at(460, serves("i-1", next)),
      at(461, serves("i-2", next)),
      at(470, closes(false)),
      at(471, wrote("done")),
    ];
    expect(check(...stuck, ...mended, ...all)).toEqual([]);
  });

  it("old code on a node that the load balancer sends nothing to any more", () => {
    const gone = { kind: "target", node: "i-3", state: "unused" } as const;
    expect(check(...fleet, at(5, serves("i-3", old)), at(6, gone), ...done.slice(fleet.length))).toEqual([]);
  });

  it("a task that the power cut, and one that ended, before the schema moves", () => {
    const tasks = [at(5, runs("i-2", old, 400)), at(6, runs("i-1", old, 90)), at(105, runs("i-2", undefined, 105))];
    for (const some of [tasks, tasks.slice(1, 2)])
      expect(check(...[...done, ...some].sort((one, other) => one.at - other.at))).toEqual([]);
  });

  it("a second upgrade that returns after one that was done", () => {
    const again = [at(300, wrote("preflight")), at(300, asked("moodle-5.4", "unparsable")), at(310, wrote("returned"))];
    expect(check(...done, ...again)).toEqual([]);
  });

  it("one who installs after the other has ended, in whatever way", () => {
    const facts = [at(10, begins("i-1", old, "install")), at(40, ends("i-1", old)), at(50, serves("i-1", old))];
    expect(verdict(rule16({ ...quietRun, schema: undefined }), facts)).toEqual([]);
  });

  it("what waits in the end because Warden is stopped, or nobody answers", () => {
    expect(check(...closed, at(300, { kind: "switch", stopped: true }))).toEqual([]);
    expect(check(...closed, at(300, { kind: "agents", silent: true }))).toEqual([]);
  });
});

describe("rule 16 catches", () => {
  it("two at once", () => {
    expect(
      check(...closed, at(110, begins("i-1")), at(120, begins("i-2")), at(200, ends("i-1")), at(201, wrote("stuck"))),
    ).toContain("begins its upgrade while i-1 is at its upgrade");
    const installs = [at(10, begins("i-1", old, "install")), at(11, begins("i-2", old, "install"))];
    expect(verdict(rule16({ ...quietRun, schema: undefined }), installs)[0]).toMatchObject({
      node: "i-2",
      detail: "begins its install while i-1 is at its install",
    });
  });

  it("a schema that moves under an open site", () => {
    expect(check(...fleet, at(110, begins("i-1")))[0]).toBe(
      "serves openly with moodle-5.2 on a schema on its way from moodle-5.2",
    );
  });

  it("a site that opens while a node has old code, or while the schema is halfway", () => {
    expect(check(...upgraded, at(202, closes(false)))[0]).toBe(
      "serves openly with moodle-5.2 on a schema of moodle-5.3",
    );
    const halfway = [...closed, at(110, begins("i-1")), at(120, ends("i-1", old, true)), at(130, closes(false))];
    expect(check(...halfway)[0]).toMatch(/^serves openly with moodle-5.2 on a schema on its way/);
  });

  it("a node that comes with old code when all is done, or with new code before", () => {
    expect(check(...done, at(300, serves("i-3", old)))).toEqual([
      "serves openly with moodle-5.2 on a schema of moodle-5.3",
    ]);
    expect(check(...fleet, at(300, serves("i-3", next)))).toEqual([
      "serves openly with moodle-5.3 on a schema of moodle-5.2",
    ]);
    const openly = [...fleet, at(60, begins("i-1", open)), at(70, serves("i-2", open))];
    expect(check(...openly)).toEqual(["serves openly with moodle-5.3+open on a schema on its way from moodle-5.2"]);
  });

  it("a node with old code that still has requests, or is registered again", () => {
    const target = (state: string): FactDetail => ({ kind: "target", node: "i-3", state });
    const leaves = [at(5, serves("i-3", old)), at(6, target("draining"))];
    expect(check(...fleet, ...leaves, ...done.slice(fleet.length))).toContain(
      "an upgrade to moodle-5.3 is done, and i-3 serves with moodle-5.2",
    );
    const comesBack = [at(7, target("unused")), ...done.slice(fleet.length), at(300, target("initial"))];
    expect(check(...fleet, ...leaves, ...comesBack)).toEqual([
      "serves openly with moodle-5.2 on a schema of moodle-5.3",
    ]);
  });

  it("a task that still runs when the schema moves, or begins then, or on another schema", () => {
    const still = [...closed, at(105, runs("i-2", old, 300)), ...upgraded.slice(closed.length)];
    expect(check(...still, ...done.slice(upgraded.length))).toEqual([
      "runs a task of moodle-5.2 on a schema on its way from moodle-5.2",
      "runs a task of moodle-5.2 on a schema of moodle-5.3",
    ]);
    expect(check(...fleet, at(50, runs("i-2", next, 60)))).toEqual([
      "runs a task of moodle-5.3 on a schema of moodle-5.2",
    ]);
  });

  it("an upgrade that is done with the site closed, or while a node has something else", () => {
    expect(check(...switched, at(220, wrote("done")))).toEqual([
      "an upgrade is done, and the site is closed",
      "the site is still closed when all has been quiet",
    ]);
    expect(check(...done.slice(0, -1), at(222, serves("i-3", "moodle-5.3+other")), at(223, wrote("done")))).toEqual([
      "an upgrade to moodle-5.3 is done, and i-3 serves with moodle-5.3+other",
    ]);
  });

  it("one that returns when the schema has moved", () => {
    expect(check(...upgraded, at(210, wrote("returned")))).toContain(
      "an upgrade returned after the schema had moved: for returned",
    );
  });

  it("one that is stuck though nothing is wrong with its release", () => {
    const again = { kind: "upgrade", phase: "stuck", why: "a person is needed" } as const;
    expect(check(...closed, at(150, wrote("stuck")), at(160, again))).toEqual([
      "an upgrade without fault is stuck: for stuck",
      "the site is still closed when all has been quiet",
    ]);
  });

  it.each(["preflight", "closing", "upgrading", "switching", "opening", "returning"])(
    "one that is still %s in the end",
    (phase) => {
      expect(check(...fleet, at(10, wrote(phase)))).toEqual([
        `an upgrade is still ${phase} when all has been quiet: for ${phase}`,
      ]);
    },
  );

  it("a site that nobody opens", () => {
    expect(check(...closed, at(120, wrote("returned")))).toEqual(["the site is still closed when all has been quiet"]);
  });
});
