import * as sdk from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import { createIam } from "../../src/services/iam/iam.ts";
import { ask, surroundings } from "../eventbridge/ask.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const grant = (Action: unknown, Resource: unknown = "*", Condition: object = {}) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource, Condition }] });

async function world(...documents: string[]) {
  const around = surroundings();
  const { service, ...rest } = createIam(around);
  const iam = ask(sdk, service);
  await iam.CreateRole({ RoleName: "lane", AssumeRolePolicyDocument: trust });
  for (const [index, PolicyDocument] of documents.entries())
    await iam.PutRolePolicy({ RoleName: "lane", PolicyName: `p${index}`, PolicyDocument });
  const may = (action: string, resources: string[], context = {}) =>
    rest.authorizer.authorize({ roleName: "lane", sessionName: "reconcile", action, resources, context });
  return { ...around, ...rest, iam, may };
}

const instance = "arn:aws:ec2:eu-west-1:123456789012:instance/i-1";
const document = "arn:aws:ssm:eu-west-1:123456789012:document/Warden-Bootstrap";

describe("the authorizer", () => {
  it("says who may not do what on which resource, as AWS does", async () => {
    const { may } = await world(grant("ssm:SendCommand", document));
    expect(() => may("ssm:SendCommand", [document, instance])).toThrow(
      new AwsError(
        "AccessDenied",
        `User: arn:aws:sts::123456789012:assumed-role/lane/reconcile is not authorized to perform: ssm:SendCommand on resource: ${instance} because no identity-based policy allows the ssm:SendCommand action`,
        403,
      ),
    );
  });

  it("wants every resource allowed, by whichever policy", async () => {
    const { may } = await world(grant("ssm:SendCommand", document), grant("ssm:SendCommand", instance));
    expect(() => may("ssm:SendCommand", [document, instance])).not.toThrow();
  });

  it("names an explicit deny", async () => {
    const deny = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Deny", Action: "s3:*", Resource: "*" },
    });
    const { may } = await world(grant("*"), deny);
    expect(() => may("s3:GetObject", ["arn:aws:s3:::b/k"])).toThrow(
      "with an explicit deny in an identity-based policy",
    );
  });

  it("denies a resource-scoped grant on an action that only takes *", async () => {
    const { may } = await world(grant("autoscaling:DescribeAutoScalingGroups", "arn:aws:autoscaling:*:*:*"));
    expect(() => may("autoscaling:DescribeAutoScalingGroups", ["*"])).toThrow(
      "is not authorized to perform: autoscaling:DescribeAutoScalingGroups because no identity-based policy allows",
    );
  });

  it("knows the region, the time and the role's own tags as condition keys", async () => {
    const condition = {
      StringEquals: { "aws:RequestedRegion": "eu-west-1", "aws:PrincipalTag/site": "moodle" },
      DateLessThan: { "aws:CurrentTime": "2026-01-05T13:00:00Z" },
    };
    const { may, iam, clock } = await world(grant("s3:*", "*", condition));
    expect(() => may("s3:ListAllMyBuckets", ["*"])).toThrow();
    await iam.TagRole({ RoleName: "lane", Tags: [{ Key: "site", Value: "moodle" }] });
    expect(() => may("s3:ListAllMyBuckets", ["*"])).not.toThrow();
    await clock.advance(3_600_000);
    expect(() => may("s3:ListAllMyBuckets", ["*"])).toThrow();
  });

  it("counts attached managed policies, until they are detached", async () => {
    const { may, iam } = await world();
    const { Policy } = await iam.CreatePolicy({ PolicyName: "read", PolicyDocument: grant("s3:GetObject") });
    const PolicyArn = Policy?.Arn ?? "";
    await iam.AttachRolePolicy({ RoleName: "lane", PolicyArn });
    expect(() => may("s3:GetObject", ["arn:aws:s3:::b/k"])).not.toThrow();
    await iam.DetachRolePolicy({ RoleName: "lane", PolicyArn });
    expect(() => may("s3:GetObject", ["arn:aws:s3:::b/k"])).toThrow();
  });

  it("knows the policy of AWS that lets a node's agent talk to Systems Manager", async () => {
    const { may, iam } = await world();
    const PolicyArn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    await iam.AttachRolePolicy({ RoleName: "lane", PolicyArn });
    expect(() => may("ssm:GetParameters", ["arn:aws:ssm:eu-west-1:123456789012:parameter/x"])).not.toThrow();
    expect(() => may("ssm:SendCommand", ["*"])).toThrow();
    await expect(iam.DeletePolicy({ PolicyArn })).rejects.toThrow("belongs to AWS");
  });

  it("does not know a role that is gone", async () => {
    const { may, iam } = await world();
    await iam.DeleteRole({ RoleName: "lane" });
    expect(() => may("s3:GetObject", ["*"])).toThrow("The security token included in the request is invalid.");
  });
});

