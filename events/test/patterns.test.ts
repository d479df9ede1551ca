/** A rule brings what its parser reads, and nothing else: rules and parsers cannot drift apart. */
import { describe, expect, it } from "vitest";
import { eventPattern } from "../../packages/aws-local/src/services/eventbridge/pattern.ts";
import { type Rule, rules } from "../catalogue.ts";
import { parse } from "../parse.ts";
import { type EventPattern, patternFor } from "../pattern.ts";
import { changed, samples } from "./samples.ts";

const fromAws = samples.filter(({ body }) => String(JSON.parse(body).source).startsWith("aws."));
const matches = (pattern: EventPattern, body: string): boolean =>
  eventPattern(JSON.stringify(pattern)).matches(JSON.parse(body));

describe("the rules", () => {
  it.each(fromAws)("bring $name to its own parser and to no other, if there is anything to do", ({ kind, body }) => {
    const parsed = parse(body);
    const matching = rules.filter(({ pattern }) => matches(pattern, body)).map(({ name }) => name);
    expect(matching).toEqual(parsed.kind === "event" ? [kind] : []);
  });

  it("each have a sample that they match", () => {
    for (const { name, pattern } of rules)
      expect(fromAws.some(({ kind, body }) => kind === name && matches(pattern, body))).toBe(true);
  });

  it("do not fetch what is sent straight to a queue", () => {
    const direct = samples.filter((candidate) => !fromAws.includes(candidate));
    expect(direct.length).toBeGreaterThan(0);
    for (const { body } of direct) expect(rules.filter(({ pattern }) => matches(pattern, body))).toEqual([]);
  });

  it("have names of their own", () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });

  it("send lifecycle actions and spot interruptions to the urgent lane, the rest to the normal one", () => {
    expect(rules.filter(({ lane }) => lane === "urgent").map(({ name }) => name)).toEqual([
      "launch-lifecycle-action",
      "terminate-lifecycle-action",
      "spot-interruption",
    ]);
  });

  it("are no more than 20 and fit 2,048 characters each (EventBridge quotas)", () => {
    expect(rules.length).toBeLessThanOrEqual(20);
    for (const { pattern } of rules) expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2_048);
  });
});

describe("a pattern for some groups", () => {
  const groups = ["moodle", "moodle-two"];

  it("matches events of these groups only", () => {
    const pattern = patternFor(rule("launch-lifecycle-action"), { groups });
    expect(matches(pattern, changed("launch-lifecycle-action", {}, { AutoScalingGroupName: "moodle-two" }))).toBe(true);
    expect(matches(pattern, changed("launch-lifecycle-action", {}, { AutoScalingGroupName: "other" }))).toBe(false);
  });

  it.each(["spot-interruption", "instance-state-change", "command-invocation", "health-scheduled-change"])(
    "stays as it is for %s, which names no group",
    (name) => {
      expect(patternFor(rule(name), { groups })).toBe(rule(name).pattern);
    },
  );

  it("stays as it is when no groups are given", () => {
    expect(patternFor(rule("launch-lifecycle-action"), {})).toBe(rule("launch-lifecycle-action").pattern);
  });

  it("does not change the pattern that it narrows", () => {
    const before = JSON.stringify(rules);
    patternFor(rule("launch-lifecycle-action"), { groups });
    expect(JSON.stringify(rules)).toBe(before);
  });

  it("refuses more groups than 2,048 characters hold, and says what to do", () => {
    const many = Array.from({ length: 100 }, (_, index) => `moodle-of-the-faculty-number-${index}`);
    expect(() => patternFor(rule("instance-refresh"), { groups: many })).toThrow(/EventBridge allows 2048: make one/);
  });

  it("refuses an empty list, which would match nothing", () => {
    expect(() => patternFor(rule("instance-refresh"), { groups: [] })).toThrow(RangeError);
  });

  it("refuses what cannot be the name of a group", () => {
    expect(() => patternFor(rule("instance-refresh"), { groups: ["arn:aws:x"] })).toThrow(/not the name/);
  });
});

function rule(name: string): Rule {
  const found = rules.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no rule ${name}`);
  return found;
}
