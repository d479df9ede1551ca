import { describe, expect, it } from "vitest";
import { testRegion } from "./surroundings.ts";

describe("versions", () => {
  it("counts up with Overwrite, and refuses to overwrite without", async () => {
    const region = testRegion();
    const put = (Value: string, more: object = { Overwrite: true }) =>
      region.call("PutParameter", { Name: "/moodle/release", Type: "String", Value, ...more });
    expect(await put("4.5", {})).toMatchObject({ Version: 1, Tier: "Standard" });
    await expect(put("5.0", {})).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
    expect(await put("5.0")).toMatchObject({ Version: 2 });
    const value = async (Name: string) => (await region.call("GetParameter", { Name })).Parameter?.Value;
    expect(await value("/moodle/release")).toBe("5.0");
    expect(await value("/moodle/release:1")).toBe("4.5");
    expect(await value("arn:aws:ssm:eu-west-1:123456789012:parameter/moodle/release")).toBe("5.0");
    await expect(value("/moodle/release:9")).rejects.toMatchObject({ name: "ParameterVersionNotFound" });
    const history = await region.call("GetParameterHistory", { Name: "/moodle/release" });
    expect(history.Parameters?.map(({ Value }) => Value)).toEqual(["4.5", "5.0"]);
  });

  it("are announced without value and version (aws-semantics 3.4)", async () => {
    const region = testRegion();
    const parameter = { Name: "password", Value: "hunter2", Type: "SecureString", Description: "of the site" } as const;
    await region.call("PutParameter", parameter);
    await region.call("PutParameter", { ...parameter, Value: "hunter3", Overwrite: true });
    await region.call("DeleteParameter", { Name: "password" });
    const detail = { name: "password", type: "SecureString", description: "of the site" };
    expect(region.events).toEqual(
      ["Create", "Update", "Delete"].map((operation) => ({
        source: "aws.ssm",
        detailType: "Parameter Store Change",
        resources: ["arn:aws:ssm:eu-west-1:123456789012:parameter/password"],
        detail: { operation, ...detail },
      })),
    );
  });
});

describe("reading", () => {
  it("shows a SecureString only WithDecryption", async () => {
    const region = testRegion();
    await region.call("PutParameter", { Name: "password", Value: "hunter2", Type: "SecureString" });
    const value = async (WithDecryption: boolean) =>
      (await region.call("GetParameter", { Name: "password", WithDecryption })).Parameter?.Value;
    expect(await value(true)).toBe("hunter2");
    expect(await value(false)).not.toContain("hunter2");
    const plain = await region.call("GetParameterHistory", { Name: "password" });
    expect(JSON.stringify(plain)).not.toContain("hunter2");
  });

  it("lists unknown names apart from the values found", async () => {
    const region = testRegion();
    await region.call("PutParameter", { Name: "one", Value: "1", Type: "String" });
    const answer = await region.call("GetParameters", { Names: ["one", "two"] });
    expect(answer).toMatchObject({ Parameters: [{ Name: "one", Value: "1" }], InvalidParameters: ["two"] });
    await expect(region.call("GetParameter", { Name: "two" })).rejects.toMatchObject({ name: "ParameterNotFound" });
  });

  it("walks a path level by level or recursively, ten a page", async () => {
    const region = testRegion();
    for (let index = 10; index < 22; index += 1)
      await region.call("PutParameter", { Name: `/site/p${index}`, Value: "x", Type: "String" });
    await region.call("PutParameter", { Name: "/site/deep/p", Value: "a,b", Type: "StringList" });
    await region.call("PutParameter", { Name: "/sites/other", Value: "x", Type: "String" });
    const names = (input: object) =>
      region.call("GetParametersByPath", { Path: "/site", ...input }).then(({ Parameters, NextToken }) => ({
        count: Parameters?.length,
        NextToken,
      }));
    const first = await names({});
    expect(first.count).toBe(10);
    expect(await names({ NextToken: first.NextToken })).toEqual({ count: 2, NextToken: undefined });
    expect((await names({ Recursive: true, MaxResults: 50 })).count).toBe(13);
  });

  it("describes parameters without their values, by name, type, path or tag", async () => {
    const region = testRegion();
    await region.call("PutParameter", {
      Name: "/a/one",
      Value: "secret",
      Type: "SecureString",
      Tags: [{ Key: "site", Value: "x" }],
    });
    await region.call("PutParameter", { Name: "/b/two", Value: "plain", Type: "String" });
    const found = async (Key: string, Values: string[], Option = "Equals") => {
      const { Parameters } = await region.call("DescribeParameters", { ParameterFilters: [{ Key, Option, Values }] });
      expect(JSON.stringify(Parameters)).not.toMatch(/secret|plain/);
      return Parameters?.map(({ Name }) => Name);
    };
    expect(await found("Name", ["/a/one"])).toEqual(["/a/one"]);
    expect(await found("Name", ["/b"], "BeginsWith")).toEqual(["/b/two"]);
    expect(await found("Type", ["SecureString"])).toEqual(["/a/one"]);
    expect(await found("Path", ["/b"], "Recursive")).toEqual(["/b/two"]);
    expect(await found("tag:site", ["x"])).toEqual(["/a/one"]);
  });
});

it.each([
  ["no type", { Name: "a", Value: "1" }, "ValidationException"],
  ["a reserved name", { Name: "/aws/mine", Value: "1", Type: "String" }, "ValidationException"],
  ["more than 4 KB", { Name: "a", Value: "x".repeat(4_097), Type: "String" }, "ValidationException"],
  [
    "another pattern",
    { Name: "a", Value: "1", Type: "String", AllowedPattern: "^[a-z]$" },
    "ParameterPatternMismatchException",
  ],
  ["a policy", { Name: "a", Value: "1", Type: "String", Policies: "[]" }, "NotImplemented"],
] as const)("refuses a parameter with %s", async (_, input, name) => {
  const region = testRegion();
  await expect(region.call("PutParameter", input)).rejects.toMatchObject({ name });
  expect(region.events).toEqual([]);
});

it("deletes several at once and forgets their tags", async () => {
  const region = testRegion();
  await region.call("PutParameter", { Name: "a", Value: "1", Type: "String", Tags: [{ Key: "k", Value: "v" }] });
  const answer = await region.call("DeleteParameters", { Names: ["a", "b"] });
  expect(answer).toEqual({ DeletedParameters: ["a"], InvalidParameters: ["b"] });
  const tags = region.call("ListTagsForResource", { ResourceType: "Parameter", ResourceId: "a" });
  await expect(tags).rejects.toMatchObject({ name: "InvalidResourceId" });
});
