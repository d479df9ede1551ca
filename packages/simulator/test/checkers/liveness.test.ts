import { describe, expect, it } from "vitest";
import { liveness } from "../../src/checkers/liveness.ts";
import { at, final, other, quietRun, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) =>
  verdict(liveness(quietRun), facts).map(({ detail }) => detail);

describe("all is well in the end", () => {
  it("when every node is in service, ready and proven, and as many as desired", () => {
    expect(check(at(0, final([{}, {}, {}])))).toEqual([]);
  });

  it("when others are gone, in the warm pool or in standby", () => {
    const states = ["Terminated", "Detached", "Standby", "Warmed:Stopped"];
    expect(check(at(0, final([{}, ...states.map((state) => ({ state, ready: false }))], 1)))).toEqual([]);
  });
});

it("nothing is asked of a fleet whose upgrade waits for a person, until one is done", () => {
  const wrote = (phase: string) => at(0, { kind: "upgrade", phase, why: phase });
  const waiting = at(9, final([{ state: "Pending:Wait" }]));
  expect(check(wrote("stuck"), waiting)).toEqual([]);
  expect(check(wrote("stuck"), wrote("preflight"), wrote("returned"), waiting)).toEqual([]);
  expect(check(wrote("stuck"), wrote("preflight"), wrote("done"), waiting)).toHaveLength(2);
});

describe("all is not well in the end", () => {
  it.each([
    ["a node that still waits at a hook", { state: "Pending:Wait" }, 2, /still Pending:Wait/],
    ["a node that still leaves", { state: "Terminating:Wait" }, 2, /still Terminating:Wait/],
    ["a node that Auto Scaling keeps", { state: "Terminating:Retained" }, 2, /Retained/],
    ["a node that proved nothing", { proven: undefined }, 3, /proven to be nothing/],
    ["a node that proved something else", { proven: other }, 3, /moodle-5.1 with bbbb; assigned is moodle-5.2/],
    ["a node whose files somebody changed", { drifted: true }, 3, /files that are not those of its configuration/],
    ["a node that is proven and yet not ready", { ready: false }, 3, /does not answer 200/],
  ])("with %s", (_, node, desired, detail) => {
    expect(check(at(0, final([{}, {}, node], desired)))).toEqual([expect.stringMatching(detail)]);
  });

  it("with too few nodes, or too many", () => {
    expect(check(at(0, final([{}, {}], 3)))).toEqual(["2 in service when all has been quiet, desired are 3"]);
    expect(check(at(0, final([{}, {}], 1)))).toHaveLength(1);
  });

  it("when nobody looked", () => {
    expect(check()).toEqual(["nobody looked at the fleet when the run was over"]);
  });
});
