/** The small pure parts of the loop: wake-ups, news, changes, and what a node's last line means. */

import type { Step } from "@warden/fleet";
import { documentNamed } from "@warden/moodle";
import { describe, expect, it } from "vitest";
import { standing } from "../../fleet/src/command.ts";
import * as fleet from "../../fleet/test/builder.ts";
import { changeOf } from "../src/change.ts";
import { documentOf, interpret } from "../src/interpret.ts";
import { isNews, ledgerEntry } from "../src/ledger.ts";
import type { Place } from "../src/locate.ts";
import { nextWake } from "../src/wake-up.ts";
import { i, keyOf, site, start } from "./fakes.ts";

const key = keyOf(i(1));
const place = (more: Partial<Place> = {}): Place => ({
  ...{ name: fleet.name, site, hints: [], hops: 0, wake: undefined, told: false, demanded: false },
  ...more,
});

describe("the next wake-up", () => {
  const soon = start + 5000;

  it("is sent for what is due before the next sweep, in whole seconds", () => {
    expect(nextWake(key, place(), start + 4200, true, 3, start)).toEqual({
      key,
      hops: 1,
      version: 3,
      delay: 5000,
      alone: false,
    });
    expect(nextWake(key, place(), start - 99, true, 3, start)?.delay).toBe(1000);
  });

  it("is left to the sweep from a minute on, and when nothing is due", () => {
    expect(nextWake(key, place(), start + 60_000, true, 1, start)).toBeUndefined();
    expect(nextWake(key, place(), undefined, true, 1, start)).toBeUndefined();
  });

  it("ends a chain after ten, well before Lambda does after 16", () => {
    expect(nextWake(key, place({ hops: 9 }), soon, true, 1, start)?.hops).toBe(10);
    expect(nextWake(key, place({ hops: 10 }), soon, true, 1, start)).toBeUndefined();
  });

  it("goes on for one chain a node: the newest", () => {
    expect(nextWake(key, place({ wake: { version: 7 } }), soon, false, 7, start)).toBeDefined();
    expect(nextWake(key, place({ wake: { version: 6 } }), soon, false, 7, start)).toBeUndefined();
    expect(nextWake(key, place(), soon, false, 7, start)).toBeUndefined();
  });
});

describe("news", () => {
  const decided = fleet.decided(fleet.serving(), fleet.seen("InService"));
  const stored = { record: fleet.serving(), version: 1, dueAt: undefined, why: decided.why };

  it("is a record that is new or changed, or another reason", () => {
    expect(isNews(undefined, decided)).toBe(true);
    expect(isNews({ ...stored, why: "else" }, decided)).toBe(true);
    expect(isNews({ ...stored, record: fleet.serving({ failures: 1 }) }, decided)).toBe(true);
  });

  it("is not what comes back from the table without its undefined members, nor mere waiting", () => {
    expect(isNews({ ...stored, record: JSON.parse(JSON.stringify(decided.record)) }, decided)).toBe(false);
    expect(isNews({ ...stored, why: "else" }, { ...decided, stillWaiting: true })).toBe(false);
  });
});

