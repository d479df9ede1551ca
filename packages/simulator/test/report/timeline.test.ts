import { describe, expect, it } from "vitest";
import { type Lane, lanesThatFit, timelineOf } from "../../src/report/timeline.ts";
import { drain, type Facts, factsFrom, launch, lifecycle, phase, recordOf, violation } from "./plausible-run.ts";

function laneOf(tell: (facts: Facts) => void): Lane["segments"] {
  const facts = factsFrom();
  tell(facts);
  return timelineOf(recordOf(facts.list)).lanes[0]?.segments ?? [];
}

const stagesOf = (segments: Lane["segments"]) => segments.map(({ stage, from, to }) => [stage, from, to]);

describe("the lane of a node", () => {
  it("goes through a launch and a drain", () => {
    const segments = laneOf((facts) => {
      launch(facts, "i-1", 100, [40, 60, 5, 15]);
      drain(facts, "i-1", 1_000, 45);
    });
    expect(stagesOf(segments)).toEqual([
      ["starting", 100, 140],
      ["bootstrapping", 140, 200],
      ["verifying", 200, 220],
      ["in service", 220, 1_000],
      ["leaving", 1_000, 1_047],
    ]);
    expect(segments[1]?.why).toBe("the agent is online");
  });

  it("shows a node that died until it is gone", () => {
    const segments = laneOf((facts) => {
      facts.add(0, lifecycle("i-1", "InService"));
      facts.add(50, { kind: "power-off", node: "i-1", requestsCut: 0, tasksCut: 0, announced: false });
      facts.add(90, lifecycle("i-1", "Terminated"));
    });
    expect(stagesOf(segments)).toEqual([
      ["in service", 0, 50],
      ["lost", 50, 90],
    ]);
  });

  it("calls no end a loss that somebody had announced, taken or given up", () => {
    const off = { kind: "power-off", node: "i-1", requestsCut: 0, tasksCut: 0, announced: false } as const;
    const spot = laneOf((facts) => facts.add(0, lifecycle("i-1", "InService"), { ...off, announced: true }));
    const scaledIn = laneOf((facts) => {
      facts.add(0, lifecycle("i-1", "InService"));
      facts.add(10, { kind: "leaving", node: "i-1", cause: "scale-in" });
      facts.add(20, off);
    });
    const pooled = laneOf((facts) => {
      facts.add(0, lifecycle("i-1", "Warmed:Pending"));
      facts.add(20, off, lifecycle("i-1", "Warmed:Stopped"));
    });
    expect(stagesOf(spot)).toEqual([]);
    expect(stagesOf(scaledIn)).toEqual([["in service", 0, 20]]);
    expect(stagesOf(pooled)).toEqual([["aside", 0, 3_600]]);
  });

  it("shows a node that serves before it is proven as what Warden does with it", () => {
    const segments = laneOf((facts) => {
      facts.add(0, lifecycle("i-1", "InService"), phase("i-1", "bootstrapping", "attached"));
      facts.add(60, phase("i-1", "in-service", "verified"));
    });
    expect(stagesOf(segments)).toEqual([
      ["bootstrapping", 0, 60],
      ["in service", 60, 3_600],
    ]);
  });

  it("shows an unknown state as one that is only watched", () => {
    expect(stagesOf(laneOf((facts) => facts.add(0, lifecycle("i-1", "Quarantined"))))).toEqual([["aside", 0, 3_600]]);
  });
});

describe("a timeline", () => {
  it("has bands for what was down, to the end where it never came back", () => {
    const facts = factsFrom();
    facts.add(10, { kind: "shared", part: "database", up: false });
    facts.add(20, { kind: "switch", stopped: true });
    facts.add(30, { kind: "shared", part: "database", up: true });
    expect(timelineOf(recordOf(facts.list)).outages).toEqual([
      { what: "database down", from: 10, to: 30 },
      { what: "Warden stopped", from: 20, to: 3_600 },
    ]);
  });

  it("keeps the lanes that violations name when not all fit", () => {
    const facts = factsFrom();
    for (const node of ["i-1", "i-2", "i-3"]) facts.add(0, lifecycle(node, "InService"));
    const timeline = timelineOf(recordOf(facts.list, { violations: [{ ...violation, node: "i-3" }] }));
    expect(lanesThatFit(timeline, 2).map(({ node }) => node)).toEqual(["i-1", "i-3"]);
  });
});