describe("roles", () => {
  it("are described with their ARN and their trust policy URL-encoded", async () => {
    const { iam } = await world();
    const { Role } = await iam.GetRole({ RoleName: "lane" });
    expect(Role).toMatchObject({ Arn: "arn:aws:iam::123456789012:role/lane", Path: "/" });
    // Without tags there is no list of them (IAM API Reference, GetRole).
    expect(Role).not.toHaveProperty("Tags");
    expect(Role?.RoleId).toMatch(/^AROA[0-9A-F]{17}$/);
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
    expect(Role?.AssumeRolePolicyDocument).toMatch(/^%7B%22/);
  });

  it("are refused twice, deleted only without policies, and then unknown", async () => {
    const { iam } = await world(grant("*"));
    await expect(iam.CreateRole({ RoleName: "lane", AssumeRolePolicyDocument: trust })).rejects.toBeInstanceOf(
      sdk.EntityAlreadyExistsException,
    );
    await expect(iam.DeleteRole({ RoleName: "lane" })).rejects.toBeInstanceOf(sdk.DeleteConflictException);
    expect((await iam.ListRolePolicies({ RoleName: "lane" })).PolicyNames).toEqual(["p0"]);
    await iam.DeleteRolePolicy({ RoleName: "lane", PolicyName: "p0" });
    await iam.DeleteRole({ RoleName: "lane" });
    await expect(iam.GetRole({ RoleName: "lane" })).rejects.toThrow("The role with name lane cannot be found.");
  });

  it("refuse a policy that cannot be read", async () => {
    const { iam } = await world();
    await expect(iam.PutRolePolicy({ RoleName: "lane", PolicyName: "p", PolicyDocument: "{" })).rejects.toBeInstanceOf(
      sdk.MalformedPolicyDocumentException,
    );
  });

  it("are trusted to whom their trust policy names", async () => {
    const { iam, trusts } = await world();
    expect(trusts("lane", { type: "Service", value: "lambda.amazonaws.com" })).toBe(true);
    expect(trusts("lane", { type: "Service", value: "ec2.amazonaws.com" })).toBe(false);
    const account = trust.replace('{"Service":"lambda.amazonaws.com"}', '{"AWS":"arn:aws:iam::123456789012:root"}');
    await iam.UpdateAssumeRolePolicy({ RoleName: "lane", PolicyDocument: account });
    expect(trusts("lane", { type: "AWS", value: "arn:aws:iam::123456789012:role/other" })).toBe(true);
    expect(trusts("lane", { type: "AWS", value: "arn:aws:iam::210987654321:role/other" })).toBe(false);
    expect(trusts("lane", { type: "Service", value: "lambda.amazonaws.com" })).toBe(false);
  });

  it("reach an instance through one instance profile each", async () => {
    const { iam, roleOfInstanceProfile } = await world();
    const names = { InstanceProfileName: "node", RoleName: "lane" };
    await iam.CreateInstanceProfile({ InstanceProfileName: "node" });
    expect(roleOfInstanceProfile("node")).toBeUndefined();
    await iam.AddRoleToInstanceProfile(names);
    expect(roleOfInstanceProfile("arn:aws:iam::123456789012:instance-profile/node")).toBe("lane");
    await expect(iam.AddRoleToInstanceProfile(names)).rejects.toBeInstanceOf(sdk.LimitExceededException);
    await expect(iam.DeleteRole({ RoleName: "lane" })).rejects.toBeInstanceOf(sdk.DeleteConflictException);
    await iam.RemoveRoleFromInstanceProfile(names);
    await iam.DeleteInstanceProfile({ InstanceProfileName: "node" });
    await expect(iam.GetInstanceProfile({ InstanceProfileName: "node" })).rejects.toBeInstanceOf(
      sdk.NoSuchEntityException,
    );
  });
});

