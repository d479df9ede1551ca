import { describe, expect, it } from "vitest";
import { rule10 } from "../../src/checkers/rule-10.ts";
import type { FactDetail } from "../../src/facts/fact.ts";
import { at, downBetween, fleetOf, moved, phase, powerOff, quietRun, ran, verdict } from "./story.ts";

type Told = { readonly at: number } & FactDetail;
const told = (facts: readonly Told[], run = quietRun) =>
  verdict(
    rule10(run),
    [...facts].sort((a, b) => a.at - b.at),
  );
const check = (...facts: readonly Told[]) => told(facts).map(({ detail }) => detail);

const before = "0001d";
const candidate = "c0de";
const ten = fleetOf(10);
const fleet = [at(0, { kind: "capacity", desired: 10 }), ...ten.map((node) => at(0, moved(node, "InService")))];

const rollout = (
  stage: Extract<FactDetail, { kind: "rollout" }>["phase"],
  members: readonly string[] = [],
  id = "r1",
): FactDetail => ({
  ...{
    kind: "rollout",
    id,
    phase: stage,
    candidate,
    lastGood: before,
    release: "5.2",
    members,
    why: stage,
    because: undefined,
  },
});
const has = (node: string, event: "put" | "good" | "bad", digest = candidate): FactDetail => ({
  ...{ kind: "configuration", node, event, digest },
});
const pushed = (is: "good" | "bad"): FactDetail => ({ kind: "push", digest: candidate, is });

/** The canary proves it: given at 101 s, verified at once and after the soak. */
const canary = [
  ...fleet,
  at(100, rollout("rolling")),
  at(100, pushed("good")),
  at(100, rollout("rolling", ["i-1"])),
  at(101, has("i-1", "put")),
  at(104, has("i-1", "good")),
  at(135, has("i-1", "good")),
];
const two = [
  at(136, rollout("rolling", ["i-1", "i-2", "i-3"])),
  at(137, has("i-2", "put")),
  at(138, has("i-3", "put")),
];
const over = at(400, rollout("returned"));
/** The canary finds it bad at 104 s and is back by itself; Warden knows at 106. */
const refused = [
  ...fleet,
  at(100, rollout("rolling", ["i-1"])),
  at(101, has("i-1", "put")),
  at(104, has("i-1", "bad")),
  at(105, has("i-1", "put", before)),
  at(106, rollout("returning", ["i-1"])),
];

/** Launched with what was the last good then, and is when the rollout takes everybody back to it. */
const laggard = [at(50, moved("i-11", "Pending:Wait")), at(55, has("i-11", "put")), ...fleet];
const joined = [at(70, moved("i-11", "InService"))];
const back = [
  at(100, rollout("rolling", ["i-11", "i-1", "i-2"])),
  at(101, has("i-1", "put")),
  at(102, has("i-2", "put")),
];

describe("rule 10 lets pass", () => {
  it("one node, then waves within the budget, then everybody at once", () => {
    const proofs = ["i-2", "i-3"].map((node) => at(170, has(node, "good")));
    const wave = ["i-4", "i-5"].map((node) => at(180, has(node, "put")));
    const end = [at(250, rollout("concluding")), at(251, rollout("done"))];
    const late = [at(252, moved("i-11", "Pending:Wait")), at(260, has("i-11", "put")), at(261, has("i-6", "put"))];
    expect(check(...canary, ...two, ...proofs, ...wave, ...end, ...late)).toEqual([]);
  });

  it("a bad one that one node had for a moment", () => {
    expect(check(...refused, at(107, rollout("returned")))).toEqual([]);
  });

  it("a second canary when the first one left, died, or could not be told", () => {
    const first = [...fleet, at(100, rollout("rolling", ["i-1"])), at(101, has("i-1", "put"))];
    const second = at(200, has("i-2", "put"));
    expect(check(...first, at(150, phase("i-1", "leaving")), second, over)).toEqual([]);
    expect(check(...first, at(150, powerOff("i-1")), second, over)).toEqual([]);
    const silent = phase("i-1", "in-service", "in service; it could not be given configuration c0de: TimedOut");
    expect(check(...first, at(150, silent), second, over)).toEqual([]);
  });

  it("a second node after one that left before anybody heard that it refused", () => {
    const gone = [...refused.slice(0, -1), at(106, phase("i-1", "leaving")), at(140, has("i-2", "put")), over];
    expect(check(...gone)).toEqual([]);
  });

  it("a command that was under way when another node refused, and a way back over a function that died", () => {
    const mate = [...canary, ...two, at(140, has("i-2", "bad")), at(141, has("i-2", "put", before))];
    expect(check(...mate, over)).toEqual([]);
    const sweeps = [0, 1, 2, 3, 4, 5].map((minute) => at(150 + 60 * minute, ran("sweep", "ended")));
    const died = at(150, ran("reconcile-normal", "began"));
    const back = ["i-1", "i-3"].map((node) => at(480, has(node, "put", before)));
    expect(check(...mate, ...sweeps, died, ...back, at(500, rollout("returned")))).toEqual([]);
  });

  it("what stays as it is while Warden is stopped or down, or no agent answers", () => {
    const late = at(2_000, has("i-1", "put", before));
    const stuck = [...canary, at(140, rollout("returning", ["i-1"]))];
    const end = at(2_001, rollout("returned"));
    const stops = (stopped: boolean): FactDetail => ({ kind: "switch", stopped });
    expect(check(...stuck, at(141, stops(true)), at(1_900, stops(false)), late, end)).toEqual([]);
    const agents = (silent: boolean): FactDetail => ({ kind: "agents", silent });
    expect(check(...stuck, at(141, agents(true)), at(1_900, agents(false)), late, end)).toEqual([]);
    const down = { ...quietRun, wardenIsDown: downBetween(141, 1_900) };
    expect(told([...stuck, at(1_899, ran("sweep", "crashed")), late, end], down)).toEqual([]);
  });

  it("a launching node with what was the last good when it began", () => {
    const first = { ...rollout("concluding"), id: "r0", candidate: "newer", lastGood: candidate } as const;
    const launch = [at(50, moved("i-11", "Pending:Wait")), at(110, has("i-11", "put"))];
    expect(check(...fleet, at(60, first), ...launch, at(100, rollout("rolling")), over)).toEqual([]);
  });

  it("a node that had it before the rollout began, to which a late bootstrap writes it once more", () => {
    const again = [at(90, has("i-4", "put")), at(139, has("i-4", "put"))];
    expect(check(...canary, ...two, ...again, over)).toEqual([]);
  });

  it("two nodes at once where a third has served well with it since before: what it lags behind with is taken back to", () => {
    expect(check(...laggard, at(60, has("i-11", "good")), ...joined, ...back, over)).toEqual([]);
    expect(check(...laggard, ...joined, at(95, has("i-11", "good")), ...back, over)).toEqual([]);
  });

  it("a rollout that waits in the end because Warden is stopped", () => {
    expect(check(...canary, at(140, { kind: "switch", stopped: true }))).toEqual([]);
  });
});

