import { seededRandom } from "@warden/aws-local";
import { versionsOf } from "@warden/simulator";
import { describe, expect, it } from "vitest";
import { madeRelease } from "../../src/simulate/releases.ts";
import { writtenIn } from "../../src/simulate/written.ts";

describe("a release of a scenario", () => {
  const random = seededRandom(1);
  const made = (kind: Parameters<typeof madeRelease>[0]) => madeRelease(kind, "moodle-local-9", random);

  it.each([
    ["same", "moodle-local-9", /\+fix-/],
    ["upgrade", "moodle-local-10", /\+closed-/],
    ["upgrade-open", "moodle-local-10", /\+open-/],
    ["broken", "moodle-local-10", /\+broken-/],
    ["unparsable", "moodle-local-10", /\+unparsable-/],
  ] as const)("of the kind %s has the versions %s and says in its name what it is", (kind, versions, mark) => {
    const { release, is, digest } = made(kind);
    expect(versionsOf(release)).toBe(versions);
    expect({ is, release }).toEqual({ is: kind, release: expect.stringMatching(mark) });
    // As the documents' parameters have to be.
    expect(release).toMatch(/^[A-Za-z0-9._+-]{1,128}$/);
    expect(digest).toMatch(/^[a-f0-9]{64}$/);
  });

  it("is another one each time, and of any kind when the seed may say", () => {
    const some = Array.from({ length: 60 }, () => made("any"));
    expect(new Set(some.map(({ release }) => release)).size).toBe(60);
    expect(new Set(some.map(({ is }) => is)).size).toBe(5);
  });
});

it("what Warden writes down of an upgrade is read from the row for the outbox", () => {
  const row = (fields: Record<string, string>) => ({
    Put: { Item: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { S: value }])) },
  });
  const entry = { kind: "upgrade", key: "moodle/upgrade", phase: "closing", why: "2 tasks still run" };
  const TransactItems = [row({ pk: "ledger", ...entry }), row({ pk: "outbox", ...entry })];
  expect(writtenIn({ TransactItems })).toEqual([{ kind: "upgrade", phase: "closing", why: "2 tasks still run" }]);
});
