import { describe, expect, it } from "vitest";
import { rule06 } from "../../src/checkers/rule-06.ts";
import type { FactDetail } from "../../src/facts/fact.ts";
import { answered, at, began, fleetOf, part, phase, powerOff, quietRun, taken, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) => verdict(rule06(quietRun), facts).map(({ node }) => node);

const five = fleetOf(5);
const down = at(100, part("database", false));
const up = at(500, part("database", true));
const launch = at(50, began("i-6", "launch"));
const leaving = (cause: string): FactDetail => ({
  kind: "leaving",
  node: "i-1",
  cause: `At 8:00 an instance was taken out of service in response to ${cause}.`,
});

describe("rule 6 lets pass", () => {
  it("what is done before, and what is done after", () => {
    expect(check(at(90, taken("i-1", five)), down, up, at(510, taken("i-2", five)))).toEqual([]);
  });

  it("what is done before anybody can know", () => {
    expect(check(down, at(110, taken("i-1", five)))).toEqual([]);
  });

  it("the end of what was begun before", () => {
    expect(check(at(90, taken("i-1", five)), down, at(200, taken("i-1", five, { how: "terminate" })))).toEqual([]);
    expect(check(launch, at(90, phase("i-6", "refused")), down, at(150, answered("i-6", "launch", "ABANDON")))).toEqual(
      [],
    );
  });

  it("what AWS announced, what an operator ordered, and what is broken by itself", () => {
    const notice: FactDetail = { kind: "notice", node: "i-2", notice: "rebalance" };
    const order: FactDetail = { kind: "order", node: "i-3", verb: "replace" };
    const facts = [at(150, notice), at(150, order), at(150, powerOff("i-4", { died: true }))];
    const takes = ["i-2", "i-3", "i-4"].map((node) => at(200, taken(node, five)));
    expect(check(launch, down, ...facts, ...takes, at(200, taken("i-1", five, { announced: true })))).toEqual([]);
    expect(check(launch, down, at(200, taken("i-5", five, { ownFault: true })))).toEqual([]);
    expect(check(launch, down, at(200, answered("i-6", "launch", "ABANDON", { ownFault: true })))).toEqual([]);
  });

  it("CONTINUE, and an answer to a termination", () => {
    expect(check(launch, down, at(200, answered("i-6", "launch", "CONTINUE")))).toEqual([]);
    expect(check(at(50, began("i-1", "terminate")), down, at(200, answered("i-1", "terminate", "ABANDON")))).toEqual(
      [],
    );
  });

  it("scaling in, a user's request, and the replacement of a machine that is dead", () => {
    const causes = [
      "a difference between desired and actual capacity, shrinking the capacity from 5 to 4",
      "a user request",
      "an EC2 health check indicating it has been terminated or stopped",
    ];
    expect(check(down, ...causes.map((cause) => at(200, leaving(cause))))).toEqual([]);
  });
});

describe("rule 6 catches, while a shared part is down,", () => {
  it("a launch that is abandoned, by Warden or by the node", () => {
    for (const by of ["warden", "node"] as const)
      expect(check(launch, down, at(200, answered("i-6", "launch", "ABANDON", { by })))).toEqual(["i-6"]);
  });

  it("a node that is drained, once", () => {
    const both = [at(200, taken("i-1", five)), at(260, taken("i-1", five, { how: "terminate" }))];
    expect(check(down, ...both)).toEqual(["i-1"]);
  });

  it("what was decided then and done after", () => {
    expect(
      check(launch, down, at(480, phase("i-6", "refused")), up, at(520, answered("i-6", "launch", "ABANDON"))),
    ).toEqual(["i-6"]);
  });

  it("Auto Scaling's replacement for what the load balancer sees", () => {
    expect(check(down, at(200, leaving("an ELB system health check failure")))).toEqual(["i-1"]);
  });

  it("any part, and the second one of two", () => {
    const second = [at(120, part("files", false)), at(130, part("database", true))];
    expect(check(down, ...second, at(200, taken("i-1", five)))).toEqual(["i-1"]);
  });
});