describe("rule 10 catches", () => {
  it("a second node before the canary is proven", () => {
    const facts = [...fleet, at(100, rollout("rolling", ["i-1", "i-2"])), at(101, has("i-1", "put"))];
    expect(check(...facts, at(102, has("i-2", "put")), over)).toEqual(["given c0de while nobody but i-1 has tried it"]);
    const soon = [at(104, has("i-1", "good")), at(120, has("i-1", "good")), at(121, has("i-2", "put"))];
    expect(check(...facts, ...soon, over)).toEqual(["given c0de while nobody but i-1 has tried it"]);
  });

  it("two nodes at once where the one that had it before was not found well with it, or has it no more", () => {
    const story = ["given c0de while nobody but i-1 has tried it"];
    expect(check(...laggard, ...joined, ...back, over)).toEqual(story);
    expect(check(...laggard, ...joined, at(72, has("i-11", "good")), ...back, over)).toEqual(story);
    const well = [...laggard, at(60, has("i-11", "good")), ...joined];
    expect(check(...well, at(90, has("i-11", "bad")), ...back, over)).toEqual(story);
    expect(check(...well, at(90, has("i-11", "put", before)), ...back, over)).toEqual(story);
    expect(check(...well, at(90, powerOff("i-11")), ...back, over)).toEqual(story);
  });

  it("a wave beyond the budget", () => {
    const other = [at(90, has("i-4", "put", before)), at(139, has("i-4", "put"))];
    expect(check(...canary, ...two, ...other, over)).toHaveLength(1);
    expect(check(...canary, ...two, at(139, has("i-4", "put")), over)).toEqual([
      "3 nodes have c0de and have not proven it, the budget is 2",
    ]);
  });

  it("a node that is asked after another one refused", () => {
    expect(check(...refused, at(108, has("i-2", "put")), at(110, rollout("returned")))).toEqual([
      "newly asked, and given it 4 s after: i-1 was bad with it",
    ]);
    const mate = [...canary, ...two.slice(0, 2), at(140, has("i-2", "bad")), at(141, has("i-2", "put", before))];
    const back = at(142, has("i-1", "put", before));
    expect(check(...mate, back, at(330, has("i-3", "put")), over)).toEqual([
      "still given it 190 s after: i-2 was bad with it",
    ]);
  });

  it("a node that is not brought back", () => {
    const sweeps = [0, 1, 2, 3, 4, 5].map((minute) => at(150 + 60 * minute, ran("sweep", "ended")));
    const facts = [...canary, at(140, rollout("returning", ["i-1"])), ...sweeps, at(445, rollout("returned", ["i-1"]))];
    expect(check(...facts)).toEqual(["still has c0de 305 s after: returning"]);
  });

  it("a launching node with the candidate", () => {
    const launch = [at(103, moved("i-11", "Pending:Wait")), at(110, has("i-11", "put"))];
    expect(check(...canary, ...launch, over)).toEqual([
      "a launching node is given c0de, which is not the last good yet",
    ]);
    expect(check(...refused, at(107, rollout("returned")), ...launch)).toHaveLength(1);
  });

  it("a bad configuration that becomes the last good", () => {
    expect(check(...canary, at(101, pushed("bad")), at(200, rollout("concluding")), at(201, rollout("done")))).toEqual([
      "a bad configuration became the last good: c0de",
    ]);
  });

  it.each(["rolling", "returning", "concluding"] as const)("a rollout that is still %s in the end", (stage) => {
    expect(check(...canary, at(136, rollout(stage, ["i-1"])))).toEqual([
      `a rollout is still ${stage} when all has been quiet: ${stage}`,
    ]);
  });
});
