import { describe, expect, it } from "vitest";
import { incidents } from "../../src/checkers/incidents.ts";
import type { FactDetail } from "../../src/facts/fact.ts";
import { at, quietRun, verdict } from "./story.ts";

const check = (...facts: Parameters<typeof verdict>[1]) =>
  verdict(incidents(quietRun), facts).map(({ detail }) => detail);
const breaks = (up = false): FactDetail => ({ kind: "shared", part: "cache", up });
const incident = (is: "opened" | "closed"): FactDetail => ({ kind: "incident", part: "cache", is });

describe("incidents pass", () => {
  it("that open when a part breaks, and close when it is well, as often as it does", () => {
    const once = (from: number) => [
      at(from, breaks()),
      at(from + 60, incident("opened")),
      at(from + 240, breaks(true)),
      at(from + 420, incident("closed")),
    ];
    expect(check(...once(0), ...once(1_000))).toEqual([]);
  });

  it("that open after a short outage, of which a node tells late", () => {
    expect(
      check(at(0, breaks()), at(30, breaks(true)), at(200, incident("opened")), at(400, incident("closed"))),
    ).toEqual([]);
  });

  it("that close just when the part breaks again", () => {
    const first = [at(0, breaks()), at(60, incident("opened")), at(240, breaks(true))];
    expect(
      check(
        ...first,
        at(400, breaks()),
        at(410, incident("closed")),
        at(430, incident("opened")),
        at(500, breaks(true)),
        at(700, incident("closed")),
      ),
    ).toEqual([]);
  });

  it("that stay open while an upgrade waits for a person", () => {
    const stuck = { kind: "upgrade", phase: "stuck", why: "a plugin" } as const;
    expect(check(at(0, breaks()), at(60, incident("opened")), at(90, breaks(true)), at(99, stuck))).toEqual([]);
  });
});

describe("incidents are caught", () => {
  it.each([
    ["that open twice", [at(0, breaks()), at(60, incident("opened")), at(61, incident("opened"))], /a second incident/],
    ["of what was never in trouble", [at(60, incident("opened"))], /cache, which is well/],
    [
      "of what has long been well again",
      [at(0, breaks()), at(60, breaks(true)), at(700, incident("opened"))],
      /cache, which is well/,
    ],
    ["that close without one", [at(0, breaks()), at(60, incident("closed"))], /none was open/],
    [
      "that close while the part is down",
      [at(0, breaks()), at(60, incident("opened")), at(200, incident("closed"))],
      /which is still down/,
    ],
    [
      "that nobody closes",
      [at(0, breaks()), at(60, incident("opened")), at(90, breaks(true))],
      /still open when all has been quiet/,
    ],
  ])("%s", (_, facts, detail) => {
    expect(check(...facts)).toEqual(expect.arrayContaining([expect.stringMatching(detail)]));
  });
});
