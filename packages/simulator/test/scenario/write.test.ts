import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readScenario } from "../../src/scenario/read.ts";
import { writeScenario } from "../../src/scenario/write.ts";
import { scenarios } from "./arbitrary.ts";

describe("a scenario that was written", () => {
  it("reads back as the same", () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        expect(readScenario(writeScenario(scenario))).toEqual({ ok: true, value: scenario });
      }),
    );
  });

  it("says only what differs from the defaults", () => {
    const text = [
      "name: small",
      "for: 90m",
      "fleet: { desired: 3 }",
      "api: { throttle: 2.5%, stale: 1s..5s }",
      "timeline:",
      "  - { at: 1m, break: { what: database, for: 8m } }",
      "  - { at: 2h10m, spot: { nodes: 1 } }",
      "expect:",
      "  - { max: timeToService.p99, value: 4m }",
      "",
    ]
      .join("\n")
      .replace("for: 90m", "for: 3h");
    const read = readScenario(text);
    expect(read.ok && writeScenario(read.value)).toBe(text);
  });

  it("has no section at all when all is as usual", () => {
    const read = readScenario("name: quiet\nfor: 1h");
    expect(read.ok && writeScenario(read.value)).toBe("name: quiet\nfor: 1h\n");
  });
});
