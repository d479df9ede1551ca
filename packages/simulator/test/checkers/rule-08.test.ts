import { describe, expect, it } from "vitest";
import { rule08 } from "../../src/checkers/rule-08.ts";
import { at, downBetween, fleetOf, moved, phase, powerOff, quietRun, taken, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) => verdict(rule08(quietRun), facts).map(({ detail }) => detail);

const begins = [at(100, phase("i-1", "leaving")), at(100, taken("i-1", fleetOf(3)))];
const proceeds = (seconds: number) => at(seconds, moved("i-1", "Terminating:Proceed"));

describe("rule 8 lets pass", () => {
  it("an end that cuts nothing", () => {
    expect(check(...begins, proceeds(200), at(201, powerOff("i-1")))).toEqual([]);
  });

  it("requests cut when the drain budget is used up, or when AWS announced its own end", () => {
    expect(check(...begins, proceeds(1_001), at(1_002, powerOff("i-1", { requestsCut: 1 })))).toEqual([]);
    expect(check(...begins, proceeds(200), at(201, powerOff("i-1", { requestsCut: 1, announced: true })))).toEqual([]);
  });

  it("a machine that dies, in the middle of a drain too", () => {
    const cut = { requestsCut: 9, tasksCut: 1 };
    expect(check(at(0, powerOff("i-1", cut)))).toEqual([]);
    expect(check(...begins, at(150, moved("i-1", "Terminating:Wait")), at(160, powerOff("i-1", cut)))).toEqual([]);
    expect(check(...begins, proceeds(200), at(201, powerOff("i-1", { ...cut, died: true })))).toEqual([]);
  });

  it("tasks that were listed when the budget was used up", () => {
    const listed = at(1_000, phase("i-1", "released", "leaves: drained, abandoning core\\task\\backup_task"));
    expect(check(...begins, listed, proceeds(1_001), at(1_002, powerOff("i-1", { tasksCut: 1 })))).toEqual([]);
  });

  it("tasks of a node that could not be asked, when that was written down", () => {
    const listed = at(190, phase("i-1", "released", "leaves: drained, abandoning whatever it runs"));
    const end = at(201, powerOff("i-1", { tasksCut: 1, silent: true }));
    expect(check(...begins, listed, proceeds(200), end)).toEqual([]);
  });

  it("tasks that nobody could wait for, as Warden was down", () => {
    const run = { ...quietRun, wardenIsDown: downBetween(100, 200) };
    const facts = [...begins, proceeds(400), at(401, powerOff("i-1", { tasksCut: 1 }))];
    expect(verdict(rule08(run), facts)).toEqual([]);
  });
});

describe("rule 8 catches", () => {
  it("requests cut though there was time, whoever began", () => {
    expect(check(...begins, proceeds(200), at(201, powerOff("i-1", { requestsCut: 2 })))).toEqual([
      "2 requests were cut 101 s after its drain began, of 900 s",
    ]);
    const byAutoScaling = [at(100, moved("i-1", "Terminating")), proceeds(200)];
    expect(check(...byAutoScaling, at(201, powerOff("i-1", { requestsCut: 2 })))).toHaveLength(1);
  });

  it("a drain that waits for the load balancer and then does not wait for the host", () => {
    const facts = [at(0, moved("i-1", "Terminating")), at(890, phase("i-1", "leaving")), proceeds(920)];
    expect(check(...facts, at(921, powerOff("i-1", { requestsCut: 1 })))).toHaveLength(1);
  });

  it("tasks cut though there was time, listed or not", () => {
    const listed = at(190, phase("i-1", "released", "abandoning core\\task\\backup_task"));
    expect(check(...begins, listed, proceeds(200), at(201, powerOff("i-1", { tasksCut: 1 })))).toHaveLength(1);
  });

  it("tasks of a node that could not be asked, when nobody wrote that down", () => {
    expect(check(...begins, proceeds(200), at(201, powerOff("i-1", { tasksCut: 1, silent: true })))).toEqual([
      "1 tasks were cut and listed nowhere",
    ]);
  });

  it("tasks that were listed nowhere when the budget was used up", () => {
    expect(check(...begins, proceeds(1_001), at(1_002, powerOff("i-1", { tasksCut: 1 })))).toEqual([
      "1 tasks were cut and listed nowhere",
    ]);
  });
});
