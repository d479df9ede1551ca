import { describe, expect, it } from "vitest";
import { type Context, evaluate } from "../../src/services/iam/evaluate.ts";
import { readPolicy } from "../../src/services/iam/policy.ts";

const policy = (...statements: object[]) =>
  readPolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "test");

function decision(statements: object[], action: string, resource = "*", context: Context = {}): string {
  return evaluate([policy(...statements)], { action, resource, context }).decision;
}

const allow = (Action: unknown, Resource: unknown = "*", Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

/** A policy variable, as it stands in a document. */
const variable = (inside: string): string => `$\{${inside}}`;

const group = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1b2c:autoScalingGroupName/moodle";

describe("the evaluation (IAM guide, Policy evaluation logic)", () => {
  it("denies what nothing allows", () => {
    expect(decision([allow("s3:GetObject")], "s3:PutObject")).toBe("implicitDeny");
  });

  it("lets an explicit deny win, in whatever policy it stands", () => {
    const allowing = policy(allow("*"));
    const denying = policy({ Effect: "Deny", Action: "s3:*", Resource: "*" });
    for (const policies of [
      [allowing, denying],
      [denying, allowing],
    ])
      expect(evaluate(policies, { action: "s3:GetObject", resource: "*", context: {} }).decision).toBe("explicitDeny");
  });

  it.each([
    ["ssm:SendCommand", "ssm:SendCommand", true],
    ["SSM:sendcommand", "ssm:SendCommand", true],
    ["ssm:Send*", "ssm:SendCommand", true],
    ["ssm:Get?arameter", "ssm:GetParameter", true],
    ["*", "ssm:SendCommand", true],
    ["ssm:*", "ec2:RunInstances", false],
    ["ssm:Send", "ssm:SendCommand", false],
    [["ec2:*", "ssm:*"], "ssm:SendCommand", true],
  ])("compares actions without regard to case: %s, %s", (granted, action, allowed) => {
    expect(decision([allow(granted)], action)).toBe(allowed ? "allowed" : "implicitDeny");
  });

  it("turns NotAction and NotResource around", () => {
    expect(decision([{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }], "s3:GetObject")).toBe("allowed");
    expect(decision([{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }], "iam:GetRole")).toBe("implicitDeny");
    const others = [{ Effect: "Allow", Action: "s3:*", NotResource: "arn:aws:s3:::secret/*" }];
    expect(decision(others, "s3:GetObject", "arn:aws:s3:::open/x")).toBe("allowed");
    expect(decision(others, "s3:GetObject", "arn:aws:s3:::secret/x")).toBe("implicitDeny");
  });

  it.each([
    [group, group, true],
    [group.replace("1b2c", "*"), group, true],
    ["arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/moodle", group, true],
    ["arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/other", group, false],
    ["arn:aws:autoscaling:*:moodle", group, false],
    ["arn:aws:sqs:*:123456789012:q", "arn:aws:sqs:eu-west-1:123456789012:q", true],
    ["arn:aws:sqs:eu-*:123456789012:q", "arn:aws:sqs:us-east-1:123456789012:q", false],
    ["arn:aws:sqs:*:q", "arn:aws:sqs:eu-west-1:123456789012:q", true],
    ["arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", true],
    ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/a", false],
  ])("compares ARNs part by part: %s covers %s: %s", (granted, resource, allowed) => {
    const expected = allowed ? "allowed" : "implicitDeny";
    expect(decision([allow("*", granted)], "x:Y", resource)).toBe(expected);
  });

  it("never lets an ARN cover an action that takes no resource", () => {
    expect(decision([allow("autoscaling:Describe*", group)], "autoscaling:DescribeAutoScalingGroups", "*")).toBe(
      "implicitDeny",
    );
  });

  it("replaces policy variables, and matches nothing where one has no value", () => {
    const home = [allow("s3:*", `arn:aws:s3:::home/${variable("aws:PrincipalTag/site")}/*`)];
    const context = { "aws:PrincipalTag/site": "moodle" };
    expect(decision(home, "s3:GetObject", "arn:aws:s3:::home/moodle/x", context)).toBe("allowed");
    expect(decision(home, "s3:GetObject", "arn:aws:s3:::home/other/x", context)).toBe("implicitDeny");
    expect(decision(home, "s3:GetObject", "arn:aws:s3:::home//x")).toBe("implicitDeny");
    const otherwise = [allow("s3:*", `arn:aws:s3:::home/${variable("aws:PrincipalTag/site, 'none'")}/*`)];
    expect(decision(otherwise, "s3:GetObject", "arn:aws:s3:::home/none/x")).toBe("allowed");
    expect(decision([allow("s3:*", `arn:aws:s3:::a${variable("*")}b`)], "s3:X", "arn:aws:s3:::a*b")).toBe("allowed");
    expect(decision([allow("s3:*", `arn:aws:s3:::a${variable("*")}b`)], "s3:X", "arn:aws:s3:::axb")).toBe(
      "implicitDeny",
    );
  });

  it("never reads a variable's value as a wildcard", () => {
    const home = [allow("s3:*", `arn:aws:s3:::home/${variable("aws:PrincipalTag/site")}/*`)];
    expect(decision(home, "s3:X", "arn:aws:s3:::home/other/x", { "aws:PrincipalTag/site": "*" })).toBe("implicitDeny");
  });
});

describe("conditions (IAM guide, Condition operators)", () => {
  it.each<[string, string | string[], Context[string] | undefined, boolean]>([
    ["StringEquals", "a", "a", true],
    ["StringEquals", "a", "A", false],
    ["StringEquals", ["a", "b"], "b", true],
    ["StringEquals", "a*", "ab", false],
    ["StringEquals", "a", undefined, false],
    ["StringNotEquals", "a", "b", true],
    ["StringNotEquals", ["a", "b"], "b", false],
    ["StringNotEquals", "a", undefined, true],
    ["StringEqualsIgnoreCase", "a", "A", true],
    ["StringNotEqualsIgnoreCase", "a", "A", false],
    ["StringLike", "a*c?", "abcd", true],
    ["StringLike", "a*c?", "abc", false],
    ["StringNotLike", "a*", "b", true],
    ["StringEqualsIfExists", "a", undefined, true],
    ["StringEqualsIfExists", "a", "b", false],
    ["ArnEquals", "arn:aws:sns:*:123456789012:t", "arn:aws:sns:eu-west-1:123456789012:t", true],
    ["ArnLike", "arn:aws:events:eu-west-1:123456789012:rule/*", "arn:aws:events:eu-west-1:123456789012:rule/a/b", true],
    ["ArnLike", "arn:aws:events:*:rule/x", "arn:aws:sqs:eu-west-1:123456789012:rule/x", false],
    ["ArnNotLike", "arn:aws:sns:*:*:t", "arn:aws:sns:eu-west-1:123456789012:u", true],
    ["Bool", "true", "true", true],
    ["Bool", "true", "false", false],
    ["NumericLessThanEquals", "10", "10", true],
    ["NumericLessThan", "10", "10", false],
    ["NumericGreaterThan", "9", "10", true],
    ["NumericNotEquals", "10", "10.0", false],
    ["NumericEquals", "10", "x", false],
    ["DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", true],
    ["DateLessThan", "2026-01-01T00:00:00Z", "1767225599", true],
    ["IpAddress", "10.0.0.0/8", "10.1.2.3", true],
    ["IpAddress", "10.0.0.0/8", "11.1.2.3", false],
    ["NotIpAddress", ["10.0.0.0/8", "192.168.0.1"], "11.1.2.3", true],
    ["Null", "true", undefined, true],
    ["Null", "true", "x", false],
    ["Null", "false", "x", true],
    ["ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], true],
    ["ForAnyValue:StringEquals", ["a"], ["c"], false],
    ["ForAnyValue:StringEquals", ["a"], undefined, false],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], true],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
    ["ForAllValues:StringEquals", ["a"], undefined, true],
    ["ForAllValues:StringNotEquals", ["a"], ["b", "a"], false],
    ["ForAnyValue:StringNotEquals", ["a"], ["b", "a"], true],
    ["ForAnyValue:StringNotEquals", ["a"], undefined, false],
    ["ForAnyValue:StringLike", ["si*"], ["x", "site"], true],
  ])("%s %j given %j: %s", (operator, wanted, given, allowed) => {
    const statements = [allow("*", "*", { [operator]: { "aws:Key": wanted } })];
    const context = given === undefined ? {} : { "AWS:key": given };
    expect(decision(statements, "x:Y", "*", context)).toBe(allowed ? "allowed" : "implicitDeny");
  });

  it("wants all keys of all operators", () => {
    const both = [allow("*", "*", { StringEquals: { a: "1", b: "2" }, Bool: { c: "true" } })];
    expect(decision(both, "x:Y", "*", { a: "1", b: "2", c: "true" })).toBe("allowed");
    expect(decision(both, "x:Y", "*", { a: "1", b: "2" })).toBe("implicitDeny");
    expect(decision(both, "x:Y", "*", { a: "1", c: "true" })).toBe("implicitDeny");
  });

  it("tells which keys the request lacked", () => {
    const statement = allow("*", "*", { StringEquals: { "ssm:resourceTag/site": "moodle" } });
    const { missingContext } = evaluate([policy(statement)], { action: "x:Y", resource: "*", context: {} });
    expect(missingContext).toEqual(["ssm:resourceTag/site"]);
  });
});

describe("documents that IAM refuses", () => {
  it.each([
    ["{", "This policy contains invalid Json"],
    ["{}", "Syntax errors in policy."],
    ['{"Statement":[{"Effect":"Maybe","Action":"*"}]}', "Policy statement must contain Effect."],
    ['{"Statement":[{"Effect":"Allow","Resource":"*"}]}', "Policy statement must contain actions."],
    [
      '{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"Like":{"a":"b"}}}]}',
      "Invalid Condition type : Like.",
    ],
  ])("%s", (text, message) => {
    expect(() => readPolicy(text, "test")).toThrow(message);
  });
});