describe("what a decision writes", () => {
  const change = (before: Parameters<typeof fleet.decided>[0], observation: ReturnType<typeof fleet.seen>) => {
    const decision = fleet.decided(before, observation);
    const stored = before && { record: before, version: 4, dueAt: undefined, why: "" };
    const entry = ledgerEntry(key, before, decision, observation, { now: start, id: "x" });
    return changeOf(key, stored, decision, observation, fleet.policy, entry);
  };
  const blamed = fleet.serving({ failures: 2 });
  const waiting = fleet.record(
    { name: "waiting-for-agent", launch: fleet.launch() },
    { episode: fleet.launchEpisode() },
  );
  const idle = { agent: "offline" } as const;

  it("begins to beat with an open action, half a time-out in", () => {
    const { beat, version } = change(undefined, fleet.seen("Pending:Wait", idle));
    expect(version).toBe(0);
    expect(beat).toMatchObject({
      nextAt: fleet.noon + 300_000,
      until: fleet.noon + 60_000_000,
      action: { token: undefined },
    });
  });

  it("leaves the beat as it is until the token is known or the answer decided", () => {
    expect(change(waiting, fleet.seen("Pending:Wait", idle)).beat).toBeUndefined();
    const hints = [fleet.lifecycleHint("launching", "t1")];
    expect(change(waiting, fleet.seen("Pending:Wait", { ...idle, hints })).beat).toMatchObject({
      action: { token: "t1" },
    });
    const command = fleet.verdict("ok");
    const verifying = {
      ...waiting,
      phase: { name: "verifying", launch: fleet.launch(), command: fleet.command("verify") },
    } as const;
    expect(change(verifying, fleet.seen("Pending:Wait", { command })).beat).toBe("none");
    expect(change({ ...waiting, missingSince: 0 }, fleet.seen("absent")).beat).toBe("none");
  });

  it("claims a slot only while the budget, less what is missing, has one", () => {
    const ten = fleet.group({ desired: 10, inService: 9 });
    expect(change(blamed, fleet.seen("InService", { group: ten })).slot).toEqual({ claim: true, limit: 1 });
  });

  it("claims no more slots than the floor leaves, whoever else decides at this moment", () => {
    const nearFloor = fleet.group({ desired: 20, inService: 20, min: 18, slots: [i(9)], slotsInService: 1 });
    expect(change(blamed, fleet.seen("InService", { group: nearFloor })).slot).toEqual({ claim: true, limit: 2 });
  });

  it("returns the slot with the end of the node", () => {
    const gone = fleet.record({ name: "released" }, { slot: true, missingSince: 0 });
    expect(change(gone, fleet.seen("absent")).slot).toEqual({ claim: false });
  });

  it("counts the group's unhealthy nodes by what changed", () => {
    const verifying = fleet.serving({ command: fleet.command("verify") });
    const bad = fleet.seen("InService", { command: fleet.verdict("node-bad") });
    expect(change(verifying, bad).health).toBe("unhealthy");
    const well = fleet.serving({ failures: 1, command: fleet.command("verify") });
    expect(change(well, fleet.seen("InService", { command: fleet.verdict("ok") })).health).toBe("healthy");
    expect(change(verifying, fleet.seen("InService", { command: fleet.verdict("ok") })).health).toBeUndefined();
    expect(change(fleet.serving({ failures: 1 }), fleet.seen("Terminating")).health).toBe("healthy");
  });

  it("tells the breaker of a success only when there were failures", () => {
    const verifying = {
      ...waiting,
      phase: { name: "verifying", launch: fleet.launch(), command: fleet.command("verify") },
    } as const;
    const ok = { command: fleet.verdict("ok") };
    expect(change(verifying, fleet.seen("Pending:Wait", ok)).launchOutcome).toBeUndefined();
    const failing = fleet.group({ failedLaunches: 2 });
    expect(change(verifying, fleet.seen("Pending:Wait", { ...ok, group: failing })).launchOutcome).toBe("succeeded");
  });

  it("ends the post-mortem with the node that was kept", () => {
    const group = fleet.group({ kept: fleet.node });
    const held = fleet.record(
      { name: "on-hold", launch: fleet.launch(), reason: "r", recheckAt: 0 },
      { missingSince: 0, episode: fleet.launchEpisode() },
    );
    expect(change(held, fleet.seen("absent", { group })).keptEnds).toBe(true);
    expect(change(held, fleet.seen("Pending:Wait", { group })).keptEnds).toBe(false);
  });
});

