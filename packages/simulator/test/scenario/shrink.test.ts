import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtinScenario } from "../../src/scenario/builtin.ts";
import { readScenario } from "../../src/scenario/read.ts";
import type { Scenario } from "../../src/scenario/schema.ts";
import { smaller } from "../../src/scenario/shrink.ts";
import { writeScenario } from "../../src/scenario/write.ts";
import { scenarios } from "./arbitrary.ts";

/** The greedy way, as its user goes it. */
function shrunk(scenario: Scenario, shows: (candidate: Scenario) => boolean): { scenario: Scenario; tries: number } {
  let tries = 0;
  for (let current = scenario; ; ) {
    let next: Scenario | undefined;
    for (const candidate of smaller(current)) {
      tries += 1;
      if (tries > 10_000) throw new Error("shrinking does not end");
      if (shows(candidate)) {
        next = candidate;
        break;
      }
    }
    if (next === undefined) return { scenario: current, tries };
    current = next;
  }
}

describe("a smaller scenario", () => {
  it("always makes sense, and differs", () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        for (const candidate of smaller(scenario)) {
          expect(readScenario(writeScenario(candidate))).toMatchObject({ ok: true });
          expect(candidate).not.toEqual(scenario);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("leads to an end, whatever the violation", () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { scenario: least } = shrunk(scenario, () => true);
        expect(least.timeline).toEqual([]);
        expect(least.expect).toEqual([]);
        expect(least.events).toMatchObject({ lose: 0, duplicate: 0, reorder: false });
        expect(least.fleet.max).toBeLessThanOrEqual(2);
      }),
      { numRuns: 20 },
    );
  });

  it("leaves what it takes to show the violation, in a few hundred tries", () => {
    const whole = builtinScenario("enrolment-morning");
    if (whole === undefined) throw new Error("no such scenario");
    const { scenario, tries } = shrunk(
      whole,
      ({ timeline, events }) => events.lose > 0 && timeline.some((moment) => "spot" in moment),
    );
    expect(scenario.timeline).toEqual([expect.objectContaining({ spot: { nodes: 1 } })]);
    expect(
      writeScenario(scenario)
        .split("\n")
        .filter((line) => line !== "").length,
    ).toBeLessThanOrEqual(10);
    expect(tries).toBeLessThan(300);
  });
});