describe("simulation", () => {
  it("answers for each action and resource, with the decision and the keys that are missing", async () => {
    const { iam } = await world(grant("s3:GetObject", "arn:aws:s3:::b/*", { Bool: { "aws:SecureTransport": "true" } }));
    const { EvaluationResults } = await iam.SimulatePrincipalPolicy({
      PolicySourceArn: "arn:aws:iam::123456789012:role/lane",
      ActionNames: ["s3:GetObject", "s3:PutObject"],
      ResourceArns: ["arn:aws:s3:::b/k"],
    });
    expect(EvaluationResults).toMatchObject([
      { EvalActionName: "s3:GetObject", EvalDecision: "implicitDeny", MissingContextValues: ["aws:SecureTransport"] },
      { EvalActionName: "s3:PutObject", EvalDecision: "implicitDeny", MissingContextValues: [] },
    ]);
  });

  it("takes policies and context from the caller", async () => {
    const { iam } = await world();
    const { EvaluationResults } = await iam.SimulateCustomPolicy({
      PolicyInputList: [grant("s3:*", "*", { StringEquals: { "s3:prefix": "a/" } }), grant("s3:GetObject")],
      ActionNames: ["s3:ListBucket"],
      ContextEntries: [{ ContextKeyName: "s3:prefix", ContextKeyValues: ["a/"], ContextKeyType: "string" }],
    });
    expect(EvaluationResults).toMatchObject([
      { EvalDecision: "allowed", MatchedStatements: [{ SourcePolicyId: "PolicyInputList.1" }] },
    ]);
  });
});

describe("resource policies", () => {
  const queue = "arn:aws:sqs:eu-west-1:123456789012:lane";
  const rule = "arn:aws:events:eu-west-1:123456789012:rule/launch";
  const policy = (Condition: object) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queue,
          Condition,
        },
      ],
    });
  const request = (sourceArn = rule, service = "events.amazonaws.com", action = "sqs:SendMessage") => ({
    principal: { service, sourceArn },
    action,
    resource: queue,
  });

  it("let a service in for the rule they name, and nobody else", async () => {
    const { allows } = (await world()).resourcePolicies;
    const forRule = policy({ ArnEquals: { "aws:SourceArn": rule } });
    expect(allows(forRule, request())).toBe(true);
    expect(allows(forRule, request(`${rule}-other`))).toBe(false);
    expect(allows(forRule, request(rule, "sns.amazonaws.com"))).toBe(false);
    expect(allows(forRule, request(rule, "events.amazonaws.com", "sqs:DeleteMessage"))).toBe(false);
    expect(allows(forRule, { ...request(), resource: `${queue}2` })).toBe(false);
    expect(allows(policy({ ArnLike: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } }), request())).toBe(true);
    expect(allows(policy({ StringEquals: { "aws:SourceAccount": "210987654321" } }), request())).toBe(false);
  });

  it("let nobody in where there is none", async () => {
    const { allows } = (await world()).resourcePolicies;
    expect(allows(undefined, request())).toBe(false);
  });

  it("take the principal * for everyone", async () => {
    const { allows } = (await world()).resourcePolicies;
    const everyone = policy({}).replace('{"Service":"events.amazonaws.com"}', '"*"');
    expect(allows(everyone, request())).toBe(true);
  });
});