describe("the last line of a document", () => {
  const ended = (output: string, detail = "Success") => ({ status: "ended", detail, output }) as const;
  const lines: readonly (readonly [Step, object, object])[] = [
    ["bootstrap", { v: 1, ok: true, release: "5.2", digest: "d" }, { ok: true, release: "5.2" }],
    [
      "bootstrap",
      { v: 1, ok: false, step: "mount", part: "files", message: "no" },
      { ok: false, sharedPart: "files", message: "mount: no" },
    ],
    ["drain", { v: 1, draining: true }, {}],
    ["drain-status", { v: 1, reading: 0, writing: 1, active: 0, tasks: [] }, { idle: true }],
    [
      "drain-status",
      { v: 1, reading: 1, writing: 2, active: 3, tasks: ["a"] },
      { idle: false, tasks: ["a"], busyWith: "2 requests, 3 PHP workers, tasks a" },
    ],
    ["evidence", { v: 1, summary: "s" }, { summary: "s" }],
  ];

  it.each(lines)("of %s is believed: %j", (step, line, answer) => {
    const output = `noise\n${JSON.stringify(line)}\n`;
    expect(interpret(step, ended(output))).toMatchObject({ status: "answered", answer: { step, ...answer } });
  });

  it("of a verification names the probes that failed", () => {
    const probes = [
      { name: "page", ok: false, message: "500" },
      { name: "mount", ok: true },
      { name: "disk", ok: false },
    ];
    const line = JSON.stringify({ v: 1, verdict: "node-bad", release: "5.2", digest: "d", probes });
    expect(interpret("verify", ended(line))).toMatchObject({
      answer: { verdict: "node-bad", message: "page (500), disk" },
    });
  });

  it.each([
    ["dependency-bad", ["files", "site", "page"], ["files"]],
    ["dependency-bad", ["files", "mount"], ["files"]],
    ["dependency-bad", ["files", "database"], ["database", "files"]],
    ["dependency-bad", ["files", "maintenance"], ["files", "maintenance"]],
    ["node-bad", ["secrets", "database"], []],
    ["ok", [], []],
  ])(
    "of a verification that is %s for %j says what of all that nodes share it blames: %j",
    (verdict, wrong, blames) => {
      const probes = wrong.map((name) => ({ name, ok: false }));
      const line = JSON.stringify({ v: 1, verdict, release: "5.2", digest: "d", probes });
      expect(interpret("verify", ended(line))).toMatchObject({ answer: { blames } });
    },
  );

  it.each([
    ["node-bad", ["digest"], true],
    ["node-bad", ["digest", "page"], true],
    ["node-bad", ["digest", "clock"], false],
    ["node-bad", ["digest", "site"], false],
    ["node-bad", ["secrets", "page"], true],
    ["node-bad", ["secrets", "database", "site", "page"], true],
    ["node-bad", ["secrets", "digest", "sessions", "page"], true],
    ["node-bad", ["secrets", "disk"], false],
    ["node-bad", ["page"], false],
    // Another part than the one whose secret is outdated.
    ["dependency-bad", ["secrets", "database"], false],
    ["ok", [], false],
  ])("of a verification that is %s for %j says whether a push heals it: %s", (verdict, wrong, drifted) => {
    const probes = [{ name: "mount", ok: true }, ...wrong.map((name) => ({ name, ok: false, message: "wrong" }))];
    const line = JSON.stringify({ v: 1, verdict, release: "5.2", digest: "d", probes });
    expect(interpret("verify", ended(line))).toMatchObject({ answer: { verdict, drifted } });
  });

  it("is found above what was written to stderr", () => {
    const output = `{"v":1,"draining":true}\n----------ERROR-------\nPHP Warning {"v":1}\n`;
    expect(interpret("drain", ended(output)).status).toBe("answered");
  });

  it.each([
    ["nothing", ""],
    ["garbage", "done!"],
    ["half a line", '{"v":1,"draining":tr'],
    ["the line of another document", '{"v":1,"summary":"s"}'],
    ["a newer version", '{"v":2,"draining":true}'],
    ["a line that is not the last", '{"v":1,"draining":true}\nbye'],
  ])("is not guessed from %s", (_, output) => {
    expect(interpret("drain", ended(output))).toMatchObject({
      status: "silent",
      detail: expect.stringContaining("no line"),
    });
    expect(interpret("drain", ended(output, "Delivery Timed Out"))).toEqual({
      status: "silent",
      detail: "Delivery Timed Out",
    });
  });

  it("is not looked for while the command runs", () => {
    expect(interpret("verify", { status: "under-way" })).toEqual({ status: "under-way" });
  });
});

describe("the patience of the loop", () => {
  const steps = Object.keys(documentOf) as Step[];

  it.each(steps)("outlasts what %s may run on a node", (step) => {
    const runs = documentNamed(documentOf[step]).executionTimeout * 1000;
    const command = { step, batch: "b-1", intendedAt: start };
    const last = start + fleet.policy.commandDelivery + runs - 1;
    expect(standing(command, { status: "under-way" }, fleet.policy, last).is).toBe("waiting");
  });
});
