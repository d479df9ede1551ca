import { describe, expect, it } from "vitest";
import { type Criteria, judge, type TreatMissingData } from "../../src/services/cloudwatch/evaluation.ts";

const base: Criteria = {
  comparison: "GreaterThanThreshold",
  threshold: 50,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  treatMissingData: "missing",
};

/** `0` is fine, `X` breaches, `-` is missing; oldest first, as the guide writes them. */
const datapoints = (text: string): (number | undefined)[] =>
  text
    .split(" ")
    .map((mark) => (mark === "-" ? undefined : mark === "X" ? 99 : 1))
    .reverse();

const treatments: readonly TreatMissingData[] = ["missing", "ignore", "breaching", "notBreaching"];

const verdicts = (text: string, datapointsToAlarm: number): string[] =>
  treatments.map((treatMissingData) => judge(datapoints(text), { ...base, datapointsToAlarm, treatMissingData }));

describe("missing data, with three of three datapoints to alarm (CloudWatch guide, table of the evaluation)", () => {
  it.each([
    ["0 - X - X", ["OK", "OK", "OK", "OK"]],
    ["- - - - 0", ["OK", "OK", "OK", "OK"]],
    ["- - - - -", ["INSUFFICIENT_DATA", "retain", "ALARM", "OK"]],
    ["0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["- - X - -", ["ALARM", "retain", "ALARM", "OK"]],
  ])("%s: missing, ignore, breaching, notBreaching → %j", (text, expected) => {
    expect(verdicts(text, 3)).toEqual(expected);
  });
});

describe("missing data, with two of three datapoints to alarm (same guide, second table)", () => {
  it.each([
    ["0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 - X - -", ["OK", "OK", "ALARM", "OK"]],
    ["- - - - 0", ["OK", "OK", "ALARM", "OK"]],
    ["- - - X -", ["ALARM", "retain", "ALARM", "OK"]],
  ])("%s: missing, ignore, breaching, notBreaching → %j", (text, expected) => {
    expect(verdicts(text, 2)).toEqual(expected);
  });
});

describe("comparison", () => {
  it.each([
    ["GreaterThanOrEqualToThreshold", 50, "ALARM"],
    ["GreaterThanThreshold", 50, "OK"],
    ["LessThanThreshold", 50, "OK"],
    ["LessThanOrEqualToThreshold", 50, "ALARM"],
    ["LessThanThreshold", 49, "ALARM"],
  ] as const)("%s of %d with a threshold of 50 is %s", (comparison, value, verdict) => {
    expect(judge([value], { ...base, comparison, evaluationPeriods: 1, datapointsToAlarm: 1 })).toBe(verdict);
  });
});
